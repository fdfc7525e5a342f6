"""Pages from templates, with the headers that keep them to themselves."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from fastapi import Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from disparo.entrypoints.http.booking.subject import safe_url
from disparo.entrypoints.http.booking.times import written
from disparo.entrypoints.http.booking.visit import Visit


def page(
    template: str, visit: Visit, values: Mapping[str, object], status: int = 200, retry_s: int | None = None
) -> Response:
    """A page that shows these values; nobody keeps, indexes or frames it, or learns from it where somebody was."""
    environment, style, headers = _workshop()
    html = environment.get_template(template).render(v=visit, w=visit.words, style=style, **values)
    more = {} if retry_s is None else {"Retry-After": str(retry_s)}
    return Response(html, status, {**headers, **more, "Content-Language": visit.tag}, media_type="text/html")


def see(location: str) -> Response:
    """Look there now, by GET (RFC 9110, 15.4.4): what was posted is not posted again by going back or reloading."""
    return Response(status_code=303, headers={"Location": location, **PRIVATE})


PRIVATE: Mapping[str, str] = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@cache
def _workshop() -> tuple[Environment, str, Mapping[str, str]]:
    environment = Environment(
        loader=PackageLoader(__package__ or ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"written": written, "safe_url": safe_url}
    style = (files(__package__ or "") / "static" / "booking.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return environment, style, {"Content-Security-Policy": policy, **PRIVATE}
