from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from disparo.domain.campaign import Campaign, CampaignState, OnFailure, When
from disparo.domain.campaign_document import (
    CAMPAIGN_KEYS,
    LIMIT_KEYS,
    audience_file,
    campaign_document,
    parse_campaign,
)
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.step_document import STEP_KEYS
from disparo.domain.template import Template
from disparo.domain.waiting import Wait, WaitUnit

CREATED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGE = (Path(__file__).parents[3] / "docs" / "campaign-file.md").read_text("utf-8")

SMS = {"channel": "sms", "text": "Oi"}
EMAIL = {"channel": "email", "subject": "Oi", "text": "Oi"}
SMALLEST: Mapping[str, Any] = {"name": "natal", "list": "contatos", "steps": [SMS]}


def parsed(**changes: object) -> Campaign:
    """The smallest campaign with changes; a value of None takes a key away."""
    document = {key: value for key, value in {**SMALLEST, **changes}.items() if value is not None}
    return parse_campaign(document, created_at=CREATED_AT)


def faults(**changes: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        parsed(**changes)
    return str(caught.value).split("\n")


def only_fault(**changes: object) -> str:
    (line,) = faults(**changes)
    return line


def page_examples() -> list[Mapping[str, Any]]:
    return [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)]


def test_the_smallest_document_gets_every_default() -> None:
    campaign = parsed()
    step = campaign.step(1)
    assert (campaign.id, campaign.name, campaign.list_name) == ("", "natal", "contatos")
    assert (campaign.state, campaign.created_at, campaign.start_at) == (CampaignState.DRAFT, CREATED_AT, None)
    assert campaign.deadline == timedelta(days=30)
    assert campaign.hours == BusinessHours()
    assert campaign.place == Place("America/Sao_Paulo")
    assert (campaign.limits, campaign.variables) == ({}, {})
    assert (step.channel, step.template) == (Channel.SMS, Template("natal-1", "Oi"))
    assert (step.wait, step.when, step.on_failure) == (
        Wait(0, WaitUnit.MINUTES),
        When.ALWAYS,
        OnFailure.STOP,
    )
    assert step.stop_on_reply is True


def test_every_key_is_read() -> None:
    last = {**EMAIL, "html": "<p>Oi</p>", "name": "lembrete", "wait": "2bd", "stop_on_reply": False}
    last["meeting"] = "demonstracao"
    campaign = parsed(
        deadline="36h",
        start_at="2026-11-23T08:00:00-03:00",
        timezone="America/Manaus",
        region="BR-AM",
        variables={"remetente": "Ana"},
        limits={"sms": {"hourly": 100, "burst": 10}, "email": {}},
        hours={"startTime": "09:00", "endTime": "12:00"},
        steps=[{**SMS, "on_failure": "next"}, {**SMS, "when": "previous_failed"}, {**last, "wait": "1d"}],
    )
    assert campaign.deadline == timedelta(hours=36)
    assert campaign.start_at == datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert campaign.place == Place("America/Manaus", "BR-AM")
    assert campaign.variables == {"remetente": "Ana"}
    assert campaign.limits == {Channel.SMS: Limits(burst=10, hourly=100), Channel.EMAIL: Limits()}
    assert campaign.hours.default.start_min == 9 * 60
    assert campaign.step(1).on_failure is OnFailure.NEXT
    assert campaign.step(2).when is When.PREVIOUS_FAILED
    assert campaign.step(3).template == Template("lembrete", "Oi", "Oi", "<p>Oi</p>")
    assert campaign.step(3).wait == Wait(1, WaitUnit.DAYS)
    assert campaign.step(3).stop_on_reply is False
    assert (campaign.step(2).meeting, campaign.step(3).meeting) == (None, "demonstracao")


def test_the_place_of_unknown_contacts_is_that_of_the_hours_when_nothing_else_is_said() -> None:
    assert parsed(hours={"timezone": "America/Recife"}).place == Place("America/Recife")
    assert parsed(hours={"timezone": "America/Recife"}, timezone="America/Belem").place.zone == "America/Belem"


def test_an_instant_of_toml_and_of_json_are_the_same() -> None:
    written = tomllib.loads("start_at = 2026-11-23T08:00:00-03:00")["start_at"]
    assert parsed(start_at=written) == parsed(start_at="2026-11-23T11:00:00Z")


def test_an_audience_is_a_list_called_like_the_file() -> None:
    document = {**SMALLEST, "audience": "listas/contatos de maio.csv"}
    del document["list"]
    assert parse_campaign(document, created_at=CREATED_AT).list_name == "contatos de maio"
    assert audience_file(document) == "listas/contatos de maio.csv"
    assert audience_file(SMALLEST) is None


def test_what_was_written_out_reads_back_and_is_json() -> None:
    campaign = parsed(start_at="2026-11-23T08:00:00-03:00", region="BR-PR", limits={"sms": {"daily": 5}})
    document = campaign_document(campaign)
    assert parse_campaign(document, created_at=CREATED_AT) == campaign
    assert document["deadline"] == "30d"
    assert document["start_at"] == "2026-11-23T11:00:00+00:00"
    assert document["limits"] == {"sms": {"daily": 5}}
    assert document["steps"][0] == {
        **{"channel": "sms", "name": "natal-1", "wait": "0m", "when": "always", "on_failure": "stop"},
        **{"stop_on_reply": True, "text": "Oi"},
    }


def test_a_deadline_is_written_in_the_largest_unit_that_fits() -> None:
    assert [campaign_document(parsed(deadline=text))["deadline"] for text in ("90m", "48h", "36h")] == [
        "90m",
        "2d",
        "36h",
    ]


@pytest.mark.parametrize(
    ("changes", "place", "advice"),
    [
        ({"nme": "x"}, "nme", '"name"?'),
        ({"template": "x"}, "template", "as chaves são: name, list"),
        ({"name": None}, "name", "falta"),
        ({"name": ""}, 'name = ""', "vazio"),
        ({"name": 7}, "name = 7", "entre aspas"),
        ({"name": "natal 2026"}, 'name = "natal 2026"', "até 64"),
        ({"name": "férias"}, 'name = "férias"', "sem acento"),
        ({"name": "-x"}, 'name = "-x"', "depois do primeiro"),
        ({"name": "a" * 65}, "name = ", "até 64"),
        ({"name": "2026"}, 'name = "2026"', "id"),
        ({"name": "natal\n"}, "name = ", "até 64"),
        ({"list": None}, "list", "audience"),
        ({"list": " x"}, 'list = " x"', "sem espaços"),
        ({"list": "a\nb"}, "list = ", "uma só linha"),
        ({"audience": "x.csv"}, "audience", "não os dois"),
        ({"list": None, "audience": "/"}, 'audience = "/"', "contatos.csv"),
        ({"deadline": "2bd"}, "deadline", "dias corridos"),
        ({"deadline": "0d"}, "deadline", "mais que zero"),
        ({"deadline": "15"}, "deadline", '"15"'),
        ({"deadline": 15}, "deadline = 15", "entre aspas"),
        ({"start_at": datetime(2026, 11, 23, 8)}, "start_at", "acrescente -03:00"),  # noqa: DTZ001
        ({"start_at": "2026-11-23T08:00:00"}, "start_at", "acrescente -03:00"),
        ({"start_at": "amanhã"}, 'start_at = "amanhã"', "2026-11-23T08:00:00-03:00"),
        ({"start_at": "0001-01-01T00:00:00+03:00"}, "start_at", "escreva data"),
        ({"start_at": 3}, "start_at = 3", "escreva data"),
        ({"timezone": "Brasilia"}, "timezone", "America/Sao_Paulo"),
        ({"timezone": "../../etc/passwd"}, "timezone", "America/Sao_Paulo"),
        ({"region": "PR"}, "region", '"BR-PR"'),
        ({"region": "Paraná"}, "region", '"BR-PR"'),
        ({"region": "BR-XX"}, "region", "estado desconhecido"),
        ({"region": "BR-"}, "region", "estado desconhecido"),
        ({"variables": {"a": 1}}, "variables.a = 1", "entre aspas"),
        ({"variables": {"1a": "x"}}, "variables.1a", "comece por letra"),
        ({"variables": "x"}, 'variables = "x"', "[variables]"),
        ({"limits": {"sms": {"hourly": 0}}}, "limits.sms.hourly = 0", "de 1 a"),
        ({"limits": {"sms": {"burst": -1}}}, "limits.sms.burst = -1", "de 1 a"),
        ({"limits": {"sms": {"daily": 1.5}}}, "limits.sms.daily = 1.5", "inteiro"),
        ({"limits": {"sms": {"daily": "100"}}}, 'limits.sms.daily = "100"', "sem aspas"),
        ({"limits": {"sms": {"daily": True}}}, "limits.sms.daily = true", "inteiro"),
        ({"limits": {"sms": {"daily": 10**30}}}, "limits.sms.daily", "inteiro"),
        ({"limits": {"sms": {"hourley": 1}}}, "limits.sms.hourley", '"hourly"?'),
        ({"limits": {"sms": 100}}, "limits.sms = 100", "[limits.sms]"),
        ({"limits": {"zap": {"hourly": 1}}}, "limits.zap", "whatsapp, email, sms"),
        ({"hours": {"startTime": "8h"}}, 'hours.startTime = "8h"', '"08:00"'),
        ({"hours": {"workingDays": []}}, "hours.workingDays = []", "ao menos um dia"),
        ({"hours": {"startTime": "08:00", "endTime": "08:00"}}, "hours.endTime", "nunca abre"),
        ({"hours": "horario.json"}, "hours", "[hours]"),
        ({"steps": None}, "steps", "falta"),
        ({"steps": []}, "steps = []", "ao menos um passo"),
        ({"steps": {"channel": "sms"}}, "steps", "[[steps]]"),
        ({"steps": ["oi"]}, "steps", "[[steps]]"),
        ({"steps": [SMS] * 100}, "steps: são 100 passos", "no máximo 99"),
    ],
)
def test_a_wrong_value_is_told_with_its_place_and_what_to_write(
    changes: dict[str, object], place: str, advice: str
) -> None:
    line = only_fault(**changes)
    assert line.startswith(place)
    assert advice in line


@pytest.mark.parametrize(
    ("step", "place", "advice"),
    [
        ({"channel": "sms"}, "text", "falta"),
        ({**SMS, "text": "  "}, 'text = "  "', "vazio"),
        ({"text": "Oi"}, "channel", '"whatsapp" ou "email" ou "sms"'),
        ({**SMS, "channel": "zap"}, 'channel = "zap"', '"whatsapp"'),
        ({**SMS, "channel": []}, "channel = []", '"whatsapp"'),
        ({**SMS, "chanel": "sms"}, "chanel", '"channel"?'),
        ({**SMS, "wait": "2 dias"}, "wait", '"2du"'),
        ({**SMS, "wait": 5}, "wait = 5", "entre aspas"),
        ({**SMS, "when": "sometimes"}, 'when = "sometimes"', '"previous_failed"'),
        ({**SMS, "when": "previous_failed"}, "when", "primeiro passo"),
        ({**SMS, "on_failure": "retry"}, 'on_failure = "retry"', '"stop" ou "next"'),
        ({**SMS, "stop_on_reply": "no"}, 'stop_on_reply = "no"', "true ou false"),
        ({**SMS, "meeting": "Uma visita"}, 'meeting = "Uma visita"', "id de um tipo de reunião"),
        ({**SMS, "meeting": True}, "meeting = true", "entre aspas"),
        ({**SMS, "name": "a\tb"}, "name = ", "uma só linha"),
        ({**SMS, "subject": "Oi"}, "subject", "sms não leva subject"),
        ({"channel": "whatsapp", "text": "Oi", "html": "<p>"}, "html", "whatsapp não leva html"),
        ({"channel": "email", "text": "Oi"}, "subject", "e-mail precisa de subject"),
        ({"channel": "email", "subject": "", "text": "Oi"}, 'subject = ""', "vazio"),
        ({"channel": "email", "subject": "Oi", "html": "<p>"}, "text", "falta"),
    ],
)
def test_a_wrong_step_is_told_with_its_number(step: dict[str, object], place: str, advice: str) -> None:
    line = only_fault(steps=[step])
    assert line.startswith(f"steps[1].{place}")
    assert advice in line


def test_all_faults_are_told_at_once() -> None:
    lines = faults(name="1", steps=[SMS, {**SMS, "wait": "x"}, {"channel": "email"}], limits={"sms": {"daily": 0}})
    assert [line.split(":")[0] for line in lines] == [
        'name = "1"',
        "steps[2].wait",
        "steps[3].text",
        "limits.sms.daily = 0",
    ]


def test_a_long_wrong_value_is_cut() -> None:
    assert len(only_fault(start_at="x" * 5000)) < 200


def test_a_deadline_must_outlast_the_waits() -> None:
    steps = [{**SMS, "wait": "36h"}, {**SMS, "wait": "2bd"}]
    assert parsed(steps=steps, deadline="85h").deadline == timedelta(hours=85)
    line = only_fault(steps=steps, deadline="84h")
    assert line.startswith('deadline = "84h"')
    assert "36h + 2bd" in line


def test_the_deadline_that_nobody_wrote_must_outlast_the_waits_too() -> None:
    line = only_fault(steps=[SMS, {**SMS, "wait": "30d"}])
    assert line.startswith('deadline = "30d", o prazo de quem não escreve outro')


def test_the_wait_of_a_fallback_does_not_count_because_it_is_not_waited() -> None:
    fallback = {**SMS, "when": "previous_failed", "wait": "20d"}
    assert len(parsed(steps=[SMS, fallback], deadline="1d").steps) == 2


def test_the_page_tells_every_key() -> None:
    hours = {*BusinessHours().to_document(), "state", "city"}
    for key in {*CAMPAIGN_KEYS, *STEP_KEYS, *LIMIT_KEYS, *hours}:
        assert f"`{key}`" in PAGE, key


def test_the_examples_of_the_page_are_right() -> None:
    whole = [example for example in page_examples() if "template_file" not in example["steps"][0]]
    assert len(whole) == 2
    for example in whole:
        assert parse_campaign(example, created_at=CREATED_AT).name == example["name"]


def test_the_long_example_of_the_page_has_every_key_of_the_parser_that_can_stand_together() -> None:
    example = page_examples()[1]
    assert {*example} == {*CAMPAIGN_KEYS} - {"audience"}
    assert {key for step in example["steps"] for key in step} == {*STEP_KEYS}
    assert {*example["limits"]["whatsapp"]} == {*LIMIT_KEYS}
