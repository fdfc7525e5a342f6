"""The AWS family: DynamoDB, SQS, S3 and Secrets Manager."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable
from dataclasses import replace
from functools import partial

from disparo.adapters.aws.clients import client
from disparo.adapters.aws.contact_files import S3ContactFiles
from disparo.adapters.aws.dead_letter_queue import SqsDeadLetterQueue, announcing
from disparo.adapters.aws.dynamo_client import open_tables
from disparo.adapters.aws.idempotency import DynamoIdempotency
from disparo.adapters.aws.import_queue import SqsImportQueue
from disparo.adapters.aws.imports import DynamoImports
from disparo.adapters.aws.secrets import SecretsManager
from disparo.adapters.aws.sqs_batches import Unsent
from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import TABLES, Tables
from disparo.adapters.aws.ticket_queue import SqsTicketQueue
from disparo.adapters.signed_links import SignedLinks
from disparo.bootstrap.announcing import FRESH_FOR_ON_AWS, heard
from disparo.bootstrap.app import App
from disparo.bootstrap.table_outbox import TableOutbox
from disparo.domain.errors import DisparoError, InputError
from disparo.ports.clock import Clock
from disparo.ports.queue import TicketQueue
from disparo.settings import Settings

LINKS, LINK_KEY = "links", "key"
"""The secret with which links to our pages are signed, and its field; Terraform makes both."""


def open_cloud(settings: Settings, clock: Clock, *, tables: Tables | None = None) -> App:
    """The installation on AWS; `tables` may stand in for DynamoDB. Nothing is asked of AWS yet.

    What has no address in the settings is refused when it is used: most commands need no queue.
    """
    tables = tables or _tables(settings)
    store, undelivered, arrivals = open_store(tables), None, None
    sqs = partial(client, "sqs", settings.aws_region)
    if settings.send_dlq_url is not None:
        undelivered = SqsDeadLetterQueue(sqs, settings.send_dlq_url)
        store = replace(store, ledger=announcing(store.ledger, undelivered, _unannounced))
    if settings.ingest_queue_url is not None:
        arrivals = SqsImportQueue(sqs, settings.ingest_queue_url)
    store, imports, events = heard(store, DynamoImports(tables), FRESH_FOR_ON_AWS)
    own_secrets = secrets(settings)

    def link_key() -> bytes:
        return own_secrets.read_now(LINKS)[LINK_KEY].encode()

    return App(
        settings,
        clock,
        store,
        imports,
        S3ContactFiles(partial(client, "s3", settings.aws_region), settings.imports_bucket or ""),
        DynamoIdempotency(tables),
        own_secrets,
        SignedLinks(settings.public_url, link_key),
        link_key,
        lambda: TableOutbox(tables),
        lambda: None,
        undelivered=undelivered,
        arrivals=arrivals,
        events=events,
    )


def _tables(settings: Settings) -> Tables:
    if settings.aws_region is not None:
        # The one place where botocore looks for it, as the client of the tables is told none.
        os.environ["AWS_DEFAULT_REGION"] = settings.aws_region
    return open_tables(settings.table_prefix, settings.environment)


async def reach(settings: Settings) -> list[tuple[str, str | None]]:
    """Each table and queue that the settings name, and what is wrong with it (None: it answers); nothing is changed."""
    tables = _tables(settings)
    looks: list[tuple[str, Awaitable[object]]] = []
    for table in TABLES:
        key = {name: "-" for name in (table.hash, table.range) if name is not None}
        looks.append((f"{settings.table_prefix}-{table.name}-{settings.environment}", tables.get(table, key)))
    sqs = partial(client, "sqs", settings.aws_region)
    queues = {name: getattr(settings, name) for name in ("send_queue_url", "send_dlq_url", "ingest_queue_url")}
    looks += [(name, SqsTicketQueue(sqs, url).depth()) for name, url in queues.items() if url is not None]
    return [(name, await _fault(look)) for name, look in looks]


async def _fault(look: Awaitable[object]) -> str | None:
    try:
        await look
    except DisparoError as error:
        return str(error)
    return None


def ticket_queue(settings: Settings) -> TicketQueue:
    """The queue of tickets; InputError when the settings name none."""
    if settings.send_queue_url is None:
        raise InputError("send_queue_url: falta o endereço da fila de envio; defina DISPARO_SEND_QUEUE_URL")
    return SqsTicketQueue(partial(client, "sqs", settings.aws_region), settings.send_queue_url)


def secrets(settings: Settings) -> SecretsManager:
    """The providers' secrets."""
    return SecretsManager(partial(client, "secretsmanager", settings.aws_region), settings.secrets_prefix)


def _unannounced(unsent: Unsent) -> None:
    logging.getLogger(__name__).error(
        "dead_letters_not_announced", extra={"count": unsent.count, "reason": unsent.reason}
    )
