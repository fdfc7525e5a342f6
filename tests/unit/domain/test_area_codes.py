from __future__ import annotations

import re
import zoneinfo

import pytest
from phonenumbers import PhoneMetadata

from disparo.domain.area_codes import AREA_CODE_PLACES, AREA_CODES, STATE_NAMES, city_zone, state_zone


def test_there_are_67_codes_of_27_states() -> None:
    assert len(AREA_CODES) == 67
    assert {state for state, _ in AREA_CODES.values()} == set(STATE_NAMES)
    assert len(STATE_NAMES) == 27


def test_the_codes_are_those_of_the_phone_library() -> None:
    metadata = PhoneMetadata.metadata_for_region("BR")
    assert metadata is not None
    assert metadata.fixed_line is not None
    fixed = metadata.fixed_line.national_number_pattern
    assert fixed is not None
    known = {f"{n:02}" for n in range(100) if re.fullmatch(fixed, f"{n:02}30001234")}
    assert known == set(AREA_CODES)


def test_every_zone_exists() -> None:
    for place in AREA_CODE_PLACES.values():
        assert zoneinfo.ZoneInfo(place.zone)


@pytest.mark.parametrize(
    ("code", "state", "zone"),
    [
        ("81", "PE", "America/Recife"),
        ("11", "SP", "America/Sao_Paulo"),
        ("68", "AC", "America/Rio_Branco"),
        ("92", "AM", "America/Manaus"),
        ("97", "AM", "America/Manaus"),
        ("65", "MT", "America/Cuiaba"),
        ("67", "MS", "America/Campo_Grande"),
        ("69", "RO", "America/Porto_Velho"),
        ("95", "RR", "America/Boa_Vista"),
        ("96", "AP", "America/Belem"),
        ("93", "PA", "America/Santarem"),
        ("94", "PA", "America/Belem"),
        ("63", "TO", "America/Araguaina"),
        ("71", "BA", "America/Bahia"),
        ("55", "RS", "America/Sao_Paulo"),
        ("79", "SE", "America/Maceio"),
    ],
)
def test_a_code_has_its_state_and_zone(code: str, state: str, zone: str) -> None:
    assert AREA_CODES[code] == (state, zone)
    assert AREA_CODE_PLACES[code].region == f"BR-{state}"


def test_the_west_of_amazonas_keeps_acres_time() -> None:
    assert city_zone("BR-AM", "tabatinga") == "America/Eirunepe"
    assert city_zone("BR-AM", "tefe") is None
    assert city_zone("BR-CE", "tabatinga") is None
    assert state_zone("AM") == "America/Manaus"
