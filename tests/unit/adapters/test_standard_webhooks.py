"""Signatures of the Standard Webhooks specification."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from disparo.adapters.standard_webhooks import check, sign, signing_key
from disparo.domain.errors import InputError
from disparo.ports.callback import CallbackRefusedError

# The example of the specification's reference libraries (github.com/standard-webhooks/standard-webhooks).
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_example_of_the_specification_is_signed_as_there() -> None:
    assert sign(SECRET, MESSAGE_ID, BODY, AT) == {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_one_right_signature_of_several_is_enough() -> None:
    headers = sign(SECRET, MESSAGE_ID, BODY, AT)
    check(signing_key(SECRET), headers | {"webhook-signature": f"v1,AAAA v2,x {SIGNATURE}"}, BODY, AT)
    with pytest.raises(CallbackRefusedError):
        check(signing_key(SECRET), headers | {"webhook-signature": "v1,AAAA " + SIGNATURE[:-1]}, BODY, AT)


def test_a_secret_that_is_no_base64_is_refused() -> None:
    for secret in ("whsec_ção", "whsec_a", "whsec_a b"):
        with pytest.raises(InputError):
            signing_key(secret)
    assert signing_key("qualquer texto") == b"qualquer texto"
