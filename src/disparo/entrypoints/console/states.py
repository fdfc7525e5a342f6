"""The colour of each state, and the words of roles and channels."""

from __future__ import annotations

from collections.abc import Mapping

from disparo.domain.principal import Role
from disparo.entrypoints.console.words import mark

TONES: Mapping[str, str] = {
    **dict.fromkeys(("running", "sending", "processing", "claimed", "proposed", "offered", "held_slot"), "info"),
    **dict.fromkeys(("completed", "delivered", "confirmed", "held", "done", "imported", "ok", "active"), "good"),
    **dict.fromkeys(("accepted", "read", "replied"), "accent"),
    **dict.fromkeys(("paused", "in_doubt", "waiting", "no_show", "half_open", "degraded", "moved"), "warn"),
    **dict.fromkeys(("failed", "dead", "open_breaker", "unreachable", "failing", "refused", "error"), "bad"),
}
"""By the state's code; whatever is not here is neutral."""

ROLES: Mapping[Role, str] = {
    Role.VIEWER: mark("Leitura"),
    Role.OPERATOR: mark("Operação"),
    Role.ADMIN: mark("Administração"),
}
CHANNELS: Mapping[str, str] = {"whatsapp": "WhatsApp", "email": "E-mail", "sms": "SMS"}
