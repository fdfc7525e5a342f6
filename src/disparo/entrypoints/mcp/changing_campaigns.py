"""Tools that change campaigns and lists: making, starting, pausing, cancelling, importing, sending again."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from disparo.domain.campaign import CAMPAIGN_LIFECYCLE, Campaign, CampaignEvent
from disparo.domain.contact import Channel
from disparo.domain.contact_row import RowProblem
from disparo.domain.errors import InputError, TransitionError
from disparo.domain.message import MessageId, MessageRecord, MessageState
from disparo.domain.reason_words import reason_words
from disparo.entrypoints.http import compiling
from disparo.entrypoints.http.campaign_models import CampaignOut, campaign_out
from disparo.entrypoints.http.campaigns import whole
from disparo.entrypoints.http.dead_letters import RedriveOut, RefusedOut
from disparo.entrypoints.http.import_shapes import Counts
from disparo.entrypoints.http.messages import filter_of
from disparo.entrypoints.mcp.looking_campaigns import CampaignIn, Document
from disparo.entrypoints.mcp.tool import Asked, Confirmable, Wanted, changes
from disparo.entrypoints.words import words
from disparo.ports.ledger import MessageFilter
from disparo.ports.row_source import DescribedSource
from disparo.usecases import campaigns, dead_letters
from disparo.usecases import import_contacts as import_usecase
from disparo.usecases.carriers import refuse_what_nobody_carries
from disparo.usecases.import_contacts import ImportReport

MOST_ROWS = 1_000
LONGEST_CSV = 400_000
MOST_PROBLEMS = 20
MOST_AGAIN = 500

Title = Annotated[str, Field(min_length=1, max_length=200)]
Cell = Annotated[str, Field(max_length=2_000)]
Row = Annotated[dict[Title, Cell], Field(max_length=100)]


class CampaignDraft(Wanted):
    """A campaign to keep."""

    document: Document


class CampaignAgain(Confirmable):
    """Which campaign."""

    campaign: str = Field(min_length=1, max_length=100, description="Its name or id.")


class ImportWanted(Wanted):
    """Contacts for a list, as rows or as a file's text."""

    list_name: str = Field(min_length=1, max_length=100, description="It begins to exist with its first contact.")
    rows: list[Row] | None = Field(
        None, min_length=1, max_length=MOST_ROWS, description="Each with titles as keys: Nome, Celular, E-mail, Cargo."
    )
    csv: str | None = Field(
        None, min_length=1, max_length=LONGEST_CSV, description="Or the text of a CSV file with a line of titles."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> ImportWanted:
        if (self.rows is None) is (self.csv is None):
            raise ValueError("escreva rows ou csv, e não os dois")
        return self


class ProblemOut(BaseModel):
    """Something wrong in a row."""

    line: int
    column: str
    reason: str
    words: str = Field(description="In Portuguese.")
    rejects: bool


class ImportedOut(BaseModel):
    """What became of the rows."""

    list_name: str
    counts: Counts
    problems: Sequence[ProblemOut] = Field(description=f"The first {MOST_PROBLEMS}.")


class RedriveWanted(Confirmable):
    """Which dead letters go again: these, or those that a filter finds."""

    ids: list[Annotated[str, Field(min_length=1, max_length=256)]] | None = Field(
        None, min_length=1, max_length=MOST_AGAIN
    )
    campaign: str | None = Field(None, min_length=1, max_length=100, description="By name or id.")
    channel: Channel | None = None
    reason: str | None = Field(None, min_length=1, max_length=200)
    limit: int = Field(100, ge=1, le=MOST_AGAIN, description="Of a filter: how many are looked at.")

    @model_validator(mode="after")
    def _one_of_them(self) -> RedriveWanted:
        if (self.ids is None) is not any((self.campaign, self.channel, self.reason)):
            raise ValueError("diga quais: ids, ou então campaign, channel e reason")
        return self


@changes("campaigns.create", "Create a campaign", idempotent=True)
async def create_campaign(asked: Asked, wanted: CampaignDraft) -> CampaignOut:
    """Keep a campaign as a draft, for a list that has contacts already; nothing is sent before it is started.

    A name that is taken is refused, so the same again has no second effect.
    """
    house = asked.house
    document = whole(house, wanted.document)
    made = await campaigns.create(house.store, document, await compiling.ready(house, document), asked.now)
    asked.told |= {"name": made.name}
    return campaign_out(made)


async def _start_would(asked: Asked, wanted: CampaignAgain) -> str:
    house = asked.house
    campaign = await _allowed(asked, wanted.campaign, CampaignEvent.START)
    await campaigns.audience(house.store, campaign)
    refuse_what_nobody_carries(campaign, house.carriers)
    report = await campaigns.report(house.store, campaign.id, asked.now)
    steps = ", ".join(f"{number}. {words(step.channel)}" for number, step in enumerate(campaign.steps, start=1))
    how = "por provedores reais" if house.settings.live else "para a sandbox: nada sai de verdade"
    return (
        f'Inicia a campanha "{campaign.name}" para os {report.contacts} contatos da lista "{campaign.list_name}", '
        f"dentro de horários e limites, {how}. Passos: {steps}."
    )


@changes("campaigns.start", "Start a campaign", foresee=_start_would, outside=True)
async def start_campaign(asked: Asked, wanted: CampaignAgain) -> CampaignOut:
    """Let a draft begin for the contacts that its list has now: messages go out within hours and limits."""
    house = asked.house
    return campaign_out(await campaigns.start(house.store, wanted.campaign, asked.now, house.carriers))


@changes("campaigns.pause", "Pause a campaign")
async def pause_campaign(asked: Asked, wanted: CampaignIn) -> CampaignOut:
    """Begin no more messages of a running campaign; it can be resumed."""
    return campaign_out(await campaigns.pause(asked.house.store, wanted.campaign, asked.now))


@changes("campaigns.resume", "Resume a campaign", outside=True)
async def resume_campaign(asked: Asked, wanted: CampaignIn) -> CampaignOut:
    """Go on with a paused campaign; its deadline went on meanwhile."""
    return campaign_out(await campaigns.resume(asked.house.store, wanted.campaign, asked.now))


async def _cancel_would(asked: Asked, wanted: CampaignAgain) -> str:
    campaign = await _allowed(asked, wanted.campaign, CampaignEvent.CANCEL)
    totals = (await campaigns.report(asked.house.store, campaign.id, asked.now)).totals
    return (
        f'Cancela a campanha "{campaign.name}" para sempre: {totals.open} mensagens que não terminaram não sairão; '
        f"{totals.sent} já saíram."
    )


@changes("campaigns.cancel", "Cancel a campaign", foresee=_cancel_would)
async def cancel_campaign(asked: Asked, wanted: CampaignAgain) -> CampaignOut:
    """End a campaign for good: what was not sent is cancelled."""
    return campaign_out(await campaigns.cancel(asked.house.store, wanted.campaign, asked.now))


@changes("imports.create", "Import contacts")
async def import_contacts(asked: Asked, wanted: ImportWanted) -> ImportedOut:
    """Bring contacts into a list; whoever is there already is completed, wrong rows are told and left out.

    The same rows again change nothing.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = await asyncio.to_thread(_table, wanted, Path(folder))
        problems = _Problems()
        region = asked.house.settings.default_region
        report = await import_usecase.import_contacts(
            source, asked.house.store.contacts, list_name=wanted.list_name, region=region, rejected=problems
        )
    asked.told |= {"rows": report.rows, "created": report.created, "rejected": report.rejected}
    return ImportedOut(list_name=wanted.list_name, counts=_counts(report), problems=problems.told())


async def _redrive_would(asked: Asked, wanted: RedriveWanted) -> str:
    records = await _records(asked, wanted)
    refusals = await dead_letters.prospects(asked.house.store, records, asked.now)
    going = sum(one is None for one in refusals)
    if going == 0:
        raise InputError(f"nenhuma das {len(records)} mensagens encontradas pode ser reenviada")
    kept = Counter(words(one) for one in refusals if one is not None)
    others = "; ".join(f"{count} não vão: {why}" for why, count in sorted(kept.items()))
    return f"Recoloca {going} mensagens na fila, dentro de horários e limites." + (f" {others}." if others else "")


@changes("dead_letters.redrive", "Send dead letters again", foresee=_redrive_would, outside=True)
async def redrive_dead_letters(asked: Asked, wanted: RedriveWanted) -> RedriveOut:
    """Make messages that were given up due again; what might become a second message to somebody is refused."""
    ids = [str(one.id) for one in await _records(asked, wanted)]
    report = await dead_letters.redrive(asked.house.store, ids, asked.now)
    asked.told |= {"redriven": report.redriven, "refused": len(report.refused)}
    refusals = [RefusedOut(id=one, reason=why) for one, why in report.refused]
    return RedriveOut(redriven=report.redriven, refused=len(refusals), refusals=refusals[:MOST_PROBLEMS], next=None)


async def _records(asked: Asked, wanted: RedriveWanted) -> Sequence[MessageRecord]:
    store = asked.house.store
    if wanted.ids is not None:
        return [await store.ledger.get(MessageId.parse(one)) for one in dict.fromkeys(wanted.ids)]
    found = await filter_of(store, wanted.campaign, [MessageState.DEAD, MessageState.FAILED], reason=wanted.reason)
    by = MessageFilter(found.campaign_id, found.states, reason=found.reason, channel=wanted.channel)
    return await dead_letters.page(store, by, None, wanted.limit)


async def _allowed(asked: Asked, name: str, event: CampaignEvent) -> Campaign:
    """The campaign to which this may happen now; TransitionError."""
    campaign = await asked.house.store.campaigns.get(name)
    if not CAMPAIGN_LIFECYCLE.allows(campaign.state, event) or (campaign.standing and event is CampaignEvent.CANCEL):
        raise TransitionError(f'a campanha "{campaign.name}" está: {words(campaign.state)}; isso não se aplica a ela')
    return campaign


def _table(wanted: ImportWanted, folder: Path) -> DescribedSource:
    from disparo.adapters.files.open_table import open_table

    path = folder / "mcp.csv"
    path.write_text(wanted.csv if wanted.csv is not None else _as_csv(wanted.rows or []), encoding="utf-8", newline="")
    return open_table(path, None)


def _as_csv(rows: Sequence[Mapping[str, str]]) -> str:
    titles = dict.fromkeys(title for row in rows for title in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, titles, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


class _Problems:
    """Keeps the first problems."""

    def __init__(self) -> None:
        self._found: list[RowProblem] = []

    def add(self, problem: RowProblem, _: Sequence[str]) -> None:
        """See `RejectedSink.add`."""
        if len(self._found) < MOST_PROBLEMS:
            self._found.append(problem)

    def told(self) -> list[ProblemOut]:
        """As they are told."""
        return [
            ProblemOut(
                line=one.line,
                column=one.column[:200],
                reason=one.reason,
                words=reason_words(one.reason, one.rejects),
                rejects=one.rejects,
            )
            for one in self._found
        ]


def _counts(report: ImportReport) -> Counts:
    return Counts.model_validate(report)


CAMPAIGN_CHANGES = (
    *(create_campaign, start_campaign, pause_campaign, resume_campaign, cancel_campaign, import_contacts),
    redrive_dead_letters,
)
