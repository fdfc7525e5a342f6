"""`disparo backup`, `disparo restore`: everything that is kept, in one file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from disparo.domain.errors import InputError
from disparo.entrypoints.cli.moments import shown
from disparo.entrypoints.cli.session import GivenSession, Session

if TYPE_CHECKING:
    from disparo.bootstrap.backup import Restored


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
    keep_access: Annotated[
        bool,
        Parameter(
            help="Não revoga chaves de API nem desativa endpoints: só quando nenhum foi revogado, trocado ou removido "
            "depois do backup."
        ),
    ] = False,
    session: GivenSession,
) -> None:
    """Bring a backup into a data folder that is empty; every campaign begins paused, and nobody is signed in."""
    from disparo.bootstrap.backup import restore

    _refuse_cloud(session)
    source = session.cwd / file
    brought = await restore(source, session.settings, keep_running=keep_running, keep_access=keep_access)
    moment = shown(brought.backup.made_at.astimezone(ZoneInfo(session.zone)))
    advice = [*_advice(brought.paused, moment), *_entrances(brought, moment)]
    session.out.done(
        "\n".join([f"{session.settings.data}: como estava em {moment}.", *advice]),
        {
            "data": str(session.settings.data),
            "made_at": brought.backup.made_at,
            "paused": brought.paused,
            "sessions_ended": brought.shut.sessions,
            "keys_revoked": brought.shut.keys,
            "endpoints_disabled": brought.shut.endpoints,
        },
    )


def _entrances(brought: Restored, moment: str) -> list[str]:
    """Who does not get in any more, and what a person is to look at."""
    lines = ["Todos entram de novo no console, com a senha daquele dia; links de uso único daquele dia não valem mais."]
    if brought.shut.keys:
        names = ", ".join(brought.shut.keys)
        lines.append(f"Chaves de API revogadas, pois alguma pode ter sido revogada desde então: {names}.")
        lines.append("Crie novas para os programas que ainda devem entrar (disparo keys add).")
    if brought.shut.endpoints:
        lines.append(f"Endpoints desativados: {', '.join(brought.shut.endpoints)}. Ative os que ainda valem.")
    lines.append(
        f"Contas desativadas, papéis tirados e pessoas apagadas depois de {moment} estão de volta: confira as contas "
        "(disparo accounts list) e apague de novo as pessoas (disparo contacts erase)."
    )
    return lines


def _advice(paused: Sequence[str], moment: str) -> list[str]:
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
