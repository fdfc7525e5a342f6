"""Where the pages of campaigns lie."""

from __future__ import annotations

PATH = "/console/campaigns"
