"""Mails that a mail server brings by a call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from disparo.adapters.channels.mailbox.callback import MailCallback
from disparo.adapters.channels.mailbox.credentials import MailWebhookCredentials, parse_webhook
from disparo.adapters.credentials import Credentials
from disparo.adapters.standard_webhooks import TOLERANCE, sign
from disparo.domain.errors import InputError
from disparo.ports.callback import Call, CallbackRefusedError, Told
from tests.unit.adapters.channels.mailbox.mails import NOW, answer

SECRET = "whsec_c2VncmVkby1kZS10ZXN0ZS1kby1jb3JyZWlv"
OTHER = "outro-segredo-de-teste"


class Kept:
    """`Secrets` of one secret, which changes when it is asked for anew."""

    def __init__(self, *values: str) -> None:
        self._values = list(values)
        self.refreshed = 0

    async def get(self, name: str) -> Mapping[str, str]:
        return {"webhook_secret": self._values[0]}

    async def refresh(self, name: str) -> Mapping[str, str]:
        self.refreshed += 1
        if len(self._values) > 1:
            self._values.pop(0)
        return await self.get(name)


def callback(*values: str) -> MailCallback:
    credentials: Credentials[MailWebhookCredentials] = Credentials(Kept(*values), "mail-webhook", parse_webhook)
    return MailCallback(credentials)


def call(body: bytes, secret: str = SECRET, *, age: timedelta = timedelta()) -> Call:
    return Call("https://x/webhooks/mailbox", sign(secret, "mail-1", body, NOW - age), body)


def read(mail_callback: MailCallback, one: Call) -> Told:
    return asyncio.run(mail_callback.read(one, NOW))


def test_a_signed_mail_is_read() -> None:
    assert [reply.text for reply in read(callback(SECRET), call(answer("Sim"))).replies] == ["Sim"]


def test_a_mail_means_the_same_however_often_it_is_brought() -> None:
    first, second = (read(callback(SECRET), call(answer("Sim"), age=timedelta(minutes=age))) for age in (0, 3))
    assert first == second


@pytest.mark.parametrize(
    "forged",
    [
        Call("", {}, answer("Sim")),
        call(answer("Sim"), OTHER),
        Call("", call(answer("Sim")).headers, answer("SAIR")),
        Call("", {**call(answer("Sim")).headers, "webhook-id": "mail-2"}, answer("Sim")),
        Call("", {**call(answer("Sim")).headers, "webhook-signature": "v1,ção v1,"}, answer("Sim")),
        Call("", {**call(answer("Sim")).headers, "webhook-timestamp": "²"}, answer("Sim")),
        call(answer("Sim"), age=TOLERANCE + timedelta(seconds=1)),
        call(answer("Sim"), age=-TOLERANCE - timedelta(seconds=1)),
        call(b"\x00 garbage", OTHER),
    ],
)
def test_what_is_not_signed_is_refused_before_it_is_read(forged: Call) -> None:
    with pytest.raises(CallbackRefusedError):
        read(callback(SECRET), forged)


def test_a_new_secret_is_read_once() -> None:
    assert read(callback(OTHER, SECRET), call(answer("Sim"))).replies
    with pytest.raises(CallbackRefusedError):
        read(callback(OTHER, SECRET), call(answer("Sim"), "um-terceiro-segredo"))


def test_what_is_signed_and_no_mail_is_told() -> None:
    with pytest.raises(InputError):
        read(callback(SECRET), call(b"\r\nisto nao e um e-mail"))


def test_nobody_is_greeted() -> None:
    with pytest.raises(CallbackRefusedError):
        asyncio.run(callback(SECRET).greet(Call("", {}, b"")))
