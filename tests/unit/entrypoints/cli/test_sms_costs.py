"""What SMS cost is said before they leave: in a preview, when a campaign is made, changed and started."""

from __future__ import annotations

from pathlib import Path

import pytest

STEP = """
[[steps]]
channel = "sms"
on_failure = "next"
text = "Oi {{ nome }}, a promoção é só amanhã: responda SIM e ganhe o desconto inteiro, {{ nome }}!"
"""
PLAIN = STEP.replace("promoção é só amanhã", "oferta acaba logo")


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """A campaign with an SMS before its other steps."""
    file = tmp_path / "teste.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('[[steps]]\nchannel = "whatsapp"', STEP + '\n[[steps]]\nchannel = "whatsapp"', 1))
    return file


def imported(cli) -> None:
    assert cli("import", "contatos.csv", "--list", "contatos").code in (0, 1)


def test_a_preview_names_the_characters_that_cost(cli, campaign: Path) -> None:
    imported(cli)
    shown = cli("templates", "preview", "teste.toml", "--limit", "3")
    assert "2 SMS (UCS-2, 89 unidades)" in shown.out
    assert "«ã» «ç» «ó» obrigam Unicode: sem isso, 1 SMS em vez de 2" in shown.out
    assert "passo 1: 2 SMS por mensagem (6 em 3 mensagens vistas)" in shown.out
    found = cli("templates", "preview", "teste.toml", "--limit", "3", "--json").json
    assert found["items"][0]["sms_forced_by"] == ["ã", "ç", "ó"]
    assert (found["items"][0]["sms_segments"], found["items"][0]["sms_plain_segments"]) == (2, 1)
    assert found["items"][1]["sms_segments"] is None
    assert found["sms"] == [
        {
            "step": 1, "messages": 3, "least": 2, "typical": 2, "most": 2, "segments": 6, "plain_segments": 3,
            "unicode": 3, "forced_by": ["ã", "ç", "ó"],
        }
    ]  # fmt: skip


def test_a_campaign_says_what_its_sms_cost_when_it_is_made_changed_and_started(cli, campaign: Path) -> None:
    imported(cli)
    line = "passo 1: 2 SMS por mensagem (6 em 3 mensagens vistas)"
    assert line in cli("campaign", "create", "teste.toml").out
    assert line in cli("campaign", "start", "teste").out
    campaign.write_text(campaign.read_text(encoding="utf-8").replace(STEP, PLAIN), encoding="utf-8")
    changed = cli("campaign", "update", "teste", "teste.toml").out
    assert "passo 1: 1 SMS por mensagem (3 em 3 mensagens vistas)" in changed
    assert "Unicode" not in changed


def test_what_a_program_reads_has_the_costs_too(cli, campaign: Path) -> None:
    imported(cli)
    assert cli("campaign", "create", "teste.toml", "--json").json["sms"][0]["segments"] == 6
    assert cli("campaign", "start", "teste", "--json").json["sms"][0]["segments"] == 6


def test_without_sms_nothing_is_said(drafted) -> None:
    assert "SMS" not in drafted("templates", "preview", "teste", "--limit", "3").out
    assert "sms" not in drafted("campaign", "start", "teste", "--json").json
