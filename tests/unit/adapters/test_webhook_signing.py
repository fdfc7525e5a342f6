from __future__ import annotations

from datetime import UTC, datetime

import pytest

from disparo.adapters.sealing import KeySealer
from disparo.adapters.standard_webhooks import sign
from disparo.adapters.webhook_signing import SealedSigning, secret_name, written_secret
from disparo.domain.webhook import Endpoint
from disparo.ports.sealing import SealError

NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)
OLD, NEW = written_secret(b"o" * 32), written_secret(b"n" * 32)
LOST, KEPT = KeySealer(lambda: b"another installation's key"), KeySealer(lambda: b"this installation's key")


def endpoint(sealer: KeySealer) -> Endpoint:
    return Endpoint("wh_1", "https://exemplo.com.br/", sealer.seal(OLD, secret_name("wh_1")), NOW)


def test_while_a_secret_is_replaced_both_sign() -> None:
    rotated = endpoint(KEPT).rotated(KEPT.seal(NEW, secret_name("wh_1")), NOW)
    headers = SealedSigning(lambda: KEPT).headers(rotated, "evt_1", b"{}", NOW)
    both = [sign(one, "evt_1", b"{}", NOW)["webhook-signature"] for one in (NEW, OLD)]
    assert headers["webhook-signature"] == " ".join(both)


def test_a_new_secret_signs_at_once_when_the_key_of_the_one_before_was_lost() -> None:
    signing, lost = SealedSigning(lambda: KEPT), endpoint(LOST)
    with pytest.raises(SealError):
        signing.headers(lost, "evt_1", b"{}", NOW)
    headers = signing.headers(lost.rotated(KEPT.seal(NEW, secret_name("wh_1")), NOW), "evt_1", b"{}", NOW)
    assert headers["webhook-signature"] == sign(NEW, "evt_1", b"{}", NOW)["webhook-signature"]
