"""Where Terraform's provider is looked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("moto", reason="moto, of the group dev, is not installed")

from aws_local import terraform
from aws_local.terraform import PROVIDER, TerraformMissingError, find_terraform


@pytest.fixture(autouse=True)
def _nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TF_PLUGIN_DIR", "TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(terraform, "FOLDERS", (tmp_path / "usual",))
    monkeypatch.setattr(shutil, "which", lambda program: f"/bin/{program}")


def test_without_a_program_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(TerraformMissingError, match="not in PATH"):
        find_terraform()


def test_without_a_provider_the_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(TerraformMissingError, match=f"none of {tmp_path / 'usual'}; set TF_PLUGIN_DIR"):
        find_terraform()


def test_the_usual_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "usual" / PROVIDER).mkdir(parents=True)
    assert find_terraform().plugins == tmp_path / "usual"


def test_the_mirror_of_the_configuration_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for folder in ("usual", "mirror"):
        (tmp_path / folder / PROVIDER).mkdir(parents=True)
    file = tmp_path / "rc"
    file.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{tmp_path / "mirror"}"\n  }}\n}}\n')
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(file))
    assert find_terraform().plugins == tmp_path / "mirror"


def test_a_named_folder_is_the_only_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "usual" / PROVIDER).mkdir(parents=True)
    monkeypatch.setenv("TF_PLUGIN_DIR", str(tmp_path / "elsewhere"))
    with pytest.raises(TerraformMissingError, match="elsewhere"):
        find_terraform()
