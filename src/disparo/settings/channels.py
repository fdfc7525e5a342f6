"""Settings of what really carries messages: the senders, and the address under which providers reach us."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from disparo.domain.contact import Channel
from disparo.settings.kinds import Doubt, Limit, Number, Whole

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SECRET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_PATH = r"(/[^\s?#]*)?"
_ADDRESS = re.compile(rf"https://[^\s/?#@]+{_PATH}|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?{_PATH}")


def _public_url(value: object) -> object:
    if isinstance(value, str) and not _ADDRESS.fullmatch(value):
        raise ValueError("escreva um endereço como https://disparo.exemplo.com.br")
    return value.rstrip("/") if isinstance(value, str) else value


class SenderSettings(BaseModel):
    """One sender: a number or an address at a provider. Limits that are not given are those of its channel."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    channel: Channel
    provider: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    secret: str | None = Field(default=None, pattern=f"^{_SECRET.pattern}$")
    weight: Whole = Field(default=1, ge=1, le=1000)
    hourly: Limit = None
    burst: Limit = None
    daily: Limit = None
    doubt_policy: Doubt | None = None


def _plain_text(value: object) -> object:
    """The answer is a template like any other, and its marks would be taken for one's own."""
    if isinstance(value, str) and ("{{" in value or "{%" in value):
        raise ValueError("escreva um texto sem {{ nem {%: esta resposta é igual para todos")
    return value


def _senders(value: object) -> object:
    """A table of senders, or the JSON of one."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError('escreva um objeto JSON como {"principal": {"channel": "sms", …}}') from None
    if not isinstance(value, Mapping):
        raise ValueError("escreva uma tabela [senders.nome] para cada remetente")
    return {str(name): _sender(str(name), table) for name, table in value.items()}


def _sender(name: str, table: object) -> SenderSettings:
    if not _NAME.fullmatch(name):
        raise ValueError(f"senders.{name}: use até 40 letras minúsculas sem acento, algarismos, - e _ no nome")
    if isinstance(table, SenderSettings):
        return table
    if isinstance(table, Mapping):  # JSON's null says nothing
        table = {key: value for key, value in table.items() if value is not None}
    try:
        return SenderSettings.model_validate(table)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(["senders", name, *map(str, first["loc"])])
        raise ValueError(f"{place}: {_words(first)}") from None


def _words(fault: Mapping[str, Any]) -> str:
    match fault["type"]:
        case "missing":
            return "falta esta chave"
        case "extra_forbidden":
            return f"não existe; há {', '.join(SenderSettings.model_fields)}"
        case "value_error":
            return str(fault["ctx"]["error"])
        case "enum" | "literal_error":
            return f"escreva {fault['ctx']['expected'].replace(' or ', ' ou ')}"
        case "less_than_equal" | "greater_than_equal":
            return "escreva um número de 1 a 1000"
        case _:
            return "não serve; veja docs/channels.md"


class ChannelSettings(BaseModel):
    """Who sends, and where we are."""

    senders: Annotated[Mapping[str, SenderSettings], BeforeValidator(_senders)] = Field(
        default_factory=dict,
        description="Senders by name: `channel`, `provider`, `secret`, `weight`, own limits ([channels](channels.md)). "
        "Without one a channel has a single sender, of the provider whose secret is there.",
    )
    sender_recovery_minutes: Number = Field(
        default=10.0,
        ge=0,
        le=1440,
        description="How long a sender whose breaker was open takes to get its whole share of the traffic again.",
    )
    public_url: Annotated[str | None, BeforeValidator(_public_url)] = Field(
        default=None,
        description="Address under which providers and contacts reach us, such as `https://disparo.exemplo.com.br`; "
        "without it there are no unsubscribe links and no status callbacks.",
    )
    opt_out_answer: Annotated[str, BeforeValidator(_plain_text)] = Field(
        default="Pronto! Você não receberá mais mensagens nossas.",
        min_length=1,
        max_length=300,
        description="What somebody is told, once, who asked for no more messages.",
    )
    mailbox_secret: str | None = Field(
        default=None,
        pattern=f"^{_SECRET.pattern}$",
        description="Secret of the mailbox (IMAP) in which bounces and replies to e-mail arrive, such as "
        "`mcp-mailbox`; without it none is read.",
    )
    mail_webhook_secret: str | None = Field(
        default=None,
        pattern=f"^{_SECRET.pattern}$",
        description="Secret of the door `/webhooks/mail`, by which a mail server hands over what it received; without "
        "it there is none.",
    )
    webhook_concurrency: Whole = Field(
        default=8, ge=1, le=1000, description="Calls of providers that are worked on at once; others wait their turn."
    )
