from __future__ import annotations

import pytest

from disparo.domain.errors import InputError
from disparo.domain.password_rules import LONGEST, checked_password

ANA = {"email": "ana.souza@exemplo.com.br", "name": "Ana Souza"}


@pytest.mark.parametrize(
    "password",
    [
        "cavalo bateria grampo",
        "uma frase só minha",
        "Xq7!kk29_zpL",
        "ação é reação ontem",
        "a" * 30 + "bcdefgh",
        "🙂" * 3 + "nove letras",
    ],
)
def test_a_long_enough_phrase_is_taken(password: str) -> None:
    assert checked_password(password, **ANA)


@pytest.mark.parametrize("password", ["", "curta", "onze letras", "x" * (LONGEST + 1)])
def test_length_counts(password: str) -> None:
    with pytest.raises(InputError, match="letras"):
        checked_password(password, **ANA)


@pytest.mark.parametrize(
    "password", ["ana.souza@exemplo.com.br", "ANA.SOUZA2026!!", "ana.souza 12345", "AnaSouza1234567", "ana souza 2026"]
)
def test_it_is_not_ones_own_name_with_a_tail(password: str) -> None:
    with pytest.raises(InputError, match="e-mail"):
        checked_password(password, **ANA)


@pytest.mark.parametrize(
    "password",
    [
        *("senha1234567", "Senha@2026!!", "S3nh@S3nh@S3nh@", "passwordpassword", "administrador1", "abc123abc123"),
        *(
            "Flamengo1981",
            "qwertyuiop12",
            "1qaz2wsx3edc",
            "123456789012",
            "210987654321",
            "aaaaaaaaaaaa",
            "abababababab",
        ),
        *("zyxwvutsrqpo", "poiuytrewq09", "BemVindo2026"),
    ],
)
def test_what_anybody_would_try_first_is_refused(password: str) -> None:
    with pytest.raises(InputError, match="primeiras"):
        checked_password(password, **ANA)


def test_every_keyboard_writes_the_same_password() -> None:
    composed, apart = "caf\u00e9 da manh\u00e3 cedo", "cafe\u0301 da manha\u0303 cedo"
    assert checked_password(composed, **ANA) == checked_password(apart, **ANA)


def test_an_error_never_says_the_password() -> None:
    with pytest.raises(InputError) as raised:
        checked_password("Senha@2026!!", **ANA)
    assert "2026" not in str(raised.value)
