"""The two families: one data directory, or AWS."""

from __future__ import annotations

import os
from collections.abc import Sequence

from disparo.adapters.channels.sandbox.outbox import FileOutbox
from disparo.adapters.local_secrets import LocalSecrets
from disparo.adapters.system_clock import SystemClock
from disparo.bootstrap.announcing import heard
from disparo.bootstrap.app import App
from disparo.bootstrap.senders import Appointed, appointed, secret_fault
from disparo.ports.clock import Clock
from disparo.settings import LoadedSettings, Settings
from disparo.settings.load import as_given
from disparo.settings.sources import SECRET_PREFIX

DATABASE = "disparo.sqlite3"
OUTBOX = "sandbox.jsonl"
FILES = "files"
SECRETS = "secrets"
LINK_KEY = "link-key"


def open_app(settings: Settings | LoadedSettings, *, clock: Clock | None = None) -> App:
    """Open the installation that these settings name; StoreError when it is unusable.

    Only of settings that were read it can be said where they came from, and only those can be changed while it runs.
    Each family's libraries are imported only here, when it is chosen.
    """
    clock = clock or SystemClock()
    loaded = settings if isinstance(settings, LoadedSettings) else as_given(settings)
    if loaded.settings.store == "dynamodb":
        from disparo.bootstrap.cloud import open_cloud

        app = open_cloud(loaded.settings, clock)
    else:
        app = _open_embedded(loaded.settings, clock)
    app.loaded = loaded
    return app


def _open_embedded(settings: Settings, clock: Clock) -> App:
    """Open the data directory, making it when it is missing."""
    from disparo.adapters.embedded.database import Database
    from disparo.adapters.embedded.idempotency import SqliteIdempotency
    from disparo.adapters.embedded.imports import SqliteImports
    from disparo.adapters.embedded.store import open_store
    from disparo.adapters.files.contact_files import LocalContactFiles
    from disparo.adapters.signed_links import SignedLinks, file_key

    settings.data.mkdir(parents=True, exist_ok=True)
    database = Database(settings.data / DATABASE)
    outbox = FileOutbox(settings.data / OUTBOX)
    secrets = local_secrets(settings)
    link_key = file_key(settings.data / LINK_KEY)
    store, imports, events = heard(open_store(database), SqliteImports(database))
    return App(
        settings,
        clock,
        store,
        imports,
        LocalContactFiles(settings.data / FILES),
        SqliteIdempotency(database),
        secrets,
        SignedLinks(settings.public_url, link_key),
        link_key,
        lambda: outbox,
        database.close,
        secrets.has,
        database=database,
        events=events,
    )


def local_secrets(settings: Settings) -> LocalSecrets:
    """Where an installation without AWS looks for secrets."""
    return LocalSecrets(os.environ, SECRET_PREFIX, settings.data / SECRETS)


async def secret_faults(settings: Settings) -> Sequence[tuple[Appointed, str | None]]:
    """Each sender, and what is wrong with its secret (None: nothing); no data are opened or made."""
    if settings.store == "dynamodb":
        from disparo.bootstrap.cloud import secrets

        return [
            (one, await secret_fault(settings, one, secrets(settings))) for one in appointed(settings, lambda _: True)
        ]
    local = local_secrets(settings)
    return [(one, await secret_fault(settings, one, local)) for one in appointed(settings, local.has)]
