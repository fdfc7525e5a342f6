"""Whether what an event tells of came about: it was kept before the change was written, which a kill may have stopped.

Normally whoever made the change says so itself at once (`Events.decide`); here the records are asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from disparo.domain.contact_import import Import, ImportState
from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.settlement import EVIDENCE
from disparo.domain.webhook import Proof, ProofKind
from disparo.domain.webhook_events import came_to
from disparo.ports.imports import Imports
from disparo.ports.ledger import JournalEntry
from disparo.ports.store import Store


class Proving:
    """Looks for the proof of an event."""

    def __init__(self, store: Store, imports: Imports | None) -> None:
        self._store, self._imports = store, imports

    async def look(self, proof: Proof) -> Mapping[str, Any] | None:
        """What is to be added to the event's data once it is proven; None while it is not, or never will be."""
        try:
            if proof.kind is ProofKind.MESSAGE:
                return await self._message(proof)
            if proof.kind is ProofKind.CAMPAIGN:
                return await self._campaign(proof)
            return await self._import(proof)
        except NotFoundError:
            return None

    async def _message(self, proof: Proof) -> Mapping[str, Any] | None:
        message_id, event = MessageId.parse(proof.subject), MessageEvent(proof.what)
        journal = await self._store.ledger.journal(message_id)
        if event in EVIDENCE:
            return {} if any(line.event == event and line.attempt >= proof.number for line in journal) else None
        # What came too late stands in the history, too, so that the row decides.
        record = await self._store.ledger.get(message_id)
        return {} if came_to(record, event, proof.number) or _went_on(journal, event, proof.number) else None

    async def _campaign(self, proof: Proof) -> Mapping[str, Any] | None:
        campaign = await self._store.campaigns.get(proof.subject)
        return {} if campaign.revision >= proof.number and campaign.state == proof.what else None

    async def _import(self, proof: Proof) -> Mapping[str, Any] | None:
        if self._imports is None:
            return None
        record = await self._imports.get(proof.subject)
        return _told(record) if record.state == ImportState(proof.what) else None


def _went_on(journal: Sequence[JournalEntry], event: MessageEvent, attempt: int) -> bool:
    """Whether a person has sent again what had come to this end."""
    at = [number for number, line in enumerate(journal) if line.event == event and line.attempt == attempt]
    return bool(at) and any(line.event == MessageEvent.REDRIVE for line in journal[at[0] + 1 :])


def _told(record: Import) -> Mapping[str, Any]:
    counts = record.counts
    return {
        "list": record.list_name,
        "rows": counts.rows,
        "created": counts.created,
        "completed": counts.completed,
        "unchanged": counts.unchanged,
        "duplicates": counts.duplicates,
        "rejected": counts.rejected,
    }
