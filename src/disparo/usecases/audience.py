"""Whom a campaign document is for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from disparo.domain.campaign_document import audience_file


def list_name_for(document: Mapping[str, object]) -> str | None:
    """The list under which the document's audience file is to be imported before `campaigns.create`: its stem.

    None when the document names a list instead of a file. Ask after `parse_campaign` has found no fault. Not async.
    """
    file = audience_file(document)
    return None if file is None else PurePath(file).stem
