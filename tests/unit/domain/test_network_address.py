from __future__ import annotations

from ipaddress import ip_address

import pytest

from disparo.domain.errors import InputError
from disparo.domain.network_address import inside_reason, parse_networks, refusal_of

INSIDE = {
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "0.0.0.0": "this_host",
    "0.1.2.3": "this_host",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "100.64.0.1": "carrier_nat",
    "100.127.255.255": "carrier_nat",
    "169.254.1.1": "link_local",
    "169.254.169.254": "metadata",
    "169.254.170.2": "metadata",
    "100.100.100.200": "metadata",
    "168.63.129.16": "metadata",
    "192.0.0.192": "metadata",
    "fd00:ec2::254": "metadata",
    "192.0.0.8": "reserved",
    "198.18.0.1": "reserved",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "224.0.0.1": "multicast",
    "203.0.113.9": "documentation",
    "::": "this_host",
    "::1": "loopback",
    "fe80::1": "link_local",
    "fc00::1": "private",
    "fdff::1": "private",
    "fec0::1": "private",
    "ff02::1": "multicast",
    "2001:db8::1": "documentation",
    "100::1": "reserved",
    "4000::1": "reserved",
    "::ffff:127.0.0.1": "loopback",
    "::ffff:10.1.2.3": "private",
    "::ffff:169.254.169.254": "metadata",
    "::127.0.0.1": "loopback",
    "64:ff9b::7f00:1": "loopback",
    "64:ff9b::a9fe:a9fe": "metadata",
    "64:ff9b:1::a00:1": "private",
    "2002:7f00:1::": "loopback",
    "2002:c0a8:101::1": "private",
    "2001:0:7f00:1:0:0:0:0": "loopback",
    "2001:0:808:808::f5ff:fffe": "private",
    "2a00:1450:4001:81b::5efe:a00:1": "private",
    "2a00:1450:4001:81b:200:5efe:7f00:1": "loopback",
}
OUTSIDE = ("8.8.8.8", "1.1.1.1", "177.43.1.2", "172.32.0.1", "100.128.0.1", "192.0.1.1", "2606:4700:4700::1111")


@pytest.mark.parametrize("text", INSIDE)
def test_what_is_inside_is_refused_and_says_why(text: str) -> None:
    assert inside_reason(ip_address(text)) == INSIDE[text]


@pytest.mark.parametrize("text", OUTSIDE)
def test_an_address_of_the_internet_is_not_refused(text: str) -> None:
    assert inside_reason(ip_address(text)) is None


@pytest.mark.parametrize("text", ["::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"])
def test_an_address_that_carries_one_of_the_internet_is_not_refused(text: str) -> None:
    assert inside_reason(ip_address(text)) is None


def test_what_is_allowed_is_reached_in_either_spelling_and_nothing_beside_it() -> None:
    allowed = parse_networks(["127.0.0.1", "192.168.0.0/16"], "place")
    for text in ("127.0.0.1", "192.168.7.7", "::ffff:127.0.0.1", "8.8.8.8"):
        assert refusal_of(ip_address(text), allowed) is None
    for text in ("127.0.0.2", "10.0.0.1", "::1", "2002:c0a8:101::1"):
        assert refusal_of(ip_address(text), allowed) is not None


def test_a_metadata_service_is_reached_only_where_just_it_is_allowed() -> None:
    service = ip_address("169.254.169.254")
    assert refusal_of(service, parse_networks(["0.0.0.0/0", "169.254.0.0/16"], "place")) == "metadata"
    assert refusal_of(service, parse_networks(["169.254.169.254"], "place")) is None


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(InputError, match=r"place: '10\.0\.0\.1/8'"):
        parse_networks(["10.0.0.1/8"], "place")
