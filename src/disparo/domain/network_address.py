"""Which network addresses are inside: of this machine, of somebody's own network, of a cloud's own services.

An address that somebody gives us must not lead there: it would let them ask what only we can reach (SSRF).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from disparo.domain.errors import InputError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",  # AWS, Azure, Google Cloud, DigitalOcean, Oracle
        "169.254.170.2",  # AWS: credentials of a container
        "169.254.170.23",
        "fd00:ec2::254",  # AWS, IPv6
        "fd00:ec2::23",
        "fd20:ce::254",  # Google Cloud, IPv6
        "100.100.100.200",  # Alibaba Cloud
        "192.0.0.192",  # Oracle Cloud
        "168.63.129.16",  # Azure: its wire server, at a public address
    )
)
"""Where clouds tell a machine its own credentials, as their documentation says."""

_INSIDE: Sequence[tuple[str, Network]] = tuple(
    (reason, ip_network(text))
    for reason, texts in (
        ("this_host", ("0.0.0.0/8", "::/128")),
        ("loopback", ("127.0.0.0/8", "::1/128")),
        ("private", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10")),
        ("carrier_nat", ("100.64.0.0/10",)),
        ("link_local", ("169.254.0.0/16", "fe80::/10")),
        ("multicast", ("224.0.0.0/4", "ff00::/8")),
        ("reserved", ("240.0.0.0/4", "192.0.0.0/24", "198.18.0.0/15", "192.88.99.0/24")),
        ("reserved", ("100::/64", "100:0:0:1::/64", "2001::/23", "5f00::/16")),
        ("documentation", ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20")),
    )
    for text in texts
)
"""IANA IPv4 and IPv6 Special-Purpose Address Registries, as of 2025-10."""

_GLOBAL_IPV6 = IPv6Network("2000::/3")
"""All that is given out (IANA IPv6 Global Unicast Address Assignments): what lies elsewhere is nobody's."""

_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""RFC 6052 (well-known prefix), RFC 8215 (local use: whatever is behind it is inside)."""

_COMPATIBLE = IPv6Network("::/96")
"""RFC 4291, section 2.5.5.1, long obsolete: some systems still take them for the IPv4 address at their end."""

_ISATAP = (0x00005EFE, 0x02005EFE)
"""RFC 5214, section 6.1: these before an IPv4 address are the second half of an address."""


def inside_reason(address: Address) -> str | None:
    """Why an address is inside (`loopback`, `private`, `metadata`, …), or None for one of the internet.

    Of an IPv6 address that carries an IPv4 address to which it may be led, both are looked at.
    """
    if address in _METADATA:
        return "metadata"
    carried = carried_by(address)
    reasons = [reason for one in carried if (reason := inside_reason(one)) is not None]
    if reasons:
        return reasons[0]
    for reason, network in _INSIDE:
        if address.version == network.version and address in network:
            return reason
    if isinstance(address, IPv6Address) and not carried and address not in _GLOBAL_IPV6:
        return "reserved"
    # A second opinion: Python's own tables may know what ours do not, yet.
    return None if carried or address.is_global else "reserved"


def carried_by(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses inside an IPv6 address: mapped, 6to4, Teredo, NAT64, compatible or ISATAP."""
    if isinstance(address, IPv4Address):
        return ()
    found: list[IPv4Address] = []
    if address.ipv4_mapped is not None:
        found.append(address.ipv4_mapped)
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if address.teredo is not None:
        found += address.teredo
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    is_special = address in (IPv6Address("::"), IPv6Address("::1"))
    if any(address in one for one in _NAT64) or (address in _COMPATIBLE and not is_special):
        found.append(last)
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        found.append(last)
    return tuple(found)


def refusal_of(address: Address, allowed: Iterable[Network]) -> str | None:
    """Why a connection to an address is refused, or None; `allowed` are networks of one's own.

    A metadata service is reached only where its very address is allowed, not a network around it.
    """
    reason = inside_reason(address)
    if reason is None:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    for network in allowed:
        for one in (address, mapped):
            if one is None or one.version != network.version or one not in network:
                continue
            if reason != "metadata" or network.num_addresses == 1:
                return None
    return reason


def parse_networks(texts: Iterable[str], place: str) -> tuple[Network, ...]:
    """Networks as `10.0.0.0/8` or single addresses; InputError that names the place."""
    found: list[Network] = []
    for text in texts:
        try:
            found.append(ip_network(text.strip()))
        except ValueError:
            raise InputError(f"{place}: {text!r} não é uma rede como 192.168.0.0/16 ou 127.0.0.1") from None
    return tuple(found)
