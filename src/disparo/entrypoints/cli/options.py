"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, TypeAlias, TypeVar

from cyclopts import Parameter

from disparo.domain.errors import InputError
from disparo.domain.intervals import zone_named

S = TypeVar("S", bound=StrEnum)
T = TypeVar("T")

CampaignName: TypeAlias = Annotated[str, Parameter(name="NAME", help="Nome da campanha, ou o seu número.")]
ContactId: TypeAlias = Annotated[str, Parameter(name="ID", help="Número do contato (veja: disparo contacts list).")]
OfCampaign: TypeAlias = Annotated[str | None, Parameter(name="--campaign", help="Só desta campanha.")]
OfReason: TypeAlias = Annotated[
    str | None, Parameter(name="--reason", help="Só com este motivo, como address_unknown.")
]
Limit: TypeAlias = Annotated[int, Parameter(name="--limit", help="Quantos no máximo.")]
After: TypeAlias = Annotated[str | None, Parameter(name="--after", help="Continua depois deste, o último já visto.")]
Zone: TypeAlias = Annotated[
    str | None, Parameter(name="--zone", help="Fuso das horas escritas e mostradas, como America/Manaus.")
]
FromDay: TypeAlias = Annotated[str | None, Parameter(name="--from", help="A partir desta data, ou data e hora.")]
ToDay: TypeAlias = Annotated[str | None, Parameter(name="--to", help="Até esta data, ela inclusive, ou até esta hora.")]
MeetingId: TypeAlias = Annotated[str, Parameter(name="ID", help="Número da reunião (veja: disparo meetings list).")]
TypeId: TypeAlias = Annotated[str, Parameter(name="TYPE", help="Tipo de reunião (veja: disparo hosts types).")]
HostId: TypeAlias = Annotated[str, Parameter(name="HOST", help="Anfitrião (veja: disparo hosts list).")]
Yes: TypeAlias = Annotated[bool, Parameter(name="--yes", help="Não pergunta antes.")]


def checked_limit(limit: int) -> int:
    """The limit; InputError below 1."""
    if limit < 1:
        raise InputError(f"--limit {limit}: escreva um número a partir de 1")
    return limit


def page_of(found: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """The first `limit` of what was found when one more was asked for, and whether there is more."""
    return found[:limit], len(found) > limit


def one_of(kind: type[S], text: str, option: str) -> S:
    """The member that a person wrote, `-` and `_` alike; InputError with the choices."""
    try:
        return kind(text.strip().lower().replace("-", "_"))
    except ValueError:
        raise InputError(f"{option} {text}: não existe; escreva um destes: {', '.join(kind)}") from None


def pairs(texts: Sequence[str], option: str) -> Mapping[str, str]:
    """`name=value` options as a mapping; InputError for one without `=` and for a name given twice."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name.strip() and value.strip()):
            raise InputError(f"{option} {text}: escreva campo=coluna, como {option} phone=Telefone")
        if name.strip() in found:
            raise InputError(f"{option} {text}: o campo {name.strip()} já foi dado")
        found[name.strip()] = value.strip()
    return found


def checked_zone(zone: str | None) -> str | None:
    """The zone that `--zone` names; InputError for one that does not exist."""
    if zone is not None:
        zone_named(zone)
    return zone
