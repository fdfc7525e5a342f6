"""Settings of requests to addresses that somebody gave us: outgoing webhooks, alarms, calendars, MCP servers."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from disparo.settings.kinds import Names


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    for text in values:
        try:
            ip_network(text)
        except ValueError:
            raise ValueError(f"{text!r} não é uma rede; escreva como 192.168.0.0/16, ou um endereço só") from None
    return values


Networks = Annotated[Names, AfterValidator(_networks)]


class WebhookSettings(BaseModel):
    """What may be reached at addresses that people or secrets name."""

    outside_private_networks_allowed: Networks = Field(
        default=(),
        description="Networks of your own that webhooks, CalDAV and MCP addresses may lead to, as 192.168.0.0/16 or"
        " 127.0.0.1; all others that are not of the internet are refused.",
    )
    outside_plain_http_allowed: bool = Field(
        default=False,
        description="Whether webhooks may go to http:// addresses of the internet, which anybody on the way reads.",
    )
