"""Where pages are made: the templates of one language, compiled once, with the functions and filters that they use."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from disparo.domain.principal import Principal, Role
from disparo.entrypoints.console.calendar_grid import week_days
from disparo.entrypoints.console.charts import Charts
from disparo.entrypoints.console.formats import Formats
from disparo.entrypoints.console.icons import icon
from disparo.entrypoints.console.navigation import Entry
from disparo.entrypoints.console.own_path import link
from disparo.entrypoints.console.spelled import phone, region
from disparo.entrypoints.console.states import CHANNELS, ROLES, TONES
from disparo.entrypoints.console.static_files import static_url
from disparo.entrypoints.console.told import Told
from disparo.entrypoints.console.whatsapp_text import whatsapp_text
from disparo.entrypoints.console.words import LANGUAGES, LOCALES, Words, words_of
from disparo.entrypoints.words import words as words_of_code

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class View:
    """Who looks at which page, and how: what the layout and the macros know of a request.

    `address` is where a reader can come back to by a link, without the preferences that it may ask for; `csrf` is
    empty for who has no session.
    """

    path: str
    address: str
    language: str
    theme: str
    principal: Principal | None = None
    csrf: str = field(default="", repr=False)
    told: Told | None = None
    entries: tuple[Entry, ...] = ()
    current: str = ""

    def may(self, role: str) -> bool:
        """Whether whoever looks covers this role."""
        return self.principal is not None and self.principal.role.covers(Role(role))


_VIEW: ContextVar[View] = ContextVar("view")
"""The page that is being made. Macros are imported without their page's values, so that Jinja keeps them."""


_A_MONDAY = date(2024, 1, 1)


def make(environment: Environment, template: str, view: View, values: dict[str, object]) -> str:
    """A page as text."""
    token = _VIEW.set(view)
    try:
        return environment.get_template(template).render(view=view, **values)
    finally:
        _VIEW.reset(token)


def workshop(language: str, zone: str, now: Callable[[], datetime]) -> Environment:
    """The templates of one language; Jinja is imported by the first."""
    from jinja2 import PackageLoader, StrictUndefined

    from disparo.entrypoints.console.page_compiler import PageEnvironment

    environment = PageEnvironment(
        loader=PackageLoader(__package__ or ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    formats = Formats(LOCALES[language], ZoneInfo(zone), now)
    words = words_of(language)
    environment.filters |= formats.filters() | {"code": _in_words(words), "moment": _moment(formats)}
    environment.filters |= {"phone": phone, "region": region, "whatsapp": whatsapp_text}
    environment.globals |= {
        "_": _single(words),
        "ngettext": _plural(words),
        "icon": icon,
        "link": lambda path, **query: link(path, query),
        "here": lambda **query: link(_VIEW.get().address, query),
        "static_url": static_url,
        "may": lambda role: _VIEW.get().may(role),
        "csrf_token": lambda: _VIEW.get().csrf,
        "now": now,
        "formats": formats,
        "charts": Charts(words, formats),
        "week_names": week_days(_A_MONDAY),
        "today": lambda: now().astimezone(formats.zone).date(),
        "zone": zone,
        "languages": LANGUAGES,
        "tones": TONES,
        "role_words": ROLES,
        "channel_words": CHANNELS,
    }
    return environment


def _single(words: Words) -> Callable[..., str]:
    from markupsafe import Markup, escape

    def gettext(text: str, /, **values: object) -> str:
        # What is filled in may be markup of ours; what is filled into never is.
        told = words.gettext(text)
        return Markup(escape(told)) % values if values else told  # noqa: S704  # nosec B704

    return gettext


def _plural(words: Words) -> Callable[..., str]:
    from markupsafe import Markup, escape

    def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
        text = words.plural.get(one, (one, many))[0 if count == 1 else 1]
        return Markup(escape(text)) % {"count": count, **values}  # noqa: S704  # nosec B704

    return ngettext


def _in_words(words: Words) -> Callable[[object], str]:
    def code(value: object) -> str:
        """A stable code of the program, as a state or a reason, in people's words."""
        return words_of_code(str(value), words.gettext)

    return code


def _moment(formats: Formats) -> Callable[[datetime | None], Markup]:
    from markupsafe import Markup, escape

    def moment(at: datetime | None) -> Markup:
        """How long ago or ahead, with the exact instant beside it."""
        if at is None:
            return Markup("–")
        exactly, about = escape(formats.datetime(at, "medium")), escape(formats.relative(at))
        iso = at.isoformat(timespec="seconds")
        return Markup(f'<time datetime="{iso}" title="{exactly}">{about}</time>')  # noqa: S704  # nosec B704

    return moment
