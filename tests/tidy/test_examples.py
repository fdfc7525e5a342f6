"""The files of examples/ are what the README says of them."""

from __future__ import annotations

import csv
import runpy
from datetime import UTC, datetime
from pathlib import Path

import pytest

from disparo.adapters.files.agenda_file import read_agenda_file
from disparo.adapters.files.campaign_file import read_campaign_file
from disparo.adapters.liquid.renderer import LiquidRenderer
from disparo.domain.agenda.host_document import HOST_KEYS
from disparo.domain.agenda.type_document import TYPE_KEYS
from disparo.domain.campaign import Campaign, When
from disparo.domain.campaign_document import audience_file, parse_campaign
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.contact_columns import recognise_columns
from disparo.domain.contact_row import RowReading, read_row
from disparo.domain.template import check_size
from disparo.usecases.agenda.loading import judge_agenda

EXAMPLES = Path(__file__).parents[2] / "examples"
CONTACTS = (EXAMPLES / "contatos.csv").read_bytes()


@pytest.fixture(scope="module")
def readings() -> list[RowReading]:
    header, *rows = csv.reader(CONTACTS.decode().splitlines())
    columns = recognise_columns(header)
    return [read_row(row, columns, file="contatos.csv", line=line) for line, row in enumerate(rows, start=2)]


@pytest.fixture(scope="module")
def drafts(readings: list[RowReading]) -> list[ContactDraft]:
    return [reading.draft for reading in readings if reading.draft]


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    document = read_campaign_file(EXAMPLES / "campanha.toml")
    return parse_campaign(document, created_at=datetime(2026, 11, 22, tzinfo=UTC))


def test_the_contacts_are_what_their_generator_makes() -> None:
    make = runpy.run_path(str(EXAMPLES / "make_contacts.py"))["make_contacts"]
    assert make().encode() == CONTACTS
    assert make(1) != make()


def test_the_header_is_that_of_the_source_document() -> None:
    assert CONTACTS.startswith(b"Nome,Contato,CNPJ/CPF,Email,Telefone\n")


def test_the_list_has_enough_contacts_and_some_wrong_rows(readings: list[RowReading]) -> None:
    drafts = [reading.draft for reading in readings if reading.draft]
    people = {draft.phone_key or draft.email_key for draft in drafts}
    rejected = [reading.problems for reading in readings if not reading.draft]
    reasons = {problem.reason for problems in rejected for problem in problems}
    assert len(readings) > 600
    assert len(people) >= 560
    assert len(drafts) - len(people) >= 20
    assert 0.03 < len(rejected) / len(readings) < 0.05
    assert len(reasons) >= 10


def test_the_contacts_live_in_every_zone_of_an_area_code(drafts: list[ContactDraft]) -> None:
    zones = {draft.place.zone for draft in drafts if draft.place}
    assert len(zones) == 14
    assert {"America/Sao_Paulo", "America/Manaus", "America/Rio_Branco", "America/Recife"} <= zones


def test_some_contacts_lack_a_phone_an_email_or_have_several(drafts: list[ContactDraft]) -> None:
    assert any(draft.phone is None for draft in drafts)
    assert any(draft.email is None for draft in drafts)
    assert any(draft.other_phones for draft in drafts)
    assert any(draft.other_emails for draft in drafts)


def test_every_email_lies_in_a_reserved_domain(drafts: list[ContactDraft]) -> None:
    reserved = ("example.com", "example.org", "example.net")
    domains = {draft.email.rpartition("@")[2] for draft in drafts if draft.email}
    assert all(domain.endswith(reserved) for domain in domains)


def test_the_campaign_uses_three_channels_with_a_fallback_and_the_list_beside_it(campaign: Campaign) -> None:
    assert [step.channel for step in campaign.steps] == [
        Channel.WHATSAPP,
        Channel.SMS,
        Channel.EMAIL,
        Channel.WHATSAPP,
    ]
    assert campaign.step(2).when is When.PREVIOUS_FAILED
    assert campaign.hours.default.lunch == (12 * 60, 13 * 60)
    assert set(campaign.limits) == set(Channel)
    audience = audience_file(read_campaign_file(EXAMPLES / "campanha.toml"))
    assert audience is not None
    assert (EXAMPLES / audience).is_file()


def test_every_message_renders_for_every_contact_and_tells_how_to_opt_out(
    campaign: Campaign, drafts: list[ContactDraft]
) -> None:
    for step in campaign.steps:
        template = LiquidRenderer().compile(step.template)
        for draft in drafts:
            content = template.render({**draft.variables, **campaign.variables})
            assert check_size(content, step.channel) is None
            assert "SAIR" in content.text


def test_the_agenda_is_one_that_can_be_loaded_with_every_text_readable() -> None:
    document = read_agenda_file(EXAMPLES / "agenda.toml")
    judged = judge_agenda(document, LiquidRenderer())
    assert [host.id for host in judged.agenda.hosts] == ["ana", "bruno"]
    assert [one.id for one in judged.agenda.types] == ["demonstracao", "fechamento"]
    assert {host.place.zone for host in judged.agenda.hosts} == {"America/Sao_Paulo", "America/Manaus"}
    emails = [host.email or "" for host in judged.agenda.hosts]
    assert all(email.endswith("@example.com") for email in emails)


def test_the_agenda_shows_nearly_every_key() -> None:
    document = read_agenda_file(EXAMPLES / "agenda.toml")
    hosts, types = document["hosts"], document["types"]
    assert isinstance(hosts, list)
    assert isinstance(types, list)
    assert {*HOST_KEYS} - {key for host in hosts for key in host} == {"calendar", "active", "language", "feed_link"}
    assert {*TYPE_KEYS} - {key for one in types for key in one} == {"contact_holidays", "active"}
