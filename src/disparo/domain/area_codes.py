"""The 67 Brazilian area codes (DDD), the state of each and the time zone kept there.

Source: Anatel, Plano Geral de Códigos Nacionais (annex of Resolução 263/2001) for code -> state; the tz
database (`zone.tab`, `southamerica`) for state -> zone. Phone libraries answer a set of zones per code and
sort America/Noronha first for Recife's 81; opening hours need the one zone in which people of the code live.
"""

from __future__ import annotations

from disparo.domain.place import Place

_CODES_OF_STATE = {
    "SP": "11 12 13 14 15 16 17 18 19",
    "RJ": "21 22 24",
    "ES": "27 28",
    "MG": "31 32 33 34 35 37 38",
    "PR": "41 42 43 44 45 46",
    "SC": "47 48 49",
    "RS": "51 53 54 55",
    "DF": "61",  # and the municipalities of Goiás around it: same zone
    "GO": "62 64",
    "TO": "63",
    "MT": "65 66",
    "MS": "67",
    "AC": "68",
    "RO": "69",
    "BA": "71 73 74 75 77",
    "SE": "79",
    "PE": "81 87",
    "AL": "82",
    "PB": "83",
    "RN": "84",
    "CE": "85 88",
    "PI": "86 89",
    "PA": "91 93 94",
    "AM": "92 97",
    "RR": "95",
    "AP": "96",
    "MA": "98 99",
}

STATE_NAMES = {
    "AC": "Acre", "AL": "Alagoas", "AM": "Amazonas", "AP": "Amapá", "BA": "Bahia", "CE": "Ceará",
    "DF": "Distrito Federal", "ES": "Espírito Santo", "GO": "Goiás", "MA": "Maranhão", "MG": "Minas Gerais",
    "MS": "Mato Grosso do Sul", "MT": "Mato Grosso", "PA": "Pará", "PB": "Paraíba", "PE": "Pernambuco",
    "PI": "Piauí", "PR": "Paraná", "RJ": "Rio de Janeiro", "RN": "Rio Grande do Norte", "RO": "Rondônia",
    "RR": "Roraima", "RS": "Rio Grande do Sul", "SC": "Santa Catarina", "SE": "Sergipe", "SP": "São Paulo",
    "TO": "Tocantins",
}  # fmt: skip

_ZONE_OF_STATE = {
    "AC": "America/Rio_Branco",
    "AL": "America/Maceio",
    "AM": "America/Manaus",
    "AP": "America/Belem",
    "BA": "America/Bahia",
    "CE": "America/Fortaleza",
    "MA": "America/Fortaleza",
    "MS": "America/Campo_Grande",
    "MT": "America/Cuiaba",
    "PA": "America/Belem",
    "PB": "America/Fortaleza",
    "PE": "America/Recife",
    "PI": "America/Fortaleza",
    "RN": "America/Fortaleza",
    "RO": "America/Porto_Velho",
    "RR": "America/Boa_Vista",
    "SE": "America/Maceio",
    "TO": "America/Araguaina",
}

_ZONE_OF_CODE = {"93": "America/Santarem"}

WESTERN_AMAZONAS = frozenset({
    "atalaia do norte", "benjamin constant", "boca do acre", "eirunepe", "envira", "guajara", "ipixuna",
    "itamarati", "jutai", "labrea", "pauini", "sao paulo de olivenca", "tabatinga",
})  # fmt: skip
"""Municipalities of code 97 that keep Acre's time (UTC-5, America/Eirunepe): those west of the line from
Tabatinga to Porto Acre (Lei 12.876/2013), one that the line cuts counted by its seat. The code alone cannot
tell them from the others, which keep Manaus's.
"""


def state_zone(state: str) -> str:
    """The IANA zone of a state's capital; `state` is one of the 27 codes of `STATE_NAMES`."""
    return _ZONE_OF_STATE.get(state, "America/Sao_Paulo")


def city_zone(region: str | None, city: str) -> str | None:
    """The zone of a municipality that does not keep its state's, else None; `city` in lower case without
    accents.
    """
    if city == "fernando de noronha":
        return "America/Noronha"
    return "America/Eirunepe" if region == "BR-AM" and city in WESTERN_AMAZONAS else None


AREA_CODES: dict[str, tuple[str, str]] = {
    code: (state, _ZONE_OF_CODE.get(code, state_zone(state)))
    for state, codes in _CODES_OF_STATE.items()
    for code in codes.split()
}
"""Area code -> (state, IANA zone)."""

AREA_CODE_PLACES: dict[str, Place] = {code: Place(zone, f"BR-{state}") for code, (state, zone) in AREA_CODES.items()}
"""Area code -> the same as a place."""
