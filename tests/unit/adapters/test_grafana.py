"""The dashboard asks for metrics that there are, by labels that they have."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from disparo.adapters.prometheus import exposition
from disparo.domain.alarm import AlarmName, AlarmStanding, AlarmState, Unit
from disparo.domain.contact import Channel
from disparo.domain.figure import Counted, Series
from disparo.domain.scrape import CampaignScrape, Scrape

ROOT = Path(__file__).parents[3]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "disparo.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DOCUMENT = (
    *("MessagesSent", "MessagesFailedRate", "QueueDepth", "RateLimitHit", "AverageDispatchTime"),
    *("ConfirmationRate", "NoShowRate"),
)


def full() -> Scrape:
    """A scrape in which every metric has a sample."""
    channel, series = Channel.WHATSAPP, Series("whatsapp", "camp")
    campaign = CampaignScrape("camp", {(channel, "sent"): 1}, {(channel, "due"): 1}, {(channel, True): 1})
    counts = {series._replace(name=str(name)): 1 for name in Counted}
    alarm = AlarmStanding(AlarmName.NO_TICK, AlarmState.OK, NOW, NOW, 0.0, 180.0, Unit.SECONDS)
    return Scrape([campaign], counts, counts, {("principal", channel): False}, [alarm], NOW)


def labels_of_samples() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(exposition(full()).decode()):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def queries() -> list[str]:
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    lists = [one["definition"] for one in DASHBOARD["templating"]["list"] if one["type"] == "query"]
    return panels + lists


@pytest.mark.parametrize("query", queries())
def test_every_metric_of_a_query_is_there_with_its_labels(query) -> None:
    known = labels_of_samples()
    for name, chosen in re.findall(r"(disparo_[a-z0-9_]+)(?:\{([^}]*)\})?", query):
        assert name in known, name
        assert {part.split("=")[0].rstrip("~!") for part in chosen.split(",") if part} <= known[name]
    for labels in re.findall(r"by \(([^)]*)\)", query):
        wanted = {label.strip() for label in labels.split(",")}
        assert all(wanted <= known[name] for name in re.findall(r"disparo_[a-z0-9_]+", query))


def test_every_metric_of_the_document_has_a_panel_of_its_name() -> None:
    assert set(DOCUMENT) <= {panel["title"] for panel in DASHBOARD["panels"]}


def test_every_metric_of_ours_is_told_in_the_documentation() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    names = {re.sub(r"_(bucket|sum|count)$", "", name) for name in labels_of_samples()}
    assert not sorted(name for name in names if f"`{name}" not in page)
    assert not [name for name in DOCUMENT if f"`{name}`" not in page]
    assert not [name for name in AlarmName if f"`{name}`" not in page]


def test_panels_do_not_lie_over_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_the_dashboard_is_of_no_data_source_in_particular() -> None:
    uids = {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]}
    assert uids == {"${source}"}
