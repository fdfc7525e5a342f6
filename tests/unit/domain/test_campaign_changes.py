from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState
from disparo.domain.campaign_changes import concluded, is_live, moved, redefined
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.errors import InputError, TransitionError

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
E, S = CampaignEvent, CampaignState


def draft(**keys: object) -> Campaign:
    document = {"name": "promo", "list": "clientes", "steps": [{"channel": "whatsapp", "text": "Oi"}], **keys}
    return replace(parse_campaign(document, created_at=NOW), id="7")


def after(*events: CampaignEvent) -> Campaign:
    campaign = draft()
    for event in events:
        campaign = moved(campaign, event, NOW)
    return campaign


def test_each_event_raises_the_revision() -> None:
    assert [after(*(E.START, E.PAUSE, E.RESUME)[:count]).revision for count in range(4)] == [0, 1, 2, 3]


def test_the_start_is_the_first_one() -> None:
    assert moved(after(E.START, E.PAUSE), E.RESUME, LATER).started_at == NOW


@pytest.mark.parametrize(
    ("events", "live", "ended"),
    [
        ((), False, False),
        ((E.CANCEL,), False, True),
        ((E.START,), True, False),
        ((E.START, E.PAUSE), True, False),
        ((E.START, E.CANCEL), True, False),
        ((E.START, E.COMPLETE), False, True),
        ((E.START, E.COMPLETE, E.REOPEN), True, False),
    ],
)
def test_who_is_live_and_who_has_ended(events: tuple[CampaignEvent, ...], live: bool, ended: bool) -> None:
    campaign = after(*events)
    assert (is_live(campaign), campaign.ended_at is not None) == (live, ended)


def test_an_event_that_is_no_transition_is_refused() -> None:
    with pytest.raises(TransitionError):
        moved(draft(), E.PAUSE, NOW)


@pytest.mark.parametrize(
    ("events", "launched", "state"),
    [
        ((), False, None),
        ((E.START,), False, None),
        ((E.START,), True, S.COMPLETED),
        ((E.START, E.PAUSE), True, None),
        ((E.START, E.CANCEL), False, S.CANCELLED),
        ((E.CANCEL,), False, None),
        ((E.START, E.COMPLETE), True, None),
    ],
)
def test_which_campaign_may_end(events: tuple[CampaignEvent, ...], launched: bool, state: CampaignState | None) -> None:
    campaign = replace(after(*events), launched=launched)
    over = concluded(campaign, LATER)
    assert (over and over.state) is state
    assert over is None or (over.ended_at, over.revision) == (LATER, campaign.revision + 1)


def test_another_definition_leaves_where_the_campaign_stands() -> None:
    campaign = replace(after(E.START), launched=True)
    changed = redefined(campaign, draft(deadline="9d"))
    assert changed == replace(campaign, deadline=timedelta(days=9), revision=2)


@pytest.mark.parametrize("keys", [{"list": "outra"}, {"steps": [{"channel": "sms", "text": "Oi"}]}])
def test_what_a_draft_may_change_a_running_campaign_may_not(keys: dict[str, object]) -> None:
    assert redefined(draft(), draft(**keys)).id == "7"
    with pytest.raises(InputError, match="já começou"):
        redefined(after(E.START), draft(**keys))


def test_no_campaign_changes_its_name() -> None:
    with pytest.raises(InputError, match="nome"):
        redefined(draft(), draft(name="outro"))
