"""A campaign as a TOML file, with the files that it names beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from disparo.adapters.files.document_file import read_toml, take_hours, take_templates, telling
from disparo.domain.errors import InputError


def read_campaign_file(path: Path) -> Mapping[str, object]:
    """The document in this file, for `parse_campaign`, with the content of the files that it names.

    Named are templates (`template_file`, `html_file` of a step) and the JSON of `hours = "horario.json"`.
    They are looked up from the folder of the campaign file and must lie in it or below, links followed. All
    are UTF-8 (a byte order mark is dropped); line ends at the end of a template are no part of the message.
    Raises InputError, naming file and line, for one that is missing, too large, no text or malformed; of
    several named files, with a line for each.
    """
    faults: list[str] = []
    document: dict[str, object] = {}
    with telling(faults, str(path)):
        document = read_toml(path)
    steps = document.get("steps")
    for number, step in enumerate(steps if isinstance(steps, list) else (), start=1):
        take_templates(step, f"{path}: steps[{number}]", path.parent, faults)
    take_hours(document, "hours", f"{path}: ", path.parent, faults)
    if faults:
        raise InputError("\n".join(faults))
    return document
