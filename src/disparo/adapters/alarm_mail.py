"""Alarms by e-mail, through the installation's own sender."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from disparo.domain.alarm import AlarmChange, AlarmName, AlarmState
from disparo.domain.alarm_words import (
    Language,
    alarm_advice,
    alarm_sentence,
    change_title,
    instant_words,
    state_word,
)
from disparo.domain.instants import to_ms
from disparo.domain.message import MessageId
from disparo.domain.template import Content
from disparo.ports.channel import Outgoing, SendChannel

NO_SENDER = "no_email_sender"

_OF_NO_CAMPAIGN = "0"

_LANGUAGES: tuple[tuple[Language, str, str], ...] = (("pt", "desde", "Antes"), ("en", "since", "Before"))


class AlarmMail:
    """`TellsAlarms` by one mail for each change, by the first e-mail sender that takes it.

    It is no message of a campaign: it has no row in the ledger, and neither hours nor limits nor a breaker hold it up,
    as what it tells of may be just that. What a provider may have taken or not is told again.
    """

    name = "email"

    def __init__(self, address: str, senders: Callable[[], Sequence[SendChannel]], *, page: str | None = None) -> None:
        self._address, self._senders, self._page = address, senders, page

    async def tell(self, change: AlarmChange, now: datetime) -> str | None:
        """See `TellsAlarms.tell`."""
        mail = Outgoing(self._id(change), self._address, alarm_content(change, self._page))
        reason: str | None = NO_SENDER
        for channel in self._senders():
            outcome = await channel.send(mail, now)
            if outcome.accepted:
                return None
            reason = outcome.reason or str(outcome.failure)
        return reason

    def _id(self, change: AlarmChange) -> MessageId:
        """What the provider carries back: of campaign 0, which there never is, so that receipts find no message.

        Another one for each change, as mail servers drop what has the id of a mail that they have.
        """
        number = 1 + tuple(AlarmName).index(change.standing.name)
        return MessageId(_OF_NO_CAMPAIGN, number, str(to_ms(change.standing.since)))


def alarm_content(change: AlarmChange, page: str | None) -> Content:
    """The mail: Portuguese first, then English."""
    one = change.standing
    rings = one.state is AlarmState.ALARM
    mark = "ALARME" if rings else "Disparo"
    lines: list[str] = []
    for language, since, before in _LANGUAGES:
        lines += [
            f"{change_title(change, language)}, {since} {instant_words(one.since)}.",
            _first_up(alarm_sentence(one, language)) + ".",
            *([alarm_advice(one.name, language)] if rings else []),
            f"{before}: {state_word(change.was, language)}.",
            "",
        ]
    lines += [*([page] if page else []), f"({change.id})"]
    return Content("\n".join(lines) + "\n", subject=f"[{mark}] {change_title(change, 'pt')}")


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]
