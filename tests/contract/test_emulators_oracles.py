"""The emulators under the providers' own specifications, and the official libraries of SendGrid and Twilio."""

from __future__ import annotations

import asyncio
import copy
import json
import random
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator, OAS31Validator
from python_http_client.exceptions import BadRequestsError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from disparo.ports.callback import Call
from disparo.simulation.emulators.accounts import Accounts
from disparo.simulation.emulators.faults import Fault, FaultKind
from disparo.simulation.emulators.sendgrid_requests import read_mails
from disparo.simulation.emulators.sendgrid_settings import BadMailError
from disparo.simulation.emulators.signing import EventSigner, meta_signature, twilio_signature
from disparo.simulation.emulators.twilio_requests import BadFormError, read_form
from disparo.simulation.emulators.whatsapp_errors import ERRORS
from disparo.simulation.emulators.whatsapp_requests import BadParameterError, read_message
from tests.contract.emulator_stage import (
    ANA,
    buttons_to,
    everything_to,
    list_to,
    mail_to,
    rated,
    sms_to,
    stage,
    template_to,
    text_to,
)

OURS = ("text", "template", "interactive")
EMULATED = ("button", "list")


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of an OpenAPI file, with the components that it points to."""
    return {**schema, "components": document["components"]}


def mail_validator(contracts: Path) -> OAS31Validator:
    document = read(contracts / "sendgrid/tsg_mail_v3.openapi.json")
    schema = document["components"]["requestBodies"]["PostMailSend"]["content"]["application/json"]["schema"]
    schema["properties"]["custom_args"] = {"type": "object"}  # see the emulator: the description says string
    return OAS31Validator(resolved(document, schema))


def mutations(document: Any, seed: int) -> Iterator[Any]:
    """The document with one thing wrong or odd, again and again."""
    draw = random.Random(seed)
    for _ in range(250):
        changed = copy.deepcopy(document)
        spots = [spot for spot in _spots(changed)]
        parent, key = draw.choice(spots)
        value = parent[key]
        longer = value + "x" * draw.choice((1, 20, 60, 200, 300, 5000)) if isinstance(value, str) else [value] * 12
        choices: list[Any] = [None, 7, "", "x", [], {}, longer, {"text": "x"}, [value, value]]
        if isinstance(parent, dict) and draw.random() < 0.3:
            del parent[key]
        elif isinstance(parent, dict) and draw.random() < 0.2:
            parent["odd"] = draw.choice(choices)
        else:
            parent[key] = draw.choice(choices)
        yield changed


def _spots(value: Any) -> Iterator[tuple[Any, Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield value, key
        yield from _spots(one)


def official_requests(contracts: Path) -> list[dict[str, Any]]:
    """Meta's own examples of what the emulator takes, where they are a valid message at all."""
    check = Draft202012Validator(read(contracts / "whatsapp/send_message.request.schema.json"))
    found = []
    for name, example in read(contracts / "whatsapp/examples.json")["official_requests"].items():
        if name == "Send Sample Issue Resolution Template":  # it has booleans for texts
            continue
        request = json.loads(json.dumps(example).replace("language-and-locale-code", "pt_BR")) | {"to": "+16505551234"}
        if request.get("type") in OURS and request.get("interactive", {"type": "list"})["type"] in EMULATED:
            found += [request] * check.is_valid(request)
    return found


def test_whatsapp_takes_metas_own_examples(contracts: Path) -> None:
    requests = official_requests(contracts)
    kinds = {read_message(json.dumps(request).encode()).kind for request in requests}
    assert len(requests) >= 8
    assert kinds == set(OURS)


@pytest.mark.parametrize("seed", range(6))
def test_whatsapp_takes_nothing_that_the_specification_refuses(contracts: Path, seed: int) -> None:
    check = Draft202012Validator(read(contracts / "whatsapp/send_message.request.schema.json"))
    for request in [*official_requests(contracts), buttons_to(), list_to(), template_to(ANA, "oferta", "Ana")]:
        taken = list(_taken(mutations(request, seed), lambda body: read_message(json.dumps(body).encode())))
        assert [body for body in taken if not check.is_valid(body)] == []


@pytest.mark.parametrize("seed", range(2))
def test_sendgrid_takes_nothing_that_the_specification_refuses(contracts: Path, seed: int) -> None:
    check = mail_validator(contracts)
    examples = read(contracts / "sendgrid/examples.json")["mail_send_requests"]
    for request in [
        *examples.values(),
        mail_to("ana@example.com", "bia@example.com"),
        everything_to("ana@example.com"),
    ]:
        assert read_mails(json.dumps(request).encode(), 0.0).mails
        taken = list(_taken(mutations(request, seed), lambda body: read_mails(json.dumps(body).encode(), 0.0)))
        assert [body for body in taken if not check.is_valid(body)] == []


def test_twilio_takes_nothing_that_the_specification_refuses(contracts: Path) -> None:
    document = read(contracts / "twilio/twilio_api_v2010.messages.openapi.json")
    post = document["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["post"]
    schema = post["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    check = OAS30Validator({**resolved(document, schema), "additionalProperties": False})
    numbers = {"From": "+12025550100", "MessagingServiceSid": "MG" + "a" * 32}
    form = sms_to(door="http://127.0.0.1:1")
    for seed in range(5):
        texts = (one for one in mutations(form, seed) if all(isinstance(value, str) for value in one.values()))
        taken = list(_taken(texts, lambda one: read_form(urlencode(one).encode(), numbers)))
        assert [one for one in taken if not check.is_valid(one)] == []


def _taken(bodies: Iterator[Any], reads: Callable[[Any], object]) -> Iterator[Any]:
    for body in bodies:
        try:
            reads(body)
        except (BadParameterError, BadMailError, BadFormError):
            continue
        yield body


def test_every_documented_error_can_be_ordered(contracts: Path) -> None:
    whatsapp = read(contracts / "whatsapp/error_codes.json")["codes"]
    codes = [one["code"] if "code" in one else one["code_range"][0] for one in whatsapp]
    documented = {one.get("code", 200): one["http_documented"] for one in whatsapp}
    check = Draft202012Validator(read(contracts / "whatsapp/error.response.schema.json"))

    async def story() -> None:
        async with stage() as on:
            for number, code in enumerate(codes):
                on.running.order(Fault(FaultKind.ERROR, "whatsapp", code=str(code)))
                status, answer = await on.whatsapp(text_to(f"+55119999{number:05}"))
                assert answer["error"]["code"] == code
                assert status == (documented[code] or 400)
                check.validate(answer)
            for row in read(contracts / "twilio/error_codes.json")["codes"]:
                on.running.order(Fault(FaultKind.ERROR, "twilio", code=str(row["code"])))
                status, answer = await on.twilio(sms_to())
                assert (answer["code"], answer["status"]) == (row["code"], status)
                assert status == row.get("http", status)
            for status in (400, 401, 403, 404, 405, 413, 429, 500, 503):
                on.running.order(Fault(FaultKind.ERROR, "sendgrid", code=str(status)))
                assert (await on.sendgrid(mail_to("ana@example.com")))[0] == status
            assert on.running.taken == []

    asyncio.run(story())
    assert set(codes) <= set(ERRORS)


def test_every_answer_is_one_of_the_specification(contracts: Path) -> None:
    sent = Draft202012Validator(read(contracts / "whatsapp/send_message.response.schema.json"))
    document = read(contracts / "twilio/twilio_api_v2010.messages.openapi.json")
    created = OAS30Validator(resolved(document, document["components"]["schemas"]["api.v2010.account.message"]))
    mail = read(contracts / "sendgrid/tsg_mail_v3.openapi.json")
    refused = OAS30Validator(resolved(mail, mail["components"]["schemas"]["ErrorResponse"]))

    async def story() -> None:
        async with stage() as on:
            for request in (text_to(), template_to(ANA, "oferta", "Ana"), buttons_to()):
                sent.validate((await on.whatsapp(request))[1])
            status, answer = await on.twilio(sms_to())
            assert status == 201
            created.validate(answer)
            status, answer = await on.sendgrid({**mail_to("ana@example.com"), "content": []})
            assert status == 400
            refused.validate(answer)

    asyncio.run(story())


def test_every_webhook_is_one_of_the_specification(contracts: Path) -> None:
    whatsapp = Draft202012Validator(read(contracts / "whatsapp/webhook.schema.json"))
    sendgrid = Draft202012Validator(read(contracts / "sendgrid/event_webhook.schema.json"))
    twilio = Draft202012Validator(read(contracts / "twilio/status_callback.schema.json"))

    async def story() -> list[Call]:
        from dataclasses import replace

        plan = replace(
            rated(read=0.6, reply=0.3, opt_out=0.3, undelivered=0.2), withheld=0.3, old_ids=0.5, deferred=0.2
        )
        async with stage(plan) as on:
            for number in range(40):
                to, opaque = f"+55319{number:08}", f"3.1.{number}"
                await on.whatsapp(template_to(to, "oferta", "Ana", opaque=opaque))
                await on.whatsapp({**buttons_to(to), "biz_opaque_callback_data": opaque})
                await on.twilio({**sms_to(to), "StatusCallback": f"{on.door.url}/webhooks/twilio?id={number}"})
            await on.sendgrid(mail_to(*(f"p{number}@example.com" for number in range(40))))
            await on.running.quiet()
            return on.door.calls

    calls = asyncio.run(story())
    for call in calls:
        if "whatsapp" in call.url:
            whatsapp.validate(json.loads(call.body))
        elif "sendgrid" in call.url:
            sendgrid.validate(json.loads(call.body))
        elif "twilio?" in call.url:
            twilio.validate(dict(parse_qsl(call.body.decode())))
    told = b"".join(call.body for call in calls).decode()
    for part in (
        "button_reply",
        "user_preferences",
        '"text"',
        '"failed"',
        '"read"',
        "recipient_user_id",
        "OptOutType=STOP",
    ):
        assert part in told
    for event in ("processed", "deferred", "delivered", "open", "bounce", "spamreport", "unsubscribe"):
        assert f'"event": "{event}"' in told


def test_our_signing_makes_the_known_signatures(contracts: Path) -> None:
    vectors = read(contracts / "signatures/meta_x_hub_signature_256.json")["vectors"]
    valid = [vector for vector in vectors if vector["valid"]]
    twilio = read(contracts / "signatures/twilio_x_twilio_signature.json")["vectors"]
    forms = [
        one
        for one in twilio
        if one["valid"] and len({name for name, _ in one.get("params", [])}) == len(one.get("params", []))
    ]
    assert valid
    assert forms
    for vector in valid:
        secret, body, wanted = _meta_vector(vector)
        assert meta_signature(secret, body) == wanted
    made = [
        twilio_signature(one["auth_token"], one["url"], dict(one.get("params", []))) == one["signature"]
        for one in forms
    ]
    assert sum(made) >= 2  # the others sign another port, or the body's digest


def _meta_vector(vector: dict[str, Any]) -> tuple[str, bytes, str]:
    body = vector["raw_body_utf8"].encode() if "raw_body_utf8" in vector else b64decode(vector["raw_body_base64"])
    return vector["secret"], body, vector["header"]


class AtTheEmulator(TwilioHttpClient):
    """Twilio's own client, which asks the emulator instead of api.twilio.com."""

    def __init__(self, endpoint: str) -> None:
        super().__init__()
        self._endpoint = endpoint

    def request(self, method: str, url: str, *args: Any, **more: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self._endpoint), *args, **more)


def test_twilios_own_library_sends_and_believes_what_comes_back() -> None:
    async def story() -> None:
        async with stage() as on:
            secret = on.running.secrets["mcp-sms"]
            http = AtTheEmulator(secret["endpoint"])
            client = Client(secret["account_sid"], secret["auth_token"], http_client=http)
            create = partial(client.messages.create, from_=secret["from_number"], body="Olá, é amanhã — até já!")
            callback = f"{on.door.url}/webhooks/twilio?id=3.1.57"
            message = await asyncio.to_thread(create, to=ANA, status_callback=callback)
            assert (message.sid, message.status, message.to) == (on.running.taken[0].id, "queued", ANA)
            on.running.twilio.write(ANA, "É você? não, obrigada")
            calls = await on.door.wait_for(lambda calls: len(calls) == 3)
            with pytest.raises(TwilioRestException) as refused:
                await asyncio.to_thread(create, to="+551133334444")
            assert refused.value.code == 21614
            http.session.close()
            for call in calls:
                params = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
                signature = call.headers["x-twilio-signature"]
                assert RequestValidator(secret["auth_token"]).validate(call.url, params, signature)
                assert not RequestValidator("other").validate(call.url, params, signature)

    asyncio.run(story())


def test_sendgrids_own_library_sends_and_believes_what_comes_back() -> None:
    async def story() -> None:
        async with stage() as on:
            secret = on.running.secrets["mcp-email"]
            client = SendGridAPIClient(secret["api_key"], host=secret["endpoint"].removesuffix("/v3"))
            response = await asyncio.to_thread(client.send, mail_to("ana@example.com"))
            assert response.status_code == 202
            assert on.running.taken[0].id.startswith(response.headers["X-Message-Id"])
            with pytest.raises(BadRequestsError) as refused:
                await asyncio.to_thread(client.send, {**mail_to("ana@example.com"), "content": []})
            assert refused.value.to_dict["errors"][0]["field"] == "content"
            [call] = await on.door.wait_for(bool)
            stamp, signature = (
                call.headers[f"x-twilio-email-event-webhook-{name}"] for name in ("timestamp", "signature")
            )
            webhook = EventWebhook(secret["webhook_public_key"])
            assert webhook.verify_signature(call.body.decode(), signature, stamp)
            assert not webhook.verify_signature(call.body.decode() + " ", signature, stamp)
            assert call.body.endswith(b"]\r\n")

    asyncio.run(story())


def test_keys_are_new_each_time() -> None:
    one, other = Accounts().secrets("http://127.0.0.1:1"), Accounts().secrets("http://127.0.0.1:1")
    for name, fields in (("mcp-whatsapp", ("api_key", "app_secret")), ("mcp-email", ("api_key", "webhook_public_key"))):
        assert all(one[name][field] != other[name][field] for field in fields)
    assert EventSigner().public_key != EventSigner().public_key
