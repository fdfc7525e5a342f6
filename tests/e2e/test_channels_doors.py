"""The doors of a running `disparo serve`, as anybody on the network meets them."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import secrets
from collections.abc import Iterator

import pytest

from tests.e2e.channels_house import House, free_port, up, wait

KEY = "0123456789abcdef0123456789abcdef"
SECRET = {
    "endpoint": "http://127.0.0.1:9/whatsapp/v23.0",
    "api_key": "EAAB",
    "phone_number_id": "106540352242922",
    "business_account_id": "102290129340398",
    "webhook_verify_token": "nosso-texto",
    "app_secret": KEY,
}
TOO_LARGE = 3 * 1024 * 1024 + 1


class Served(House):
    """An installation whose doors are open."""

    port = 0

    def post(self, body: bytes, signature: str | None = None, path: str = "/webhooks/whatsapp") -> int:
        """The status that a call is answered with."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature or signed(body)}
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse().status
        except (BrokenPipeError, ConnectionResetError):
            return 413 if len(body) >= TOO_LARGE else 0
        finally:
            connection.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("doors"), "http://127.0.0.1:1")
    served.port = free_port()
    folder = served.data / "secrets"
    folder.mkdir(parents=True, mode=0o700)
    file = folder / "mcp-whatsapp.json"
    file.touch(0o600)
    file.write_text(json.dumps(SECRET))
    served.contacts(3)
    served.serve("serve", served.port, "--no-send")
    wait(lambda: up(served.port), 30, lambda: (served.home / "serve.log").read_text())
    yield served
    served.end()


def signed(body: bytes, key: str = KEY) -> str:
    return "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def said(text: str, sender: str = "5541980000001", id_: str | None = None) -> bytes:
    message = {
        "from": sender,
        "id": id_ or f"wamid.{secrets.token_hex(8)}",
        "timestamp": "1795376486",
        "type": "text",
        "text": {"body": text},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551140000000", "phone_number_id": "106540352242922"},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": sender}],
        "messages": [message],
    }
    entry = {"id": "102290129340398", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def test_a_replay_is_taken_and_changes_nothing(house: Served) -> None:
    body = said("Quem é?")
    assert house.post(body) == 204
    before = house.run("inbox", "list")
    assert [house.post(body) for _ in range(5)] == [204] * 5
    assert house.run("inbox", "list") == before
    assert len(before["items"]) == 1


def test_a_replayed_opt_out_does_not_put_back_what_a_person_lifted(house: Served) -> None:
    body = said("SAIR", "5541980000002")
    assert house.post(body) == 204
    assert "+5541980000002" in str(house.run("contacts", "suppressed"))
    house.run("contacts", "unsuppress", "+5541980000002")
    assert house.post(body) == 204
    assert "+5541980000002" not in str(house.run("contacts", "suppressed"))


def test_what_is_too_large_is_refused_before_it_is_read(house: Served) -> None:
    assert house.post(b"x" * TOO_LARGE) == 413
    assert house.post(said("ainda aqui")) == 204


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"entry": 1}'])
def test_what_cannot_be_read_is_said_to_be_wrong(house: Served, body: bytes) -> None:
    assert house.post(body) == 400


def test_a_stranger_is_told_nothing_and_leaves_nothing(house: Served) -> None:
    marker = f"falso{secrets.token_hex(8)}"
    body = said(marker)
    statuses = {
        house.post(body, signature)
        for signature in (signed(body, "f" * 32), "sha256=", "sha1=00", "sha256=" + "0" * 64)
    }
    assert statuses == {401}
    assert house.post(body, path="/webhooks/nobody") == 404
    for file in house.data.rglob("*"):
        assert not file.is_file() or marker.encode() not in file.read_bytes()
