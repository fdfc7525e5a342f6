"""What of the installed libraries goes into the package of the Lambda functions, and what stays out.

Only what no function reads is left out; tests import each handler from the package, make each client and write
amounts and dates of Brazil with what is left. Licences stay: they must go where a copy of the library goes.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

SERVICES = ("dynamodb", "pinpoint-sms-voice-v2", "s3", "secretsmanager", "sqs")
"""The services that the functions call; botocore needs a description of each, and carries those of all others."""

LOCALES = ("root", "en", "en_US", "pt", "pt_BR")
"""The locales that templates can ask for, with those that they inherit from."""

_LEFT_OUT = (
    "bin",
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
    "*.dist-info/REQUESTED",
    "*.dist-info/WHEEL",
    "*.dist-info/direct_url.json",
    "*.dist-info/uv_cache.json",
    "*.dist-info/top_level.txt",
    "*.dist-info/zip-safe",
    ".lock",
    "apsw/tests",
    "apsw/sqlite_extra_binaries",  # SQLite's own tools
    "aws_lambda_powertools/event_handler/openapi/swagger_ui",
    "icalendar/tests",
    "jsonschema/tests",
    "jsonschema_specifications/tests",
    "referencing/tests",
    "importlib_resources/tests",
    "recurring_ical_events/test",
    "x_wr_timezone/test",
    "boto3/data",  # of boto3.resource, which nothing here uses
    "boto3/examples",
    "botocore/data/*/*/examples-1.json",
)
_LEFT_OUT_ANYWHERE = ("__pycache__", "*.pyc", "*.pyi", "py.typed", "*.c", "*.h", "*.pyx", "*.pxd")

_OURS_LEFT_OUT = ("entrypoints/cli", "__main__.py", "examples", "requirements-aws.lock")
"""Parts of disparo that need the terminal's libraries, or are of no use on Lambda."""

_PAGE = "docs/guarantees.md"
"""What the MCP server shows: in the installed package, in the source tree beside it."""


def copy_ours(source: Path, target: Path) -> None:
    """Copy the package `disparo` itself, without its commands."""
    left_out = {source / name for name in _OURS_LEFT_OUT}
    shutil.copytree(
        source,
        target,
        ignore=lambda folder, names: [
            name for name in names if Path(folder, name) in left_out or _is_left_out_anywhere(name)
        ],
    )
    page, copy = source.parents[1] / _PAGE, target / _PAGE
    if page.is_file() and not copy.exists():
        copy.parent.mkdir()
        shutil.copyfile(page, copy)


def prune(folder: Path) -> None:
    """Take out of the installed libraries what the functions do not need; what is not there is fine."""
    for path in [*_left_out(folder)]:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _left_out(folder: Path) -> Iterator[Path]:
    for pattern in _LEFT_OUT:
        yield from folder.glob(pattern)
    for path in folder.rglob("*"):
        if _is_left_out_anywhere(path.name):
            yield path
    for path in (folder / "botocore" / "data").glob("*"):
        if path.is_dir() and path.name not in SERVICES:
            yield path
    for path in (folder / "babel" / "locale-data").glob("*.dat"):
        if path.stem not in LOCALES:
            yield path


def _is_left_out_anywhere(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in _LEFT_OUT_ANYWHERE)
