"""An agenda as a TOML file, with the files that it names beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from disparo.adapters.files.document_file import read_toml, take_hours, take_templates, telling
from disparo.domain.errors import InputError


def read_agenda_file(path: Path) -> Mapping[str, object]:
    """The document in this file, for `parse_agenda`, with the content of the files that it names.

    Named are templates (`template_file`, `html_file` of a message) and the JSON of `hours` and `contact_hours`, by the
    rules of `read_campaign_file`. InputError with a line for each file that cannot be read.
    """
    faults: list[str] = []
    document: dict[str, Any] = {}
    with telling(faults, str(path)):
        document = read_toml(path)
    for number, host in _tables(document, "hosts"):
        take_hours(host, "hours", f"{path}: hosts[{number}].", path.parent, faults)
    for number, one in _tables(document, "types"):
        take_hours(one, "contact_hours", f"{path}: types[{number}].", path.parent, faults)
        messages = one.get("messages")
        for kind, message in (messages if isinstance(messages, dict) else {}).items():
            take_templates(message, f"{path}: types[{number}].messages.{kind}", path.parent, faults)
    if faults:
        raise InputError("\n".join(faults))
    return document


def _tables(document: Mapping[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The tables of a list, numbered from 1; what is none is for `parse_agenda` to refuse."""
    values = document.get(key)
    for number, one in enumerate(values if isinstance(values, list) else (), start=1):
        if isinstance(one, dict):
            yield number, one
