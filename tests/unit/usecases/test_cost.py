from __future__ import annotations

import pytest

from disparo.domain.aws_prices import Region
from disparo.domain.cloud_cost import Charge, Estimate, Item
from disparo.domain.contact import Channel
from disparo.usecases.cost import Comparison, Verdict, compare, provider_costs


def test_the_documents_totals_are_the_sums_of_its_items() -> None:
    nothing = Estimate(Region.US_EAST_1, 0, [])
    assert compare(nothing, "dev")[-1].document == (14, 30)
    assert compare(nothing, "prod")[-1].document == (112, 217)


def test_every_item_is_compared_and_the_total_last() -> None:
    charges = [Charge(Item.LAMBDA, "x", "secrets", 1, 7.0), Charge(Item.KMS, "y", "kms_keys", 1, 1.5)]
    found = {one.item: one for one in compare(Estimate(Region.US_EAST_1, 1, charges), "dev")}
    assert list(found) == [*Item, None]
    assert found[Item.LAMBDA] == Comparison(Item.LAMBDA, 7.0, (5, 10))
    assert found[Item.KMS].verdict is Verdict.ABSENT
    assert found[None].usd == 8.5


@pytest.mark.parametrize(
    ("usd", "verdict"),
    [(4.4, Verdict.BELOW), (4.6, Verdict.WITHIN), (10.4, Verdict.WITHIN), (10.6, Verdict.ABOVE)],
)
def test_a_figure_is_compared_in_whole_dollars(usd: float, verdict: Verdict) -> None:
    assert Comparison(Item.LAMBDA, usd, (5, 10)).verdict is verdict


def test_messages_cost_their_price_by_channel_and_what_has_none_is_told() -> None:
    costs = provider_costs({Channel.SMS: 10, Channel.WHATSAPP: 1000, Channel.EMAIL: 0}, {Channel.WHATSAPP: 0.0625})
    assert [(cost.channel, cost.amount) for cost in costs] == [(Channel.WHATSAPP, 62.5), (Channel.SMS, None)]
