"""Settings become a program: the one place where a family of adapters is chosen and wired."""

from __future__ import annotations

from disparo.bootstrap.app import App, renderer
from disparo.bootstrap.families import DATABASE, OUTBOX, open_app, secret_faults
from disparo.bootstrap.senders import pace_of, sandbox_script, sender_of, senders_of

__all__ = [
    "DATABASE",
    "OUTBOX",
    "App",
    "open_app",
    "pace_of",
    "renderer",
    "sandbox_script",
    "secret_faults",
    "sender_of",
    "senders_of",
]
