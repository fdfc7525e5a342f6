"""`disparo backup`, `disparo restore`: everything that is kept, in one file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from disparo.domain.errors import InputError
from disparo.entrypoints.cli.moments import shown
from disparo.entrypoints.cli.session import GivenSession, Session


def backup(
    file: Annotated[Path, Parameter(name="FILE", help="Onde gravar, como backup.tar.gz; substitui o que houver.")],
    /,
    *,
    session: GivenSession,
) -> None:
    """Write a backup of the data folder, also while it is being worked on."""
    from disparo.bootstrap.backup import back_up

    _refuse_cloud(session)
    made = back_up(session.settings.data, session.cwd / file, datetime.now(UTC))
    session.out.done(
        f"{file}: {made.files} arquivos, {made.bytes / 1e6:.1f} MB. Os segredos dos provedores não estão nele.",
        {"file": str(file), "made_at": made.made_at, "bytes": made.bytes, "files": made.files},
    )


async def restore(
    file: Annotated[Path, Parameter(name="FILE", help="Um arquivo gravado por «disparo backup».")],
    /,
    *,
    keep_running: Annotated[
        bool, Parameter(help="Não pausa as campanhas: só quando nada foi enviado depois do backup.")
    ] = False,
    session: GivenSession,
) -> None:
    """Bring a backup into a data folder that is empty; every campaign begins paused."""
    from disparo.bootstrap.backup import restore

    _refuse_cloud(session)
    brought, paused = await restore(session.cwd / file, session.settings, keep_running=keep_running)
    moment = shown(brought.made_at.astimezone(ZoneInfo(session.zone)))
    session.out.done(
        "\n".join([f"{session.settings.data}: como estava em {moment}.", *_advice(paused, moment)]),
        {"data": str(session.settings.data), "made_at": brought.made_at, "paused": paused},
    )


def _advice(paused: list[str], moment: str) -> list[str]:
    if not paused:
        return []
    return [
        f"Pausadas: {', '.join(paused)}.",
        f"O que saiu depois de {moment} não consta aqui e sairia de novo. Confira com os provedores antes de retomar "
        "(disparo campaign resume), e espere uma hora, para que os limites valham.",
    ]


def _refuse_cloud(session: Session) -> None:
    if session.settings.store != "embedded":
        raise InputError("na AWS quem guarda cópias é o DynamoDB (point-in-time recovery); veja docs/aws.md")
