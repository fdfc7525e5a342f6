"""The AWS emulator for contract suites: one for a process of tests, a set of tables of its own for each test."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session

from aws_local.server import REGION, running
from aws_local.tables import create_tables

if TYPE_CHECKING:
    from botocore.client import BaseClient

__all__ = ["CREDENTIALS", "client", "create_tables", "emulator"]

CREDENTIALS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION}


@cache
def emulator() -> str:
    """The URL of this process's emulator, started when first asked for and ended with the process."""
    ended_with_process = ExitStack()
    atexit.register(ended_with_process.close)
    return ended_with_process.enter_context(running())


def client(service: str, **options: Any) -> BaseClient:
    """A client of the emulator; options are botocore's `Config`."""
    config = Config(**{"max_pool_connections": 32, **options})
    session = Session()
    return session.create_client(service, endpoint_url=emulator(), config=config, **CREDENTIALS)
