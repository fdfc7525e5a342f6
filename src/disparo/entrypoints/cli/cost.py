"""`disparo cost`: what the AWS family costs in a month, item by item, beside the source document's table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.entrypoints.cli.cost_words import charge_items, document, notes, people_row, program_row, reasons, title
from disparo.entrypoints.cli.paragraphs import labelled, paragraph
from disparo.entrypoints.cli.provider_prices import Prices, by_channel
from disparo.entrypoints.cli.session import GivenSession, Session

if TYPE_CHECKING:
    from disparo.domain.cloud_cost import Installation
    from disparo.settings import Settings

Function = Literal["api", "send", "schedule", "ingest", "all", "none"]

_COLUMNS = {"item": "item", "usd": "aqui", "document": "documento", "verdict": "ao lado do documento"}
_CHARGES = {"item": "item", "part": "o quê", "quantity": "quantidade", "unit": "unidade", "usd": "USD"}
_WHOLE = 100


def cost(
    *,
    messages_per_day: Annotated[int, Parameter(help="Mensagens por dia, em média no mês.")] = 10_000,
    region: Annotated[Literal["us-east-1", "sa-east-1"], Parameter(help="Região da AWS.")] = "us-east-1",
    environment: Annotated[
        Literal["dev", "prod"] | None, Parameter(help="Ambiente (sem ele: o das configurações).")
    ] = None,
    arch: Annotated[Literal["arm64", "x86_64"], Parameter(help="Máquina das funções.")] = "arm64",
    provisioned_on: Annotated[
        tuple[Function, ...],
        Parameter(help="Funções com provisioned_concurrent_executions instâncias prontas; pode ser repetida."),
    ] = ("api",),
    free_tier: Annotated[bool, Parameter(help="Desconta o que a AWS dá a toda conta, todo mês.")] = False,
    details: Annotated[bool, Parameter(help="Mostra cada cobrança com a quantidade.")] = False,
    price: Prices = (),
    share: Annotated[
        tuple[str, ...], Parameter(help="canal=parte das mensagens em %, como sms=20; só com mais de um --price.")
    ] = (),
    session: GivenSession,
) -> None:
    """Estimate the bill of a month, and say why it differs from the document's."""
    from disparo.domain.aws_prices import Region
    from disparo.domain.cloud_cost import DAYS, estimate
    from disparo.usecases.cost import compare, provider_costs

    if messages_per_day < 0:
        raise InputError(f"--messages-per-day {messages_per_day}: escreva um número a partir de 0")
    prices = by_channel(price, "--price")
    shares = _shares(prices, by_channel(share, "--share"))
    settings = _settings(session, environment)
    installation = _installation(settings, arch, provisioned_on)
    found = estimate(installation, messages_per_day, Region(region), free_tier=free_tier)
    compared = compare(found, settings.environment)
    sending = provider_costs({one: part * messages_per_day * DAYS for one, part in shares.items()}, prices)
    out = session.out
    if out.json:
        out.document(document(found, compared, installation, settings.environment, sending, free_tier=free_tier))
        return
    if details:
        out.table(charge_items(found, people=out.terminal), _CHARGES)
        out.line()
    why = reasons(found, compared, installation)
    if out.terminal:
        out.table([people_row(one) for one in compared], _COLUMNS)
        out.line()
        labelled(out, why)
        out.line()
    else:
        told = dict(why)
        rows = [program_row(one) | {"why": told[title(one)]} for one in compared]
        out.table(rows, {**_COLUMNS, "why": "por quê"})
    for note in notes(found, settings.environment, sending, free_tier=free_tier):
        paragraph(out, note)


def _settings(session: Session, environment: str | None) -> Settings:
    """The settings, with the profile of another environment when one is asked for."""
    if environment is None:
        return session.settings
    from disparo.settings import load_settings

    return load_settings(
        config=session.config,
        tfvars=session.tfvars,
        overrides={"data": session.data, "environment": environment},
        environ=session.environ,
        cwd=session.cwd,
    ).settings


def _installation(
    settings: Settings, arch: Literal["arm64", "x86_64"], provisioned_on: tuple[Function, ...]
) -> Installation:
    from disparo.domain import cloud_cost as model

    chosen = set(model.Function) if "all" in provisioned_on else set(provisioned_on) & set(model.Function)
    ready = settings.provisioned_concurrent_executions
    by_request = settings.billing_mode() == "PAY_PER_REQUEST"
    return model.Installation(
        memory_mb={one: getattr(settings, f"lambda_memory_{one}") for one in model.Function},
        provisioned={model.Function(one): ready for one in chosen if ready},
        arch=arch,
        capacity=None if by_request else model.Capacity(settings.autoscaling_read_min, settings.autoscaling_write_min),
        replicas=len(settings.replica_regions),
    )


def _shares(prices: Mapping[Channel, float], shares: Mapping[Channel, float]) -> Mapping[Channel, float]:
    """The part of each channel, from 0 to 1; the only channel with a price has all when no share was given."""
    if not shares:
        if len(prices) > 1:
            raise InputError("--price: com mais de um canal, diga a parte de cada um, como --share whatsapp=80")
        return dict.fromkeys(prices, 1.0)
    if abs(sum(shares.values()) - _WHOLE) > 0.01:
        raise InputError(f"--share: as partes somam {sum(shares.values()):g} %; escreva partes que somem 100")
    return {channel: part / _WHOLE for channel, part in shares.items()}
