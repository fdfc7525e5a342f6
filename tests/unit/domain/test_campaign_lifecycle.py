from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.campaign import CAMPAIGN_LIFECYCLE, Campaign, CampaignEvent, CampaignState, Step
from disparo.domain.contact import Channel
from disparo.domain.errors import TransitionError
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait

S, E = CampaignState, CampaignEvent
CREATED = datetime(2026, 3, 2, 12, tzinfo=UTC)

# Written from what each command promises: source state -> event -> target.
ALLOWED = {
    S.DRAFT: {E.START: S.RUNNING, E.CANCEL: S.CANCELLED},
    S.RUNNING: {E.PAUSE: S.PAUSED, E.CANCEL: S.CANCELLED, E.COMPLETE: S.COMPLETED},
    S.PAUSED: {E.RESUME: S.RUNNING, E.CANCEL: S.CANCELLED},
    S.COMPLETED: {E.REOPEN: S.RUNNING},
    S.CANCELLED: {},
}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("event", E)
def test_each_command_works_where_it_makes_sense_and_is_refused_by_names_elsewhere(
    state: CampaignState, event: CampaignEvent
) -> None:
    target = ALLOWED[state].get(event)
    assert CAMPAIGN_LIFECYCLE.allows(state, event) == (target is not None)
    if target is not None:
        assert CAMPAIGN_LIFECYCLE.after(state, event) is target
        return
    with pytest.raises(TransitionError, match=r"^a campanha .*; não é possível "):
        CAMPAIGN_LIFECYCLE.after(state, event)


def test_a_campaign_begins_as_a_draft() -> None:
    assert CAMPAIGN_LIFECYCLE.initial is S.DRAFT


def test_every_state_is_reached_and_all_but_the_last_can_be_left() -> None:
    reached = {CAMPAIGN_LIFECYCLE.initial} | set(CAMPAIGN_LIFECYCLE.table.values())
    assert reached == set(S)
    assert set(S) - {source for source, _ in CAMPAIGN_LIFECYCLE.table} == {S.CANCELLED}


def test_the_diagram_has_every_transition() -> None:
    lines = CAMPAIGN_LIFECYCLE.mermaid().splitlines()
    arrows = {f"    {source} --> {to}: {event}" for source, events in ALLOWED.items() for event, to in events.items()}
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> draft"]
    assert (len(lines) - 2, set(lines[2:])) == (len(arrows), arrows)


def campaign(started_at: datetime | None = None, deadline: timedelta = timedelta(days=30)) -> Campaign:
    steps = tuple(
        Step(channel, Template(channel, "Oi"), parse_wait("1d")) for channel in (Channel.WHATSAPP, Channel.SMS)
    )
    place = Place("America/Sao_Paulo")
    return Campaign(
        "1",
        "março",
        "clientes",
        steps,
        BusinessHours(),
        place,
        CREATED,
        deadline=deadline,
        started_at=started_at,
    )


def test_steps_are_numbered_from_one() -> None:
    assert [campaign().step(number).channel for number in (1, 2)] == [Channel.WHATSAPP, Channel.SMS]


def test_unsent_messages_expire_a_deadline_after_the_start() -> None:
    started_at = CREATED + timedelta(days=2)
    assert campaign(started_at).expires_at == started_at + timedelta(days=30)
    assert campaign(started_at, timedelta(hours=1)).expires_at == started_at + timedelta(hours=1)


def test_before_the_start_nothing_expires() -> None:
    assert campaign().expires_at is None
