"""What contacts would get, as it looks where it arrives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse, Response

from disparo.domain.campaign import Campaign
from disparo.domain.contact import Contact
from disparo.domain.errors import NotFoundError
from disparo.entrypoints.console.shell import POLICY, Console
from disparo.entrypoints.http import compiling
from disparo.ports.renderer import Renderer
from disparo.usecases.previews import Preview

SAMPLES = 8
"""Contacts to choose from above a preview."""

WITH_FRAMES = f"{POLICY}; frame-src 'self'"
"""The policy of a page that shows an e-mail's HTML in a frame."""

_MAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "form-action 'none'; base-uri 'none'"
)
"""Of the frame itself: what somebody wrote as HTML runs nothing, sends nothing and asks nobody for anything."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Previews for one contact, the contacts that one may look at instead, and who sends: the company's name or ""."""

    contact: Contact | None
    samples: Sequence[Contact]
    previews: Sequence[Preview]
    company: str


async def seen(console: Console, campaign: Campaign, contact_id: str, compiler: Renderer | None = None) -> Seen:
    """A campaign for the contact that is asked for, else for the first of its list; none for an empty list."""
    house, company = console.house, console.house.settings.company_name
    samples = await house.store.contacts.page(campaign.list_name, None, SAMPLES)
    contact = next((one for one in samples if one.id == contact_id), None)
    if contact is None and contact_id:
        try:
            contact = await house.store.contacts.get(contact_id)
        except NotFoundError:
            contact = None
    contact = contact or next(iter(samples), None)
    if contact is None:
        return Seen(None, samples, (), company)
    found = await compiling.previewed(house, campaign, [contact], compiler or compiling.Compiled())
    return Seen(contact, samples, found, company)


def framed(response: Response) -> Response:
    """A page that may show frames of our own."""
    response.headers["Content-Security-Policy"] = WITH_FRAMES
    return response


def mail_page(preview: Preview | None) -> Response:
    """The HTML of an e-mail as a document of its own, behind a policy of its own."""
    html = preview.content.html if preview is not None and preview.content is not None else None
    if html is None:
        html = f"<p>{escape(str(preview.error) if preview is not None and preview.error else '')}</p>"
    body = (
        '<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<style>body{margin:16px;font:15px/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff;"
        "overflow-wrap:break-word}img{max-width:100%}</style></head><body>" + html + "</body></html>"
    )
    headers = {
        "Content-Security-Policy": _MAIL_POLICY,
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return HTMLResponse(body, headers=headers)
