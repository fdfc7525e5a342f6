"""Every code that the program can show has words in Portuguese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

import disparo
from disparo.domain.agenda.availability import SlotDecision, SlotReason
from disparo.domain.agenda.host import CalendarKind
from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.agenda.meeting_type import Assignment, OutsideHours
from disparo.domain.agenda.notice import NoticeKind
from disparo.domain.campaign import CampaignEvent, CampaignState
from disparo.domain.contact import Channel
from disparo.domain.message import MessageEvent, MessageState
from disparo.domain.policies.business_hours import HoursReason
from disparo.domain.policies.retry import FailureClass
from disparo.domain.reason_words import reason_words
from disparo.domain.reply_intent import Intent
from disparo.entrypoints.cli.printing import human
from disparo.entrypoints.words import WORDS, words
from disparo.entrypoints.words.agenda_sentences import NOTICES, REFUSALS, SAID, SLOTS, slot_words
from disparo.ports.contacts import FoldOutcome
from disparo.ports.desk import Said
from disparo.usecases.agenda.loading import Change
from disparo.usecases.dead_letters import Refusal
from disparo.usecases.why import Remark, Verdict

PACKAGE = Path(disparo.__file__).parent
KINDS: tuple[type[StrEnum], ...] = (
    *(CampaignState, CampaignEvent, MessageState, MessageEvent, Channel, HoursReason, FailureClass, FoldOutcome),
    *(Refusal, Verdict, Remark, Intent),
    *(MeetingState, Assignment, OutsideHours, CalendarKind, Change),
)
REASONED = {
    "Admission": 1, "Claim": None, "Eligibility": 1, "HoursDecision": 2, "RenderError": 0, "RetryDecision": 1,
    "SizeProblem": 0, "Outcome": None, "Settlement": None, "give_back": 1, "_refuse": 2, "_settle": 2, "Fact": 1,
}  # fmt: skip
"""What is called with a reason, and at which place it stands when it has no name."""


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_member_has_words(kind) -> None:
    assert not [member.value for member in kind if member.value not in WORDS]


@pytest.mark.parametrize(("kind", "told"), [(Said, SAID), (SlotReason, SLOTS), (NoticeKind, NOTICES)])
def test_everything_of_the_agenda_has_words_of_its_own(kind, told) -> None:
    assert set(told) == set(kind)
    assert len({*told.values()}) == len(told)


def test_every_answer_is_a_refusal_or_says_that_it_is_so_now() -> None:
    done = {Said.OFFERED, Said.CONFIRMED, Said.MOVED, Said.ALREADY, Said.ATTENDING, Said.DECLINED, Said.CANCELLED}
    assert set(Said) - REFUSALS == {*done, Said.OUTCOME}


@pytest.mark.parametrize(
    ("reason", "detail", "told"),
    [
        (SlotReason.FREE, "", "livre"),
        (SlotReason.HOST_HOURS, "lunch_break 12:00-13:00", "fora do horário do anfitrião: almoço 12:00-13:00"),
        (SlotReason.CONTACT_HOURS, "day_off 2026-11-22", "fora do horário do contato: dia sem expediente 2026-11-22"),
        (SlotReason.DAY_FULL, "5", "o dia está cheio: o máximo do anfitrião é 5"),
        (SlotReason.TAKEN, "12", "ocupado pela reunião 12"),
        (SlotReason.BLOCKED, "férias", "bloqueado na agenda do anfitrião: férias"),
    ],
)
def test_a_slot_is_refused_in_words(reason, detail, told) -> None:
    assert slot_words(SlotDecision(reason, detail)) == told


def test_every_reason_that_is_written_in_the_code_has_words() -> None:
    folders = ("domain", "engine", "usecases", "adapters/embedded", "adapters/channels", "adapters/liquid")
    sources = [path for folder in folders for path in (PACKAGE / folder).rglob("*.py")]
    found = {reason for path in sources for reason in _reasons(ast.parse(path.read_text(encoding="utf-8")))}
    assert {"held_in_doubt", "missed_its_moment", "no_address", "breaker_open", "address_unknown"} <= found
    assert not found - WORDS.keys()


def test_every_problem_of_a_row_has_words() -> None:
    modules = ("phone_number", "email_address", "tax_document", "contact_row")
    texts = "\n".join((PACKAGE / "domain" / f"{name}.py").read_text(encoding="utf-8") for name in modules)
    found = set(re.findall(r'"((?:phone|email|document|priority|zone)_[a-z_]+)"', texts))
    assert "phone_too_short" in found
    assert not [reason for reason in found if reason_words(reason, True) == reason]


def test_no_words_are_of_another_language_than_their_reader() -> None:
    assert not [code for code, text in WORDS.items() if text == code and code not in ("ok",)]


def test_composed_codes_say_what_they_are_about() -> None:
    assert words("missing_variable:nome") == "falta a variável nome"
    assert words("whatsapp:hourly") == "limite por hora (WhatsApp)"
    assert words("sms/3:burst") == "limite por minuto da campanha (SMS)"
    assert words("lunch_break:12:00-13:00") == "almoço 12:00-13:00"
    assert words("3.1.57:due") == "3.1.57 na fila"
    assert words("never_heard_of") == "never_heard_of"


def test_numbers_are_written_as_in_brazil() -> None:
    assert [human(value) for value in (1234567, True, None, 0.5)] == ["1.234.567", "sim", "", "0.5"]


def _reasons(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _reasons_of_call(node)
        elif isinstance(node, ast.Dict) and all(_is_failure_class(key) for key in node.keys):
            yield from _texts(*node.values)


def _is_failure_class(key: ast.expr | None) -> bool:
    return isinstance(key, ast.Attribute) and isinstance(key.value, ast.Name) and key.value.id == "FailureClass"


def _reasons_of_call(node: ast.Call) -> Iterator[str]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name not in REASONED:
        return
    place = REASONED[name]
    if place is not None and len(node.args) > place:
        yield from _texts(node.args[place])
    yield from _texts(*(keyword.value for keyword in node.keywords if keyword.arg == "reason"))


def _texts(*nodes: ast.AST) -> Iterator[str]:
    """The codes among these expressions: words joined by underscores, or alone."""
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                text = inner.value
                if text.isascii() and text.replace("_", "").isalpha() and text.islower():
                    yield text
