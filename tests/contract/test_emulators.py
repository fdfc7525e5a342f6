"""The emulators do what the providers do: who is messaged, what fails and how, and what comes back."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest

from disparo.domain.errors import InputError
from disparo.ports.callback import Call
from disparo.simulation.emulators.faults import Fault, FaultKind
from disparo.simulation.emulators.plan import Limits, Posting
from disparo.simulation.emulators.server import emulators
from tests.contract.emulator_stage import (
    ANA,
    AT_ONCE,
    Stage,
    buttons_to,
    mail_to,
    rated,
    sms_to,
    stage,
    template_to,
    text_to,
)

DROPPED = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


def values_of(call: Call) -> list[dict[str, Any]]:
    return [change["value"] for entry in json.loads(call.body)["entry"] for change in entry["changes"]]


def statuses(calls: list[Call]) -> list[str]:
    return [one["status"] for call in calls for value in values_of(call) for one in value.get("statuses", [])]


def inbound(calls: list[Call]) -> list[dict[str, Any]]:
    return [one for call in calls for value in values_of(call) for one in value.get("messages", [])]


def events(calls: list[Call]) -> list[str]:
    return [event["event"] for call in calls if "sendgrid" in call.url for event in json.loads(call.body)]


def form(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.body.decode(), keep_blank_values=True))


def test_whatsapp_tells_of_a_message_with_the_senders_own_id() -> None:
    async def story() -> None:
        async with stage() as on:
            status, answer = await on.whatsapp(text_to())
            calls = await on.door.wait_for(lambda calls: len(statuses(calls)) == 2)
            assert status == 200
            told = [one for call in calls for value in values_of(call) for one in value["statuses"]]
            assert {one["id"] for one in told} == {answer["messages"][0]["id"]} == {on.running.taken[0].id}
            assert {one["biz_opaque_callback_data"] for one in told} == {"3.1.57"}
            assert sorted(statuses(calls)) == ["delivered", "sent"]

    asyncio.run(story())


def test_a_free_text_needs_a_person_who_wrote_within_a_day() -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)

    async def story() -> None:
        async with stage(replace(AT_ONCE, window=True), clock=lambda: now) as on:
            nonlocal now
            status, answer = await on.whatsapp(text_to())
            assert (status, answer["error"]["code"]) == (400, 131047)
            assert (await on.whatsapp(template_to()))[0] == 200
            on.running.whatsapp.write(ANA, "oi")
            assert (await on.whatsapp(text_to()))[0] == 200
            now += timedelta(hours=24)
            assert (await on.whatsapp(text_to()))[1]["error"]["code"] == 131047

    asyncio.run(story())


def test_whatsapp_limits_a_number_and_a_pair_of_people() -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)

    async def codes(on: Stage, count: int, to: str | None = None) -> list[int | None]:
        answers = [await on.whatsapp(text_to(to or f"+55119999{number:05}")) for number in range(count)]
        return [answer.get("error", {}).get("code") for _, answer in answers]

    async def story() -> None:
        nonlocal now
        async with stage(replace(AT_ONCE, limits=Limits(whatsapp_per_s=5)), clock=lambda: now) as on:
            assert await codes(on, 6) == [None] * 5 + [130429]
        async with stage(clock=lambda: now) as on:
            assert await codes(on, 46, ANA) == [None] * 45 + [131056]
            assert await codes(on, 1) == [None]
            now += timedelta(seconds=6)
            assert await codes(on, 2, ANA) == [None, 131056]

    asyncio.run(story())


def test_whatsapp_knows_which_templates_are_approved() -> None:
    async def story() -> None:
        async with stage(replace(AT_ONCE, templates={("oferta", "pt_BR"): 1})) as on:
            assert (await on.whatsapp(template_to(ANA, "oferta", "Ana")))[0] == 200
            status, answer = await on.whatsapp(template_to(ANA, "outra", "Ana"))
            assert (status, answer["error"]["code"]) == (404, 132001)
            assert (await on.whatsapp(template_to(ANA, "oferta")))[1]["error"]["code"] == 132000

    asyncio.run(story())


def test_a_person_answers_with_a_button_of_the_message() -> None:
    async def story() -> None:
        async with stage() as on:
            on.running.order(Fault(FaultKind.REPLY, text="parar"))
            _, answer = await on.whatsapp(buttons_to())
            calls = await on.door.wait_for(lambda calls: bool(inbound(calls)))
            [message] = inbound(calls)
            assert message["interactive"]["button_reply"] == {"id": "parar", "title": "Parar"}
            assert message["context"]["id"] == answer["messages"][0]["id"]
            assert on.running.whatsapp.window_open(ANA, datetime.now(UTC))

    asyncio.run(story())


def test_sendgrid_puts_each_recipients_words_into_the_text() -> None:
    async def story() -> None:
        async with stage() as on:
            status, answer = await on.sendgrid(mail_to("ana@example.com", "bia@example.com"))
            await on.door.wait_for(lambda calls: len(events(calls)) == 4)
            taken = [(one.to, one.subject, one.text, one.html, one.references) for one in on.running.taken]
            assert (status, answer) == (202, None)
            assert taken == [
                ("ana@example.com", "Oi, ana", "Olá, ana!", "<p>Olá, ana!</p>", ("3.1.0",)),
                ("bia@example.com", "Oi, bia", "Olá, bia!", "<p>Olá, bia!</p>", ("3.1.1",)),
            ]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("code", "told"), [("bounce", "bounce"), ("blocked", "bounce"), ("dropped", "dropped"), ("deferred", "deferred")]
)
def test_sendgrid_tells_of_what_did_not_arrive(code: str, told: str) -> None:
    async def story() -> None:
        async with stage() as on:
            on.running.order(Fault(FaultKind.UNDELIVERED, to="bia@example.com", code=code))
            await on.sendgrid(mail_to("ana@example.com", "bia@example.com"))
            calls = await on.door.wait_for(lambda calls: len(events(calls)) == 4)
            assert sorted(events(calls)) == sorted(["processed", "processed", "delivered", told])

    asyncio.run(story())


@pytest.mark.parametrize("kind", [FaultKind.OPT_OUT, FaultKind.COMPLAINT])
def test_sendgrid_drops_mail_to_whoever_wants_no_more(kind: FaultKind) -> None:
    async def story() -> None:
        async with stage() as on:
            on.running.order(Fault(kind))
            await on.sendgrid(mail_to("ana@example.com"))
            await on.door.wait_for(lambda calls: len(events(calls)) == 3)
            await on.sendgrid(mail_to("Ana@example.com"))
            calls = await on.door.wait_for(lambda calls: len(events(calls)) == 4)
            assert events(calls)[-1] == "dropped"
            assert {"unsubscribe", "spamreport"} & set(events(calls))

    asyncio.run(story())


def test_mailboxes_use_the_one_click_address() -> None:
    async def story() -> None:
        async with stage(rated(opt_out=1.0)) as on:
            people = [f"p{number}@example.com" for number in range(12)]
            await on.sendgrid(mail_to(*people))
            clicks = await on.door.wait_for(lambda calls: any("/u/" in call.url for call in calls))
            await on.running.quiet()
            click = next(call for call in clicks if "/u/" in call.url)
            assert click.body == b"List-Unsubscribe=One-Click"
            wanting = {"unsubscribe", "spamreport"}
            ended = [event for event in events(clicks) if event in wanting]
            assert set(ended) == wanting
            assert len(ended) + sum("/u/" in call.url for call in clicks) == len(people)

    asyncio.run(story())


def test_twilio_calls_the_address_that_a_message_names() -> None:
    async def story() -> None:
        async with stage() as on:
            status, answer = await on.twilio(sms_to(door=on.door.url))
            calls = await on.door.wait_for(lambda calls: len(calls) == 2)
            assert (status, answer["status"], answer["num_segments"]) == (201, "queued", "1")
            assert {call.url for call in calls} == {f"{on.door.url}/webhooks/twilio?id=3.1.57&x=a%20b"}
            assert {form(call)["MessageSid"] for call in calls} == {answer["sid"]}
            assert on.running.taken[0].references == ("3.1.57", "a b")

    asyncio.run(story())


def test_nothing_is_posted_to_another_machine_than_the_one_that_was_named() -> None:
    async def story() -> None:
        async with stage(public_url="https://disparo.example.com") as on:
            await on.twilio(sms_to(door="https://disparo.example.com"))
            on.running.twilio.write(ANA, "oi")
            calls = await on.door.wait_for(lambda calls: len(calls) == 3)
            assert {call.headers["host"] for call in calls} == {"disparo.example.com"}

    asyncio.run(story())


def test_twilio_sends_nothing_to_whoever_said_stop_until_they_say_start() -> None:
    async def story() -> None:
        async with stage() as on:
            on.running.twilio.write(ANA, "Stop")
            [call] = await on.door.wait_for(bool)
            assert form(call)["OptOutType"] == "STOP"
            status, answer = await on.twilio(sms_to())
            assert (status, answer["code"]) == (400, 21610)
            on.running.twilio.write(ANA, "START")
            assert (await on.twilio(sms_to()))[0] == 201

    asyncio.run(story())


def test_twilio_limits_the_requests_under_way() -> None:
    async def story() -> None:
        async with stage(replace(AT_ONCE, limits=Limits(twilio_at_once=1))) as on:
            on.running.order(Fault(FaultKind.SLOW, seconds=0.2))
            answers = await asyncio.gather(on.twilio(sms_to()), on.twilio(sms_to()))
            assert sorted(status for status, _ in answers) == [201, 429]

    asyncio.run(story())


@pytest.mark.parametrize("provider", ["whatsapp", "sendgrid", "twilio"])
def test_keys_are_asked_for(provider: str) -> None:
    async def story() -> None:
        async with stage() as on:
            if provider == "whatsapp":
                assert (await on.whatsapp(text_to(), key="EAAwrong"))[1]["error"]["code"] == 190
                assert (await on.whatsapp(text_to(), number="1"))[1]["error"]["code"] == 33
            elif provider == "sendgrid":
                assert (await on.sendgrid(mail_to("ana@example.com"), key="SG.wrong"))[0] == 401
                assert (await on.sendgrid(mail_to("ana@example.com", sender="eu@example.com")))[0] == 403
            else:
                assert (await on.twilio(sms_to(), token="wrong"))[1]["code"] == 20003
            assert on.running.taken == []

    asyncio.run(story())


@pytest.mark.parametrize(("kind", "taken"), [(FaultKind.DROP_BEFORE, 0), (FaultKind.DROP_AFTER, 1)])
@pytest.mark.parametrize("to", [None, ANA])
def test_a_connection_is_dropped_before_or_after_taking(kind: FaultKind, taken: int, to: str | None) -> None:
    async def story() -> None:
        async with stage() as on:
            on.running.order(Fault(kind, to=to))
            with pytest.raises(DROPPED):
                await on.whatsapp(text_to())
            assert len(on.running.taken) == taken
            assert (await on.whatsapp(text_to()))[0] == 200
            await on.door.wait_for(lambda calls: len(statuses(calls)) == 2 * (1 + taken))

    asyncio.run(story())


def test_an_error_may_hide_a_message_that_was_taken() -> None:
    async def story() -> None:
        async with stage() as on:
            on.running.order(
                Fault(FaultKind.ERROR_AFTER_TAKING, "twilio", code="20500"), Fault(FaultKind.ERROR, code="429")
            )
            assert (await on.sendgrid(mail_to("ana@example.com")))[0] == 429
            assert (await on.twilio(sms_to(door=on.door.url)))[0] == 500
            assert [one.provider for one in on.running.taken] == ["twilio"]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("kind", "posts"), [(FaultKind.WEBHOOKS_TWICE, ["delivered"] * 2 + ["sent"] * 2), (FaultKind.WEBHOOKS_LOST, [])]
)
def test_webhooks_come_twice_or_never(kind: FaultKind, posts: list[str]) -> None:
    async def story() -> None:
        async with stage() as on:
            on.running.order(Fault(kind))
            await on.whatsapp(text_to())
            await on.running.quiet()
            assert sorted(statuses(on.door.calls)) == posts

    asyncio.run(story())


def test_webhooks_come_in_the_wrong_order() -> None:
    async def story() -> None:
        plan = replace(AT_ONCE, pace=0.05, posting=Posting(reversed=1.0))
        async with stage(plan) as on:
            await on.twilio(sms_to(door=on.door.url))
            calls = await on.door.wait_for(lambda calls: len(calls) == 2)
            assert [form(call)["MessageStatus"] for call in calls] == ["delivered", "sent"]

    asyncio.run(story())


def test_a_refused_webhook_is_posted_again() -> None:
    async def story() -> None:
        async with stage() as on:
            on.running.whatsapp.postman._pause_s = 0.01
            on.door.statuses = [500, 503]
            await on.whatsapp(text_to())
            await on.running.quiet()
            tally = on.running.tallies()["whatsapp"]
            assert (tally.taken, tally.refused, tally.given_up) == (1, {500: 1, 503: 1}, 0)
            assert len({call.body for call in on.door.calls}) == 1

    asyncio.run(story())


def test_rates_make_every_class_of_failure() -> None:
    async def answers(on: Stage, count: int) -> set[str]:
        found = set()
        for number in range(count):
            try:
                status, _ = await on.twilio(sms_to(f"+55119999{number:05}"))
                found.add(str(status))
            except DROPPED:
                found.add("dropped")
        return found

    async def story() -> None:
        shares = dict.fromkeys(("permanent", "transient", "throttled", "auth", "lost_answer", "lost_request"), 0.15)
        async with stage(rated(**shares)) as on:
            assert await answers(on, 120) >= {"201", "400", "401", "429", "500", "503", "dropped"}

    asyncio.run(story())


def test_faults_are_ordered_and_messages_counted_over_http(tmp_path: Path) -> None:
    async def story() -> None:
        async with stage(record=tmp_path / "taken.jsonl") as on:
            control = f"{on.running.origin}/__emulator__"
            async with on.session.post(f"{control}/faults", json={"kind": "error", "code": 131026}) as response:
                assert await response.json() == {"ordered": 1}
            assert (await on.whatsapp(text_to()))[1]["error"]["code"] == 131026
            await on.whatsapp(text_to())
            async with on.session.get(f"{control}/taken", params={"provider": "whatsapp", "to": ANA}) as response:
                assert [one["references"] for one in (await response.json())["items"]] == [["3.1.57"]]
            written = {"provider": "whatsapp", "from": ANA, "text": "SAIR"}
            async with on.session.post(f"{control}/inbound", json=written) as response:
                assert response.status == 200
            calls = await on.door.wait_for(lambda calls: bool(inbound(calls)))
            assert inbound(calls)[0]["text"] == {"body": "SAIR"}
            async with on.session.post(f"{control}/faults", json={"kind": "flood"}) as response:
                assert response.status == 400
            async with on.session.post(f"{control}/faults", data=b'{"kind": "error"}') as response:
                assert response.status == 400
        [line] = (tmp_path / "taken.jsonl").read_text(encoding="utf-8").splitlines()
        assert json.loads(line)["text"] == "Olá"

    asyncio.run(story())


def test_the_door_is_greeted_as_meta_does() -> None:
    async def story() -> None:
        async with stage() as on:

            async def echo(call: Call) -> str:
                asked = dict(parse_qsl(call.url.partition("?")[2]))
                assert asked["hub.verify_token"] == on.running.secrets["mcp-whatsapp"]["webhook_verify_token"]
                return asked["hub.challenge"]

            on.door.greeting = echo
            await on.running.greet()
            on.door.greeting = None
            with pytest.raises(InputError, match="not the challenge"):
                await on.running.greet()

    asyncio.run(story())


def test_a_port_is_used_by_one_only() -> None:
    async def story() -> None:
        async with emulators(AT_ONCE) as running:
            with pytest.raises(OSError, match=str(running.port)):
                async with emulators(AT_ONCE, port=running.port):
                    raise AssertionError("two servers on one port")

    asyncio.run(story())
