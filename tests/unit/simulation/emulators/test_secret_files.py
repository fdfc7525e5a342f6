from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from disparo.domain.errors import InputError
from disparo.simulation.emulators.accounts import Accounts
from disparo.simulation.emulators.secret_files import write_secrets

SECRETS = Accounts().secrets("http://127.0.0.1:8600")


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    paths = write_secrets(tmp_path / "secrets", SECRETS)
    assert {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths} == SECRETS
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_those_of_other_emulators_are_replaced(tmp_path: Path) -> None:
    write_secrets(tmp_path, SECRETS)
    other = Accounts().secrets("http://127.0.0.1:8601")
    write_secrets(tmp_path, other)
    assert json.loads((tmp_path / "mcp-sms.json").read_text(encoding="utf-8")) == other["mcp-sms"]


@pytest.mark.parametrize(
    "text", ['{"endpoint": "https://api.twilio.com"}', "{}", "não é JSON", '{"endpoint": 7}', "[]"]
)
def test_a_real_secret_is_never_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "mcp-sms.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"mcp-sms\.json"):
        write_secrets(tmp_path, SECRETS)
    assert [path.name for path in tmp_path.iterdir()] == ["mcp-sms.json"]
    assert (tmp_path / "mcp-sms.json").read_text(encoding="utf-8") == text
