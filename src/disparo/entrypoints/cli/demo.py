"""`disparo demo`: the whole main job on an accelerated clock, and the proof that it kept its promises."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.entrypoints.cli.demo_summary import Summary, show_summary, summary_document
from disparo.entrypoints.cli.demo_words import ANSWERS, telling
from disparo.entrypoints.cli.faults import ExitCode
from disparo.entrypoints.cli.forecast_words import sentences
from disparo.entrypoints.cli.importing import Imported, import_into, tell_import
from disparo.entrypoints.cli.paragraphs import paragraph
from disparo.entrypoints.cli.session import GivenSession, Session

if TYPE_CHECKING:
    from disparo.domain.campaign import Campaign
    from disparo.entrypoints.cli.printing import Output
    from disparo.settings import Settings
    from disparo.simulation.demo_story import Happening, Stage, Story

CAMPAIGN, CONTACTS, AGENDA = "campanha.toml", "contatos.csv", "agenda.toml"

_SLOWNESS = 1 / 40_000
"""Real seconds for each virtual one, for people who watch; a night and a weekend take no longer than `_LONGEST_S`."""
_LONGEST_S = 0.12
_NAP_S = 0.02


def demo(*, session: GivenSession) -> int:
    """Import the sample contacts, run the sample campaign to its end, and judge what went out.

    Exit code 1 when a promise was not kept. With `--data` everything is kept there.
    """
    from disparo.settings import load_settings

    with _folder(session) as folder:
        # Always the defaults: the same story wherever it is told.
        settings = load_settings(overrides={"data": folder}, environ={}, cwd=folder).settings
        summary = _run(session, settings, folder)
        if session.out.json:
            session.out.document(summary_document(summary))
        else:
            show_summary(session.out, summary)
    return ExitCode.OK if summary.holds else ExitCode.BUG


@contextmanager
def _folder(session: Session) -> Iterator[Path]:
    """The data directory: the one that was asked for, else one that goes at the end."""
    from disparo.bootstrap import DATABASE

    if session.data is None:
        with tempfile.TemporaryDirectory(prefix="disparo-demo-") as temporary:
            yield Path(temporary)
        return
    folder = session.cwd / session.data
    if (folder / DATABASE).exists():
        raise InputError(f"{folder}: já tem dados; escolha com --data uma pasta nova para a demonstração")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


def _examples() -> Path:
    """The folder of the sample files: beside the package, or in the source tree."""
    package = Path(__file__).parents[2]
    for folder in (package / "examples", package.parents[1] / "examples"):
        if all((folder / name).is_file() for name in (CAMPAIGN, CONTACTS, AGENDA)):
            return folder
    raise InputError(f"faltam os exemplos {CAMPAIGN}, {CONTACTS} e {AGENDA}; rode a partir do código-fonte do projeto")


def _run(session: Session, settings: Settings, folder: Path) -> Summary:
    from disparo.bootstrap import DATABASE, OUTBOX, renderer, sender_of
    from disparo.simulation.demo_story import STARTS_AT, Stage, Story, play
    from disparo.simulation.forecast import forecast
    from disparo.simulation.proof import prove

    for name in (CAMPAIGN, CONTACTS, AGENDA):
        shutil.copy(_examples() / name, folder / name)
    (folder / OUTBOX).unlink(missing_ok=True)
    senders = {channel: sender_of(settings, channel) for channel in Channel}
    with closing(Stage.open(folder / OUTBOX)) as stage:
        imported, campaign = asyncio.run(_prepare(session, stage, folder))
        session.out.line()
        foreseen = forecast(stage.store, campaign, senders.values(), STARTS_AT)
        session.out.line(f"Previsão para {campaign.name}, se tudo der certo:")
        for sentence in islice(sentences(foreseen), 2):
            paragraph(session.out, sentence, indent=2)
        session.out.line()
        story = Story()
        with _watching(session, story, campaign) as watching:
            play(stage, renderer(), senders, campaign, story, watching.on_happening, watching.on_jump)
        limits = {
            channel: [sender.limits, *(own for of, own in campaign.limits.items() if of is channel)]
            for channel, sender in senders.items()
        }
        proof = asyncio.run(prove(stage.store, campaign, stage.log(), limits))
        stage.keep(folder / DATABASE)
    return Summary(imported, campaign, foreseen, story, proof, folder if session.data else None)


async def _prepare(session: Session, stage: Stage, folder: Path) -> tuple[Imported, Campaign]:
    """The contacts in their list, and the campaign as a draft."""
    from disparo.adapters.files.agenda_file import read_agenda_file
    from disparo.adapters.files.campaign_file import read_campaign_file
    from disparo.domain.agenda.agenda_document import parse_agenda
    from disparo.domain.campaign_document import parse_campaign
    from disparo.simulation.demo_agenda import keep
    from disparo.simulation.demo_story import STARTS_AT

    campaign = parse_campaign(read_campaign_file(folder / CAMPAIGN), created_at=STARTS_AT)
    await keep(stage.store, parse_agenda(read_agenda_file(folder / AGENDA)))
    imported = await import_into(session, stage.store.contacts, folder / CONTACTS, campaign.list_name)
    if session.data is None:
        imported = replace(imported, rejected_report=None)  # it goes with its folder
    if not session.out.json:
        tell_import(session, imported)
    return imported, await stage.store.campaigns.add(campaign)


@dataclass(frozen=True, slots=True)
class _Watching:
    on_happening: Callable[[Happening], None]
    on_jump: Callable[[float], None] | None = None


@contextmanager
def _watching(session: Session, story: Story, campaign: Campaign) -> Iterator[_Watching]:
    """How the story is seen: live on a terminal, line by line in a pipe, not at all as JSON."""
    out, zone = session.out, campaign.place.zone
    if out.json:
        yield _Watching(lambda _: None)
    elif not out.terminal:
        yield _Watching(lambda one: _tell(out, telling(one, zone)) if _worth_a_line(one) else None)
    else:
        from rich.live import Live

        from disparo.entrypoints.cli.demo_view import DemoView

        view = DemoView(story, campaign, out.console)
        with Live(get_renderable=view.render, console=out.console, refresh_per_second=12):
            yield _Watching(view.happened, _slowly())


def _tell(out: Output, line: str) -> None:
    """A line that is seen when it happens, also by whoever reads a pipe."""
    out.line(line)
    out.stdout.flush()


def _worth_a_line(one: Happening) -> bool:
    """What happens often is left out in a pipe: answers, openings, nights in which nobody waits."""
    return one.kind not in (*ANSWERS, "opened") and (one.count > 0 or one.kind not in ("lunch_break", "night"))


def _slowly() -> Callable[[float], None]:
    owed_s = 0.0

    def nap(seconds: float) -> None:
        nonlocal owed_s
        owed_s += min(_LONGEST_S, seconds * _SLOWNESS)
        if owed_s >= _NAP_S:
            time.sleep(owed_s)
            owed_s = 0.0

    return nap
