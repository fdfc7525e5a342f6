"""A bill in words for people and as JSON for programs, and why each item differs from the document's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from disparo.domain.aws_prices import AS_OF, PRICES, Region
from disparo.domain.cloud_cost import Assumptions, Estimate, Installation, Item
from disparo.entrypoints.cli import provider_prices
from disparo.entrypoints.cli.provider_prices import number
from disparo.usecases.cost import ChannelCost, Comparison, Verdict

_ITEMS = {
    Item.LAMBDA: "Lambda",
    Item.DYNAMODB: "DynamoDB",
    Item.SQS: "SQS",
    Item.EVENTBRIDGE: "EventBridge",
    Item.SECRETS_MANAGER: "Secrets Manager",
    Item.API_GATEWAY: "API Gateway",
    Item.CLOUDWATCH: "CloudWatch",
    Item.KMS: "KMS",
    Item.S3: "S3",
    Item.DATA_TRANSFER: "saída de dados",
}
_VERDICTS = {
    Verdict.BELOW: "menos",
    Verdict.WITHIN: "dentro",
    Verdict.ABOVE: "mais",
    Verdict.ABSENT: "não está lá",
}
_MILLION = 1_000_000


def dollars(usd: float) -> str:
    """`US$ 1.234,50`."""
    from babel.numbers import format_currency

    return format_currency(usd, "USD", locale="pt_BR")


def people_row(one: Comparison) -> dict[str, Any]:
    """A line of the table for people: an item, or the total."""
    low, high = one.document or (None, None)
    between = "" if low is None or high is None else f"{low:g}" if low == high else f"{low:g} a {high:g}"
    return {"item": title(one), "usd": dollars(one.usd), "document": between, "verdict": _VERDICTS[one.verdict]}


def program_row(one: Comparison) -> dict[str, Any]:
    """The same for programs."""
    between = None if one.document is None else "{:g}-{:g}".format(*one.document)
    return {"item": one.item or "total", "usd": f"{one.usd:.2f}", "document": between, "verdict": one.verdict}


def title(one: Comparison) -> str:
    """What people call an item."""
    return _ITEMS[one.item] if one.item else "TOTAL"


def charge_items(found: Estimate, *, people: bool) -> list[dict[str, Any]]:
    """A line for each charge: how much of what, and what it costs."""
    return [
        {
            "item": charge.item,
            "part": charge.part,
            "quantity": number(charge.quantity, "#,##0.##") if people else f"{charge.quantity:.2f}",
            "unit": PRICES[charge.price].unit,
            "usd": dollars(charge.usd) if people else f"{charge.usd:.4f}",
        }
        for charge in found.charges
    ]


def document(
    found: Estimate,
    compared: Sequence[Comparison],
    installation: Installation,
    environment: str,
    sending: Sequence[ChannelCost],
    *,
    free_tier: bool,
) -> dict[str, Any]:
    """Everything as JSON: amounts in USD a month, before taxes."""
    why = dict(reasons(found, compared, installation))
    return {
        "environment": environment,
        "region": found.region,
        "messages_per_day": found.messages_per_day,
        "free_tier": free_tier,
        "arch": installation.arch,
        "prices_as_of": AS_OF.isoformat(),
        "total_usd": round(found.total, 4),
        "items": [
            {
                "item": one.item or "total",
                "usd": round(one.usd, 4),
                "document_usd": list(one.document) if one.document else None,
                "verdict": one.verdict,
                "why": why[title(one)],
            }
            for one in compared
        ],
        "charges": [asdict(charge) | _priced(charge.price, found.region) for charge in found.charges],
        "assumptions": asdict(Assumptions()),
        "providers": provider_prices.document(sending, "USD") if sending else None,
    }


def _priced(name: str, region: Region) -> dict[str, Any]:
    price = PRICES[name]
    return {
        "unit": price.unit,
        "per": price.per,
        "price_usd": price.of(region, price.per),
        "price_checked": region in price.checked,
        "price_page": price.page,
    }


def reasons(found: Estimate, compared: Sequence[Comparison], installation: Installation) -> list[tuple[str, str]]:
    """For each item, and for the total, why it is not what the document says."""
    told = {
        Item.LAMBDA: _why_lambda(found, installation),
        Item.DYNAMODB: _why_dynamodb(installation, _of(compared, Item.DYNAMODB)),
        Item.SQS: _why_sqs(found),
        Item.EVENTBRIDGE: _why_eventbridge(found),
        Item.SECRETS_MANAGER: _why_secrets(found),
        Item.API_GATEWAY: f"O documento não conta: {_many(found, Item.API_GATEWAY, 'requests')} requisições, quase "
        "todas avisos de entrega e leitura dos provedores.",
        Item.CLOUDWATCH: _why_cloudwatch(found),
        Item.KMS: "O documento não conta: nada com as chaves da própria AWS; uma sua custa US$ 1,00 e o seu uso.",
        Item.S3: "O documento não conta: arquivos de contatos; centavos.",
        Item.DATA_TRANSFER: "O documento não conta: os pedidos aos provedores, que saem da AWS.",
    }
    return [*((_ITEMS[item], text) for item, text in told.items()), ("TOTAL", _why_total(compared[-1], installation))]


def _of(compared: Sequence[Comparison], item: Item) -> Comparison:
    return next(one for one in compared if one.item is item)


def _quantity(found: Estimate, item: Item, part: str) -> float:
    return sum(charge.quantity for charge in found.charges if charge.item is item and charge.part == part)


def _usd(found: Estimate, item: Item, end: str) -> float:
    return sum(charge.usd for charge in found.charges if charge.item is item and charge.part.endswith(end))


def _many(found: Estimate, item: Item, part: str) -> str:
    quantity = _quantity(found, item, part)
    return f"{number(quantity / _MILLION, '0.0')} milhões de" if quantity >= 2 * _MILLION else number(quantity)


def _why_lambda(found: Estimate, installation: Installation) -> str:
    running = found.of(Item.LAMBDA) - _usd(found, Item.LAMBDA, "_provisioned")
    if not installation.provisioned:
        return (
            f"Só o tempo em que as funções trabalham ({dollars(running)}). O documento só se explica com instâncias "
            "prontas (concorrência provisionada), pagas também paradas."
        )
    ready = _usd(found, Item.LAMBDA, "_provisioned")
    names = ", ".join(sorted(installation.provisioned))
    return (
        f"{dollars(ready)} são instâncias prontas em {names}, pagas também paradas; o trabalho custa "
        f"{dollars(running)}. O documento as prevê sem dizer em quais funções: compare com --provisioned-on all e "
        "--provisioned-on none."
    )


def _why_dynamodb(installation: Installation, compared: Comparison) -> str:
    if installation.capacity is not None:
        return (
            "Capacidade provisionada: paga-se o mínimo de cada tabela e índice também parados; sob demanda "
            "(dynamodb_billing_mode) paga-se por gravação."
        )
    assumed = Assumptions()
    text = (
        f"{number(assumed.write_units_per_message, '0.#')} unidades de escrita por mensagem, ao preço que vale desde "
        "novembro de 2024, metade do anterior."
    )
    low = compared.document[0] if compared.document else 0.0
    if compared.verdict is Verdict.BELOW and compared.usd:
        times = number(low / compared.usd, "0.#")
        text += f" Para chegar a {dollars(low)} seriam precisas {times} vezes mais mensagens."
    return text


def _why_sqs(found: Estimate) -> str:
    idle, handled = (_quantity(found, Item.SQS, part) for part in ("idle_polling", "messages"))
    share = number(100 * idle / (idle + handled))
    return (
        f"{share} % das requisições são a Lambda perguntando se há algo na fila, também sem nada a enviar; as "
        "mensagens vão em lotes de dez. Um dólar paga 2,5 milhões de requisições."
    )


def _why_eventbridge(found: Estimate) -> str:
    count = number(_quantity(found, Item.EVENTBRIDGE, "invocations"))
    return f"Dois agendamentos por minuto são {count} invocações no mês, a um dólar por milhão; o documento arredonda."


def _why_secrets(found: Estimate) -> str:
    secrets = number(_quantity(found, Item.SECRETS_MANAGER, "secrets"))
    return f"{secrets} segredos e as suas leituras, guardadas por alguns minutos na memória de cada instância."


def _why_cloudwatch(found: Estimate) -> str:
    metrics, alarms, logged = (_quantity(found, Item.CLOUDWATCH, one) for one in ("metrics", "alarms", "log_ingestion"))
    return (
        f"O documento não conta: {number(metrics)} métricas próprias, {number(alarms)} alarmes, um painel e "
        f"{number(logged, '0.0')} GB de registros."
    )


def _why_total(total: Comparison, installation: Installation) -> str:
    if total.verdict is Verdict.WITHIN:
        return "Dentro da faixa do documento, embora os itens não sejam os mesmos."
    if total.verdict is Verdict.ABOVE:
        return "Mais que o documento: veja acima o item que passa da sua faixa."
    if installation.provisioned:
        return "Menos que o documento, sobretudo no DynamoDB; o que lá falta (CloudWatch e outros) não compensa."
    return "Menos que o documento: sem instâncias prontas, quase tudo é pago por uso."


def notes(found: Estimate, environment: str, sending: Sequence[ChannelCost], *, free_tier: bool) -> Iterator[str]:
    """What should be known besides."""
    each = found.total / (found.messages_per_day * 365 / 12) if found.messages_per_day else 0.0
    tier = "descontado o que é sempre gratuito" if free_tier else "sem descontar nada do que é gratuito (--free-tier)"
    yield (
        f"Por mês, em dólares e antes de impostos: {environment}, {found.region}, {number(found.messages_per_day)} "
        f"mensagens por dia ({number(each * 1000, '0.000')} dólares por mil), {tier}. Preços de {AS_OF:%d/%m/%Y}."
    )
    unchecked = sorted({one.item for one in found.charges if found.region not in PRICES[one.price].checked})
    if unchecked:
        names = ", ".join(_ITEMS[item] for item in unchecked)
        yield f"Preços não conferidos numa lista da AWS nesta região, ao menos em parte: {names} (docs/cost.md)."
    if sending:
        both = found.total + provider_prices.total(sending)
        yield f"{provider_prices.sentence(sending, 'USD')} Com a AWS: {dollars(both)}."
