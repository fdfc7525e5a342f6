"""What a reply means: by rules, in Portuguese, English and Spanish."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from disparo.domain.intents import answers
from disparo.domain.intents.opt_out import opt_out_rule
from disparo.domain.intents.said import Said, read


class Intent(StrEnum):
    """What somebody wants who writes to us."""

    OPT_OUT = "opt_out"
    CONFIRM = "confirm"
    DECLINE = "decline"
    RESCHEDULE = "reschedule"
    SLOT = "slot"
    QUESTION = "question"
    AUTO = "auto"
    """A machine answered: out of the office, a business account's greeting."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Understood:
    """What a reply means; `slot` is the number of the time that it takes (from 1), `rule` a stable code of why."""

    intent: Intent
    slot: int | None = None
    rule: str = ""


def classify(text: str, choice: str | None = None, *, meeting_open: bool = False) -> Understood:
    """What a reply means; `choice` is the id of the button or list row that was pressed.

    Never raises, and its time is bounded: of a text the first 8,000 characters are looked at, quotes left out, of
    which the first 2,000 count. An opt-out wins over everything that is no button. With `meeting_open` (a meeting is
    offered or agreed) a bare "cancelar" declines it; without, it opts out. What no rule knows is `other`.
    """
    if choice is not None and (chosen := _chosen(choice)):
        return chosen
    said = read(text)
    if rule := opt_out_rule(said, meeting_open):
        return Understood(Intent.OPT_OUT, rule=rule)
    if meeting_open and opt_out_rule(said, False):
        return Understood(Intent.DECLINE, rule="cancels_meeting")
    return _conversation(said)


def _conversation(said: Said) -> Understood:
    if answers.is_machine(said):
        return Understood(Intent.AUTO, rule="machine")
    if "?" not in said.own and (slot := answers.picked_slot(said)) is not None:
        return Understood(Intent.SLOT, slot, "picked")
    if answers.wants_other_time(said):
        return Understood(Intent.RESCHEDULE, rule="other_time")
    if answers.cancels_meeting(said):
        return Understood(Intent.DECLINE, rule="cancels_meeting")
    if answers.asks(said):
        return Understood(Intent.QUESTION, rule="asks")
    if answers.says_no(said):
        return Understood(Intent.DECLINE, rule="says_no")
    if answers.says_yes(said):
        return Understood(Intent.CONFIRM, rule="says_yes")
    return Understood(Intent.OTHER)


def _chosen(choice: str) -> Understood | None:
    """What a button's id says: `slot:2`, or the name of an intent; None for ids of other meaning."""
    if (slot := answers.choice_slot(choice)) is not None:
        return Understood(Intent.SLOT, slot, "choice")
    name = choice.strip()[:64].lower().replace("-", "_")
    return Understood(Intent(name), rule="choice") if name in _CHOOSABLE else None


_CHOOSABLE = frozenset({Intent.OPT_OUT, Intent.CONFIRM, Intent.DECLINE, Intent.RESCHEDULE, Intent.QUESTION})


def is_opt_out(text: str) -> bool:
    """Whether a reply asks never to be messaged again ("SAIR", "Não quero mais receber.")."""
    return classify(text).intent is Intent.OPT_OUT
