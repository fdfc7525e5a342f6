"""What a worker says while it works: lines for people, or JSON lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from disparo.domain.campaign import Campaign
from disparo.domain.masking import masked
from disparo.domain.message import SENT, SETTLED
from disparo.entrypoints.cli.moments import in_zone
from disparo.entrypoints.cli.printing import Output
from disparo.entrypoints.words import words
from disparo.ports.store import Store

_LINES = {
    "worker_started": "worker {worker} começou, dados em {data}",
    "worker_stopping": "encerrando ({signal}): o que já saiu é levado ao fim; outro sinal encerra na hora",
    "worker_ended_at_once": "worker {worker} encerrado na hora: o que estava saindo fica em dúvida",
    "worker_stopped": "worker {worker} terminou",
    "worker_idle": "nenhuma campanha tem o que enviar",
    "campaign_live": "campanha {campaign}: {state_words}",
    "campaign_ended": "campanha {campaign}: {state_words}; {sent} enviadas de {messages}",
    "campaign_progress": "campanha {campaign}: {sent} enviadas de {messages}, {open} por enviar",
    "settings_changed": "configurações mudaram: {changed}",
    "settings_refused": "configurações recusadas, valem as anteriores: {fault}",
}
_OPEN_STATES = frozenset({"waiting", "due", "claimed", "sending", "in_doubt"})


class WorkerLog:
    """Writes one line for each notable thing, at once."""

    def __init__(self, out: Output, *, as_json: bool, zone: str) -> None:
        self._out, self._as_json, self._zone = out, as_json, zone
        self._seen: dict[str, Campaign] = {}
        self._told: dict[str, tuple[int, ...]] = {}

    def say(self, event: str, **fields: object) -> None:
        """Write down an event and what belongs to it."""
        now = datetime.now(UTC)
        fields = {name: masked(value) if isinstance(value, str) else value for name, value in fields.items()}
        if self._as_json:
            entry = {"at": now.isoformat(timespec="milliseconds"), "event": event, **fields}
            line = json.dumps(entry, ensure_ascii=False)
        else:
            shown = {**fields, "state_words": words(str(fields.get("state", "")))}
            line = f"{in_zone(now, self._zone):%d/%m %H:%M:%S}  {_LINES[event].format(**shown)}"
        self._out.stdout.write(line + "\n")
        self._out.stdout.flush()

    async def note_campaigns(self, store: Store, live: Sequence[Campaign]) -> None:
        """Tell which campaigns have become live, have changed their state or have ended since the last look."""
        for campaign in live:
            before = self._seen.get(campaign.id)
            if before is None or before.state is not campaign.state:
                self.say("campaign_live", campaign=campaign.name, state=campaign.state)
        for gone in self._seen.keys() - {campaign.id for campaign in live}:
            ended = await store.campaigns.get(gone)
            messages, sent, _ = await _counts(store, ended)
            self.say("campaign_ended", campaign=ended.name, state=ended.state, sent=sent, messages=messages)
        self._seen = {campaign.id: campaign for campaign in live}

    async def summarise(self, store: Store, live: Sequence[Campaign]) -> None:
        """Tell how far each live campaign is, when it has moved since it was told last."""
        for campaign in live:
            counts = await _counts(store, campaign)
            if self._told.get(campaign.id) != counts:
                self._told[campaign.id] = counts
                messages, sent, waiting = counts
                self.say("campaign_progress", campaign=campaign.name, messages=messages, sent=sent, open=waiting)


async def _counts(store: Store, campaign: Campaign) -> tuple[int, int, int]:
    """Messages in all, sent, and not at their end yet."""
    tallies = await store.campaigns.tally(campaign.id)
    open_count = sum(one.count for one in tallies if one.state in _OPEN_STATES)
    settled = sum(one.count for one in tallies if one.state in SETTLED)
    return open_count + settled, sum(one.count for one in tallies if one.state in SENT), open_count
