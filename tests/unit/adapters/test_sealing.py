from __future__ import annotations

import pytest

from disparo.adapters.sealing import KeySealer
from disparo.ports.sealing import SealError

KEY = b"0123456789abcdef0123456789abcdef"


def test_what_is_sealed_opens_with_the_same_key_for_the_same_thing() -> None:
    sealer = KeySealer(lambda: KEY)
    sealed = sealer.seal("segredo ção", "webhook:1")
    assert "segredo" not in sealed
    assert sealer.seal("segredo ção", "webhook:1") != sealed
    assert KeySealer(lambda: KEY).open(sealed, "webhook:1") == "segredo ção"


@pytest.mark.parametrize(
    ("key", "about", "change"),
    [
        (b"f" * 32, "webhook:1", ""),
        (KEY, "webhook:2", ""),
        (KEY, "webhook:1", "tamper"),
        (KEY, "webhook:1", "cut"),
        (KEY, "webhook:1", "plain"),
    ],
)
def test_nothing_else_opens_it(key: bytes, about: str, change: str) -> None:
    sealed = KeySealer(lambda: KEY).seal("segredo", "webhook:1")
    other = {"": sealed, "tamper": sealed[:-6] + "AAAAA=", "cut": sealed[:8], "plain": "segredo"}[change]
    with pytest.raises(SealError, match=about):
        KeySealer(lambda: key).open(other, about)
