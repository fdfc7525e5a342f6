"""The rows of notices that have ended are packed, so that an item stays far below 400 KB."""

from __future__ import annotations

import random
import string
from datetime import UTC, datetime

from disparo.adapters.aws.enrolment import AwsRow, Enrolment, enrolment_of
from disparo.adapters.aws.packed_rows import IDS_KEPT, MOST_KEPT, PACKED_FROM
from disparo.domain.agenda.notice import NoticeKind, NoticeStep
from disparo.domain.instants import to_ms
from disparo.domain.message import MessageEvent, MessageState
from disparo.domain.settlement import Settlement

NOW_MS = to_ms(datetime(2026, 11, 23, 13, 0, tzinfo=UTC))
KINDS = (NoticeKind.CONFIRMED, NoticeKind.REMINDER_1, NoticeKind.REMINDER_2, NoticeKind.HOST_BOOKED)
RANDOM = random.Random(7)


def number(at: int) -> int:
    return NoticeStep(str(100_000_000 + at // 4 * 7), at // 4 % 3, KINDS[at % 4]).number()


def ended(at: int, state: MessageState = MessageState.DELIVERED) -> AwsRow:
    provider_id = "wamid." + "".join(RANDOM.choices(string.ascii_letters + string.digits, k=54))
    instant = NOW_MS + at * 3_600_000 + RANDOM.randrange(3_600_000)
    return AwsRow(state, "", None, 1, 0, provider_id, place="America/Sao_Paulo/BR-SP", changed_ms=instant, lane=12)


def kept(count: int) -> Enrolment:
    """Somebody with so many notices behind them, as the store gives them back."""
    one = Enrolment((9, 57), {number(at): ended(at) for at in range(count)})
    return enrolment_of({**one.item(1)})


def size(one: Enrolment) -> int:
    return sum(len(name.encode()) + len(str(value).encode()) for name, value in one.item(2).items())


def test_packed_rows_come_back_as_they_were() -> None:
    one = Enrolment((9, 57), {number(at): ended(at) for at in range(PACKED_FROM * 2)})
    one.rows[1] = ended(0)
    one.rows[number(9_999)] = AwsRow(MessageState.DUE, "", NOW_MS, lane=12)
    item = one.item(1)
    assert "old" in item
    assert len(str(item["rows"])) < 500
    assert enrolment_of({**item}).rows == one.rows


def test_few_rows_and_the_steps_of_a_campaign_are_not_packed() -> None:
    few = Enrolment((9, 57), {number(at): ended(at) for at in range(PACKED_FROM - 1)})
    own = Enrolment((9, 57), {step: ended(step) for step in range(1, 100)})
    assert "old" not in few.item(1)
    assert "old" not in own.item(1)


def test_a_late_receipt_finds_a_packed_row() -> None:
    one = kept(200)
    step = number(3)
    assert one.settle(Settlement(one.id_of(step), MessageEvent.READ), NOW_MS)
    assert enrolment_of({**one.item(2)}).rows[step].state is MessageState.READ


def test_thousands_of_notices_take_less_than_half_of_an_item() -> None:
    assert size(kept(2_000)) < 150_000
    assert size(kept(MOST_KEPT)) < 200_000
    assert size(kept(MOST_KEPT * 3)) < 200_000


def test_what_ended_longest_ago_is_forgotten_and_its_provider_before_it() -> None:
    one = kept(MOST_KEPT + 10)
    assert len(one.rows) == MOST_KEPT
    assert number(9) not in one.rows
    assert number(10) in one.rows
    assert sum(row.provider_id is not None for row in one.rows.values()) == IDS_KEPT
    assert one.rows[number(MOST_KEPT + 9)].provider_id is not None
