"""However an inside address is spelled, nothing is sent there."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as some

from disparo.adapters.outside_world import AddressRefusedError, OutsideWorld
from disparo.domain.network_address import inside_reason

INSIDE_NETWORKS = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")


def _in(network: str) -> some.SearchStrategy[int]:
    span = ip_network(network)
    return some.integers(int(span.network_address), int(span.broadcast_address))


inside = some.sampled_from(INSIDE_NETWORKS).flatmap(_in).map(IPv4Address)
outside = some.sampled_from(["8.8.8.8", "1.1.1.1", "177.43.200.1", "200.221.11.1"]).map(IPv4Address)


def _part(value: int, style: int) -> str:
    return (str(value), hex(value), f"0{value:o}", f"0x{value:08X}")[style]


@some.composite
def spellings(draw: some.DrawFn) -> tuple[IPv4Address, str]:
    """An address with one of the ways in which systems accept it: decimal, octal, hexadecimal, in one to four parts."""
    address = draw(inside)
    octets = list(address.packed)
    parts = draw(some.integers(1, 4))
    values = [*octets[: parts - 1], int.from_bytes(bytes(octets[parts - 1 :]), "big")]
    styles = draw(some.lists(some.integers(0, 3), min_size=parts, max_size=parts))
    text = ".".join(_part(value, style) for value, style in zip(values, styles, strict=True))
    return address, text + draw(some.sampled_from(["", "."]))


@some.composite
def embeddings(draw: some.DrawFn) -> IPv6Address:
    """An IPv6 address that leads to an inside IPv4 address."""
    own = int(draw(inside))
    low = draw(some.integers(0, (1 << 64) - 1))
    made = (
        (0xFFFF << 32) | own,
        own if own > 1 else (0xFFFF << 32) | own,
        (0x64FF9B << 96) | own,
        (0x2002 << 112) | (own << 80) | low,
        (0x20010000 << 96) | (own << 64) | low,
        (0x20010000 << 96) | (low << 32) | (own ^ 0xFFFFFFFF),
        (0x2A001450 << 96) | (0x5EFE << 32) | own,
    )
    return IPv6Address(draw(some.sampled_from(made)))


@given(spellings())
def test_a_number_that_is_an_inside_address_is_refused_however_it_is_written(spelled: tuple[IPv4Address, str]) -> None:
    _, text = spelled
    assert OutsideWorld().refusal(f"https://{text}/x") is not None


@given(spellings())
def test_what_a_system_makes_of_a_spelling_is_refused_when_it_connects(spelled: tuple[IPv4Address, str]) -> None:
    address, text = spelled
    try:
        read = socket.inet_ntoa(socket.inet_aton(text.rstrip(".")))
    except OSError:
        return
    assert read == str(address)
    with pytest.raises(AddressRefusedError):
        OutsideWorld().check(text, read)


@given(embeddings())
def test_an_inside_address_is_found_in_whatever_carries_it(address: IPv6Address) -> None:
    assert inside_reason(address) is not None
    assert OutsideWorld().refusal(f"https://[{address}]/x") is not None
    with pytest.raises(AddressRefusedError):
        OutsideWorld().check("name", str(address))


@given(outside, some.sampled_from(["", ":443", ":8443", ":80"]))
def test_addresses_of_the_internet_pass(address: IPv4Address, port: str) -> None:
    assert OutsideWorld().refusal(f"https://{address}{port}/x") is None


@given(some.text(max_size=60))
def test_no_text_breaks_the_look_at_an_address(text: str) -> None:
    world = OutsideWorld()
    world.refusal(text)
    world.refusal(f"https://{text}/")


@given(
    some.sampled_from(
        ["１２７.０.０.１", "127。0。0。1", "①②⑦.0.0.1", "ⓛocalhost", "LOCALHOST", "localhost.", "a.localhost"]
    )
)
def test_letters_that_become_others_do_not_hide_an_address(host: str) -> None:
    assert OutsideWorld().refusal(f"https://{host}/x") is not None
