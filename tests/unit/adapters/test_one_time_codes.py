from __future__ import annotations

import base64
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from disparo.adapters.one_time_codes import TotpCodes
from disparo.domain.instants import EPOCH

SECRET = base64.b32encode(b"12345678901234567890").decode()
CODES = TotpCodes()
VECTORS = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
"""RFC 6238, appendix B, SHA-1: the last six of its eight digits."""


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    at = EPOCH + timedelta(seconds=seconds)
    assert CODES.step_of(SECRET, code, at, 0) == seconds // 30
    assert CODES.step_of(SECRET, f" {code[:3]} {code[3:]} ", at, 0) == seconds // 30


def test_a_code_counts_for_one_step_before_and_after_and_no_longer() -> None:
    at, step = EPOCH + timedelta(seconds=1111111111), 1111111111 // 30
    for steps, found in ((-2, None), (-1, step), (0, step), (1, step), (2, None)):
        assert CODES.step_of(SECRET, "050471", at + timedelta(seconds=30 * steps), 0) == found


def test_no_code_counts_that_is_not_later_than_the_last() -> None:
    at, step = EPOCH + timedelta(seconds=1111111111), 1111111111 // 30
    assert CODES.step_of(SECRET, "050471", at, step - 1) == step
    assert CODES.step_of(SECRET, "050471", at, step) is None
    assert CODES.step_of(SECRET, "050471", at, step + 5) is None


@pytest.mark.parametrize("code", ["", "5047", "0504711", "05047a", "٠٥٠٤٧١", "050471\0", "-50471", "0x5047"])
def test_what_is_no_code_is_not_looked_at(code: str) -> None:
    assert CODES.step_of(SECRET, code, EPOCH + timedelta(seconds=1111111111), 0) is None


def test_a_secret_has_160_bits_and_an_address_that_programs_read() -> None:
    secret = CODES.new_secret()
    assert len(base64.b32decode(secret)) == 20
    assert secret != CODES.new_secret()
    address = CODES.address(secret, "ana@exemplo.com.br", "Disparo & Agenda")
    assert address.startswith("otpauth://totp/Disparo%20%26%20Agenda:ana%40exemplo.com.br?")
    assert f"secret={secret}" in address


def test_the_picture_is_plain_svg_that_our_policy_allows() -> None:
    picture = CODES.picture(CODES.address(SECRET, "ana@exemplo.com.br", "x"))
    root = ElementTree.fromstring(picture)
    assert root.tag.endswith("svg")
    assert not [one for one in root.iter() if "style" in one.attrib or one.tag.endswith(("script", "style", "image"))]
