"""Connections to addresses that somebody gave us: checked by where they really lead, and made to just that.

What is checked is each address that a name stands for, and what is connected to is the address that was checked, so
that a name which stands for another one a moment later (DNS rebinding) gains nothing. aiohttp and yarl are imported
late.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from disparo.domain.network_address import Address, Network, parse_networks, refusal_of

if TYPE_CHECKING:
    import aiohttp
    from yarl import URL

SETTING = "outside_private_networks_allowed"
PLAIN = "outside_plain_http_allowed"
"""The settings by which an installation allows more."""

LONGEST = 2_048
"""Characters of an address."""

_LOWEST_FREE_PORT = 1_024
_USUAL_PORTS = (80, 443)
_THIS_MACHINE = ("localhost", "localhost.localdomain")
_LOOPBACK: tuple[Address, ...] = (ip_address("127.0.0.1"), ip_address("::1"))

_WORDS = {
    "this_host": "desta máquina",
    "loopback": "desta máquina",
    "private": "de uma rede interna",
    "carrier_nat": "de uma rede interna",
    "link_local": "de uma rede interna",
    "metadata": "do serviço de credenciais da nuvem",
    "multicast": "que não é de um servidor",
    "reserved": "que não é da internet",
    "documentation": "que só existe em exemplos",
}


class AddressRefusedError(OSError):
    """A connection that must not be made; an OSError, so that clients treat it as one that could not be."""


class OutsideWorld:
    """What may be connected to: the internet, and networks of one's own that are `allowed`.

    `https_only` refuses plain http, except to an address of an allowed network.
    """

    def __init__(self, allowed: Sequence[str] = (), *, https_only: bool = True) -> None:
        networks = parse_networks(allowed, SETTING)
        if any(refusal_of(_LOOPBACK[0], [one]) is None for one in networks):
            networks += parse_networks(["::1"], SETTING)  # names of this machine stand for both
        self._allowed: tuple[Network, ...] = networks
        self._https_only = https_only

    def refusal(self, url: str) -> str | None:
        """Why an address is not used at all, in Portuguese, as far as it can be seen without asking for its name."""
        from yarl import URL

        if len(url) > LONGEST or not url.isprintable() or url != url.strip() or "\\" in url:
            return "não é um endereço completo como https://exemplo.com.br/caminho"
        try:
            parts = URL(url)
            port, host = parts.port, parts.raw_host
        except (ValueError, UnicodeError):
            return "não é um endereço completo como https://exemplo.com.br/caminho"
        if parts.scheme not in ("http", "https") or not host:
            return "não é um endereço completo como https://exemplo.com.br/caminho"
        if parts.raw_user is not None or parts.raw_password is not None or "@" in parts.raw_authority:
            return "tem usuário ou senha; deixe só o endereço"
        return self._refused_host(parts, host.lower().rstrip("."), port)

    def _refused_host(self, parts: URL, host: str, port: int | None) -> str | None:
        if port is None or (port < _LOWEST_FREE_PORT and port not in _USUAL_PORTS):
            return f"a porta {port} não é de um servidor web; use 443 ou uma acima de 1023"
        own = _literal(host)
        if own is None and _ends_in_a_number(host):
            return "escreva o endereço IP na forma usual, como 203.0.113.7"
        if host in _THIS_MACHINE or host.endswith(".localhost"):
            reasons = [refusal_of(one, self._allowed) for one in _LOOPBACK]
            if None not in reasons:
                return _sentence(host, "loopback")
            return None
        if own is not None and (reason := refusal_of(own, self._allowed)) is not None:
            return _sentence(host, reason)
        if parts.scheme == "http" and self._https_only and (own is None or not self._is_allowed(own)):
            return f"tem de ser https://, ou o que é enviado viajaria aberto; quem quer assim mesmo liga {PLAIN}"
        return None

    def _is_allowed(self, address: Address) -> bool:
        return any(address.version == one.version and address in one for one in self._allowed)

    def check(self, host: str, address: str) -> None:
        """AddressRefusedError unless a connection to this address (as text), which `host` stands for, may be made."""
        try:
            known = ip_address(address.partition("%")[0])
        except ValueError:
            raise AddressRefusedError(f"{host}: não é um endereço IP") from None
        if (reason := refusal_of(known, self._allowed)) is not None:
            raise AddressRefusedError(_sentence(host, reason))

    async def addresses(self, host: str, port: int) -> list[str]:
        """What a name stands for, all of it checked; AddressRefusedError, and OSError when it stands for nothing."""
        import asyncio

        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        for address in addresses:
            self.check(host, address)
        return addresses

    def connector(self, **options: Any) -> aiohttp.TCPConnector:
        """aiohttp's connector, which connects nowhere else; made in the event loop that it is used in."""
        from aiohttp import TCPConnector
        from aiohttp.resolver import ThreadedResolver

        world = self

        class Checked(ThreadedResolver):
            async def resolve(
                self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
            ) -> list[Any]:
                found = await super().resolve(host, port, family)
                for one in found:
                    world.check(host, one["host"])
                return found

        # Of a name that stands for an address already nobody asks the resolver: here none gets past.
        def opened(info: tuple[Any, ...]) -> socket.socket:
            family, kind, protocol, _, address = info
            world.check(str(address[0]), str(address[0]))
            return socket.socket(family=family, type=kind, proto=protocol)

        return TCPConnector(resolver=Checked(), socket_factory=opened, **options)


def refused_by(error: BaseException) -> str | None:
    """What an error says that a refused address is at the bottom of; None for others."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or one in seen:
            continue
        if isinstance(one, AddressRefusedError):
            return str(one)
        seen.append(one)
        waiting += [one.__cause__, one.__context__, getattr(one, "os_error", None)]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
    return None


def _sentence(host: str, reason: str) -> str:
    if reason == "metadata":
        return f"{host}: é um endereço {_WORDS[reason]}, e nada é enviado para lá"
    return (
        f"{host}: é um endereço {_WORDS[reason]}, e nada é enviado para lá; "
        f"se for seu, ponha a rede em {SETTING}, como 192.168.0.0/16"
    )


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _ends_in_a_number(host: str) -> bool:
    """Whether systems may take a name for an IPv4 address (WHATWG URL standard, "ends in a number checker")."""
    last = host.rpartition(".")[2]
    return last.isdecimal() or (last[:2] in ("0x", "0X") and all(one in "0123456789abcdefABCDEF" for one in last[2:]))
