"""Links by which a meeting is added to a calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from disparo.domain.agenda.slot import Slot

_GOOGLE = "https://calendar.google.com/calendar/render"
_OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose"


def ics_link(token: str) -> str:
    """Where the meeting's own file is, from its page; an address that begins with a token might name a scheme."""
    return f"./{quote(token, safe='')}/invite.ics"


def google_url(title: str, slot: Slot, about: Sequence[str], where: str) -> str:
    """Google Calendar's page with the meeting filled in; times are UTC (basic format of ISO 8601)."""
    dates = "/".join(f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" for at in (slot.start_at, slot.end_at))
    asked = {"action": "TEMPLATE", "text": title, "dates": dates, "details": _text(about), "location": where}
    return f"{_GOOGLE}?{urlencode(asked)}"


def outlook_url(title: str, slot: Slot, about: Sequence[str], where: str) -> str:
    """Outlook's page with the meeting filled in; times are UTC."""
    asked = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": _instant(slot.start_at),
        "enddt": _instant(slot.end_at),
        "body": _text(about),
        "location": where,
    }
    return f"{_OUTLOOK}?{urlencode(asked)}"


def _text(about: Sequence[str]) -> str:
    return "\n".join(part for part in about if part)


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
