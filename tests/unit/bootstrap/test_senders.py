"""Who sends by what: the settings' senders, the usual ones, and the sandbox wherever nothing real is to be sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from disparo.bootstrap.doors import EitherCallback
from disparo.bootstrap.providers import PROVIDERS
from disparo.bootstrap.senders import appointed, callbacks, routes
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, StoreError
from disparo.ports.callback import Call, CallbackRefusedError, Told
from disparo.ports.secrets import SecretError
from disparo.settings import Settings

NOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TWO = {
    "principal": {"channel": "whatsapp", "provider": "whatsapp", "weight": 3, "hourly": 80},
    "reserva": {"channel": "whatsapp", "provider": "mcp", "secret": "mcp-wa-2"},
}


def settings(**values: Any) -> Settings:
    return Settings.model_validate(values)


def shown(found: Settings, *secrets: str) -> dict[str, str]:
    return {one.sender.name: one.provider for one in appointed(found, secrets.__contains__)}


class NoSecrets:
    """There are none, and nobody asks."""

    async def get(self, name: str) -> Mapping[str, str]:
        raise NotImplementedError

    async def refresh(self, name: str) -> Mapping[str, str]:
        raise NotImplementedError


def test_without_settings_each_channel_has_one_sender_in_the_sandbox() -> None:
    assert shown(settings(), "mcp-whatsapp") == {"whatsapp": "sandbox", "email": "sandbox", "sms": "sandbox"}


def test_live_takes_the_usual_provider_whose_secret_is_there() -> None:
    found = shown(settings(live=True), "mcp-whatsapp", "mcp-email")
    assert found == {"whatsapp": "whatsapp", "email": "sendgrid", "sms": "sandbox"}


def test_named_senders_stand_for_their_channel_and_are_real_only_live() -> None:
    assert shown(settings(senders=TWO)) == dict.fromkeys(("principal", "reserva", "email", "sms"), "sandbox")
    found = appointed(settings(senders=TWO, live=True), lambda _: False)
    assert [(one.sender.name, one.provider, one.secret) for one in found[:2]] == [
        ("principal", "whatsapp", "mcp-whatsapp"),
        ("reserva", "mcp", "mcp-wa-2"),
    ]


def test_limits_belong_to_a_sender_and_what_it_leaves_open_is_its_channels() -> None:
    first, second, *_ = appointed(settings(senders=TWO), lambda _: False)
    assert (first.sender.limits.hourly, first.sender.limits.burst, first.sender.weight) == (80, 10, 3)
    assert (second.sender.limits.hourly, second.sender.weight) == (100, 1)


@pytest.mark.parametrize("provider", ["smtp", "pombo"])
def test_a_provider_that_does_not_carry_the_channel_is_named_with_those_that_do(provider: str) -> None:
    wrong = settings(senders={"um": {"channel": "whatsapp", "provider": provider}})
    with pytest.raises(InputError, match=rf'senders\.um\.provider: "{provider}".*whatsapp, mcp, sandbox'):
        appointed(wrong, lambda _: False)


def test_a_sender_of_the_sandbox_is_never_real() -> None:
    own = {"teste": {"channel": "sms", "provider": "sandbox"}}
    assert shown(settings(senders=own, live=True))["teste"] == "sandbox"


def test_every_provider_can_be_made_without_reaching_anything() -> None:
    for name, provider in PROVIDERS.items():
        for channel in provider.channels:
            own = settings(
                senders={"um": {"channel": channel, "provider": name}}, live=True, public_url="https://a.example"
            )
            senders = appointed(own, lambda _: False)
            made = routes(own, senders, NoSecrets(), lambda _: NoChannel())
            assert type(made["um"].channel).__module__.split(".")[-2] in (name, "sms")
            doors = callbacks(own, senders, NoSecrets())
            assert (name in doors) is (provider.callback is not None)


class NoChannel:
    """Sends nothing."""

    async def send(self, message: object, now: datetime) -> Any:
        raise NotImplementedError


def test_two_senders_with_one_secret_share_a_door() -> None:
    own = {name: {"channel": "whatsapp", "provider": "whatsapp"} for name in ("um", "dois")}
    found = settings(senders=own, live=True, sandbox_webhook_secret="0123456789abcdef")
    doors = callbacks(found, appointed(found, lambda _: False), NoSecrets())
    assert set(doors) == {"whatsapp", "sandbox"}


class Door:
    """Knows one body and one question."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def read(self, call: Call, now: datetime) -> Told:
        if call.body != self.body:
            raise CallbackRefusedError("não")
        return Told(receipts=[self.body])  # type: ignore[list-item]

    async def greet(self, call: Call) -> str:
        if call.url != self.body.decode():
            raise CallbackRefusedError("não")
        return call.url


def test_a_call_is_of_the_account_whose_secret_it_knows() -> None:
    door = EitherCallback([Door(b"a"), Door(b"b"), Door(b"c")])

    async def story() -> None:
        for body in (b"a", b"b", b"c"):
            assert (await door.read(Call("", {}, body), NOON)).receipts == [body]
            assert await door.greet(Call(body.decode(), {}, b"")) == body.decode()
        with pytest.raises(CallbackRefusedError):
            await door.read(Call("", {}, b"d"), NOON)
        with pytest.raises(CallbackRefusedError):
            await door.greet(Call("d", {}, b""))

    asyncio.run(story())


@pytest.mark.parametrize(
    ("senders", "said"),
    [
        ({"Um": {"channel": "sms", "provider": "twilio"}}, "senders.Um"),
        ({"um": {"channel": "fax", "provider": "twilio"}}, "senders.um.channel"),
        ({"um": {"channel": "sms"}}, "senders.um.provider: falta"),
        ({"um": {"channel": "sms", "provider": "twilio", "peso": 2}}, "senders.um.peso: não existe"),
        ({"um": {"channel": "sms", "provider": "twilio", "weight": 0}}, "senders.um.weight"),
        ("{", "JSON"),
        ([], "tabela"),
    ],
)
def test_a_wrong_table_names_its_key(senders: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        settings(senders=senders)


def test_an_environment_variable_holds_senders_as_json() -> None:
    found = settings(senders='{"um": {"channel": "sms", "provider": "twilio", "daily": 7}}')
    assert found.senders["um"].daily == 7
    assert Channel.SMS is found.senders["um"].channel


def test_a_sender_is_not_called_like_another_channel() -> None:
    """The channel without senders has one that is called as it is: one of the two would never send."""
    with pytest.raises(InputError, match=r"senders\.sms"):
        appointed(settings(senders={"sms": {"channel": "email", "provider": "smtp"}}), lambda _: False)
    assert appointed(settings(senders={"sms": {"channel": "sms", "provider": "sandbox"}}), lambda _: False)


class Unusable(Door):
    """An account whose secret is not there."""

    async def read(self, call: Call, now: datetime) -> Told:
        raise SecretError("segredo mcp-sms: não existe em /casa/segredos")

    async def greet(self, call: Call) -> str:
        raise SecretError("segredo mcp-sms: não existe em /casa/segredos")


def test_an_account_without_its_secret_keeps_no_other_from_being_called() -> None:
    """And whoever calls in vain is to call again, and learns nothing."""
    door = EitherCallback([Unusable(b"a"), Door(b"b")])

    async def story() -> None:
        assert (await door.read(Call("", {}, b"b"), NOON)).receipts == [b"b"]
        with pytest.raises(StoreError):
            await door.read(Call("", {}, b"d"), NOON)
        with pytest.raises(StoreError):
            await door.greet(Call("d", {}, b""))

    asyncio.run(story())
