"""The package of the Lambda functions, built from the lock and used as Lambda would: unpacked, and nothing else."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from disparo.adapters.aws import package
from disparo.adapters.aws.package import LOCK, MOST_UNPACKED, MOST_ZIPPED, Package, build_package
from disparo.adapters.aws.package_contents import SERVICES
from disparo.adapters.aws.package_wheels import Arch, PackageError, Target

ROOT = Path(__file__).parents[2]
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
MACHINE = Arch.ARM64 if platform.machine() in ("aarch64", "arm64") else Arch.X86_64
HANDLERS = ("api", "send", "schedule", "ingest")
OUT_OF_REACH = re.compile(r"resolve|connect|network|timed? ?out|unreachable|offline", re.I)

WEB = {"fastapi", "starlette", "mangum", "anyio", "uvicorn"}
PROVIDERS = {"aiohttp", "aiosmtplib", "mcp", "cryptography", "httpx2"}
"""What channels speak by: imported with the first message of the one that needs it."""
TABLES = {"openpyxl", "python_calamine", "et_xmlfile"}
TERMINAL = {"rich", "cyclopts", "apsw", "pygohcl"}
CALENDARS = {"icalendar", "recurring_ical_events", "google"}
"""What is imported with the first calendar or invitation."""
PAGES = {"jinja2"}
TOO_HEAVY = {
    "api": TABLES | TERMINAL | PROVIDERS | CALENDARS,
    "send": WEB | TABLES | TERMINAL | PROVIDERS | CALENDARS | PAGES,
    "schedule": WEB | TABLES | TERMINAL | PROVIDERS | CALENDARS | PAGES,
    "ingest": WEB | TERMINAL | PROVIDERS | CALENDARS | PAGES | {"liquid"},
}
"""What a function must not import: the time of a cold start is mostly imports."""

ENVIRONMENT = {
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",  # so a handler's import opens the installation too, as on Lambda
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "DISPARO_STORE": "dynamodb",
    "DISPARO_IMPORTS_BUCKET": "imports",
    "DISPARO_SEND_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/send",
    "DISPARO_SEND_DLQ_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/send-dlq",
    "DISPARO_INGEST_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/ingest",
}
LOADED = "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"

Use = Callable[[str], object]


@pytest.fixture(scope="session", autouse=True)
def still_sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A copy of the sources: somebody may be editing them, and two builds shall be of the same."""
    folder = tmp_path_factory.mktemp("sources")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / LOCK, folder / LOCK)
    (folder / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "guarantees.md", folder / "docs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package, "_our_source", lambda: folder / "src" / "disparo")
        yield


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """A package for this machine and this Python, so that it can be imported here."""
    return _build(Target(MACHINE, HERE), tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def use(built: Package, tmp_path_factory: pytest.TempPathFactory) -> Use:
    """Run a script that sees the unpacked package and the standard library only; it prints one JSON value."""
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(built.path) as archive:
        archive.extractall(folder)

    def run(script: str) -> object:
        begin = f"import sys, json; sys.path.insert(0, {str(folder)!r})\n"
        environment = {"PATH": os.environ["PATH"], "HOME": "/nowhere", **ENVIRONMENT}
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", begin + script],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=environment,
            cwd=folder,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def _build(target: Target, folder: Path) -> Package:
    try:
        return build_package(target, folder)
    except PackageError as error:
        if OUT_OF_REACH.search(str(error)):
            pytest.skip(f"no package registry is in reach: {error}")
        raise


def test_it_is_well_under_the_limits(built: Package) -> None:
    assert built.zipped < MOST_ZIPPED * 0.9
    assert built.unpacked < MOST_UNPACKED / 2


def test_built_again_it_has_the_same_bytes(built: Package, tmp_path: Path) -> None:
    again = _build(built.target, tmp_path)
    assert again.path.read_bytes() == built.path.read_bytes()


@pytest.mark.parametrize("handler", HANDLERS)
def test_every_handler_is_imported_without_what_it_does_not_use(use: Use, handler: str) -> None:
    loaded = use(
        f"import importlib; found = importlib.import_module('disparo.entrypoints.lambdas.{handler}')\n"
        f"assert callable(found.handler)\n{LOADED}"
    )
    assert isinstance(loaded, list)
    assert "disparo" in loaded
    assert not TOO_HEAVY[handler] & set(loaded)


def test_a_live_send_is_ready_before_its_first_message(use: Use) -> None:
    live = "import os; os.environ['DISPARO_LIVE'] = 'true'\nimport disparo.entrypoints.lambdas.send\n"
    loaded = use(live + LOADED)
    assert isinstance(loaded, list)
    assert "aiohttp" in loaded
    assert not (WEB | TABLES | TERMINAL | {"mcp", "aiosmtplib"}) & set(loaded)


def test_opening_the_installation_loads_nothing_of_the_terminal_the_web_or_spreadsheets(use: Use) -> None:
    loaded = use(f"from disparo.entrypoints.lambdas.opening import open_installation\nopen_installation()\n{LOADED}")
    assert isinstance(loaded, list)
    assert "botocore" in loaded
    assert not (WEB | TABLES | TERMINAL) & set(loaded)


def test_every_module_is_there_compiled(built: Package) -> None:
    tag = f".cpython-{HERE.replace('.', '')}.pyc"
    with zipfile.ZipFile(built.path) as archive:
        names = set(archive.namelist())
    sources = {name for name in names if name.endswith(".py")}
    compiled = {name.replace("__pycache__/", "").replace(tag, ".py") for name in names if name.endswith(tag)}
    assert len(sources) > 1000
    assert compiled == sources


def test_every_service_that_the_functions_call_is_described(use: Use) -> None:
    script = (
        "import boto3\n"
        "session = boto3.Session(aws_access_key_id='test', aws_secret_access_key='test', region_name='sa-east-1')\n"
        f"print(json.dumps([session.client(name).meta.endpoint_url for name in {SERVICES}]))"
    )
    found = use(script)
    assert isinstance(found, list)
    assert all("sa-east-1" in url for url in found)


def test_only_described_services_are_called() -> None:
    # client("sqs", partial(client, "sqs", ...) and the name of one that is made at another place
    named = re.compile(r"""(?:client(?:\(|,)\s*|_SERVICE = )["']([a-z0-9-]+)["']""")
    called = {name for source in (ROOT / "src").rglob("*.py") for name in named.findall(source.read_text("utf-8"))}
    assert called == set(SERVICES)


def test_every_provider_can_be_used_from_the_package(use: Use) -> None:
    script = (
        "from disparo.bootstrap.providers import PROVIDERS, account_of\n"
        "from disparo.settings import Settings\n"
        "made = []\n"
        "for name, provider in PROVIDERS.items():\n"
        "    for channel in sorted(provider.channels):\n"
        "        account = account_of(name, channel, 's', None, Settings())\n"
        "        made.append(type(provider.channel(account)).__name__)\n"
        "        if provider.callback: provider.callback(account)\n"
        "import aiohttp, aiosmtplib, cryptography.x509, disparo.adapters.mcp.wire, botocore.session\n"
        "session = botocore.session.Session()\n"
        "session.create_client('pinpoint-sms-voice-v2', region_name='sa-east-1')\n"
        "print(json.dumps(sorted(set(made))))"
    )
    assert use(script) == [
        "AwsSmsChannel",
        "McpChannel",
        "SendGridChannel",
        "SmtpChannel",
        "TwilioChannel",
        "WhatsAppChannel",
    ]


def test_templates_write_amounts_and_dates_of_brazil(use: Use) -> None:
    script = (
        "from disparo.adapters.liquid.amounts import format_currency\n"
        "from disparo.adapters.liquid.moments import format_date\n"
        "from datetime import date\n"
        "from disparo.adapters.liquid import LiquidRenderer\n"
        "LiquidRenderer()\n"
        "print(json.dumps([format_currency(1234.5, 'BRL', locale='pt_BR'),"
        " format_date(date(2026, 11, 23), 'EEEE', locale='pt_BR')]))"
    )
    assert use(script) == ["R$\xa01.234,50", "segunda-feira"]


def test_every_calendar_can_be_used_from_the_package(use: Use) -> None:
    script = (
        "from datetime import UTC, datetime\n"
        "from disparo.bootstrap.calendars import MAKERS\n"
        "made = [type(make(None, 's', lambda: datetime.now(UTC), 5.0)).__name__ for make in MAKERS.values()]\n"
        "import google.auth.crypt, icalendar, recurring_ical_events\n"
        "calendar = icalendar.Calendar.from_ical('\\r\\n'.join(['BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'UID:a',"
        " 'DTSTART;TZID=America/Sao_Paulo:20261123T090000', 'DTEND;TZID=America/Sao_Paulo:20261123T100000',"
        " 'RRULE:FREQ=DAILY;COUNT=3', 'END:VEVENT', 'END:VCALENDAR', '']))\n"
        "found = recurring_ical_events.of(calendar).between((2026, 11, 23), (2026, 11, 30))\n"
        "print(json.dumps([*sorted(made), len(found)]))"
    )
    assert use(script) == ["CaldavCalendar", "GoogleCalendar", "McpCalendar", 3]


def test_moments_are_written_in_both_languages(use: Use) -> None:
    script = (
        "from datetime import UTC, datetime\n"
        "from disparo.adapters.babel_wording import BabelWording\n"
        "words, at = BabelWording(), datetime(2026, 11, 23, 12, tzinfo=UTC)\n"
        "print(json.dumps([f(at, 'America/Sao_Paulo', language) for language in ('pt', 'en')"
        " for f in (words.day, words.clock, words.zone, words.short)]))"
    )
    assert use(script) == [
        *("segunda-feira, 23 de novembro", "09:00", "horário de Brasília (GMT-3)", "seg 23/11 09:00"),
        *("Monday, November 23", "9:00 AM", "Brasilia Time (GMT-3)", "Mon 11/23 9:00 AM"),
    ]


def test_pages_find_their_templates_and_their_style(use: Use) -> None:
    script = (
        "from pathlib import Path\n"
        "import disparo.entrypoints.http.booking as booking\n"
        "from disparo.entrypoints.http.booking import routes\n"
        "place = Path(booking.__file__).parent\n"
        "print(json.dumps(sorted(file.relative_to(place).as_posix() for file in place.rglob('*')"
        " if file.suffix in ('.html', '.css'))))"
    )
    pages = ROOT / "src" / "disparo" / "entrypoints" / "http" / "booking"
    wanted = [file.relative_to(pages).as_posix() for file in pages.rglob("*") if file.suffix in (".html", ".css")]
    assert len(wanted) > 10
    assert use(script) == sorted(wanted)


def test_the_console_can_be_used_from_the_package(use: Use) -> None:
    script = (
        "import os; del os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\n"
        "from datetime import UTC, datetime\n"
        "from disparo.entrypoints.console.static_files import static_files\n"
        "from disparo.entrypoints.console.words import LOCALES, words_of\n"
        "from disparo.entrypoints.console.workshop import workshop\n"
        "from disparo.entrypoints.mcp.resources import guarantees\n"
        "import disparo.entrypoints.mcp.server, disparo.simulation.forecast, disparo.adapters.one_time_codes\n"
        "import disparo.adapters.passwords, disparo.entrypoints.http.campaign_export, jwt, xlsxwriter, multipart\n"
        "from disparo.adapters.embedded.database import Database\n"
        "Database(None).close()\n"
        "made = [workshop(one, 'America/Sao_Paulo', lambda: datetime.now(UTC)) for one in LOCALES]\n"
        "pages = [one.get_template(name) for one in made for name in one.list_templates()]\n"
        "print(json.dumps([len(pages) > 100, 'console.css' in static_files(), guarantees().is_file(),"
        " words_of('en').gettext('Campanhas')]))"
    )
    assert use(script) == [True, True, True, "Campaigns"]


@pytest.mark.parametrize(("arch", "machine"), [(Arch.ARM64, 183), (Arch.X86_64, 62)])
def test_native_libraries_are_of_the_functions_machine(arch: Arch, machine: int, tmp_path: Path) -> None:
    built = _build(Target(arch), tmp_path)
    with zipfile.ZipFile(built.path) as archive:
        libraries = {name: archive.read(name)[:20] for name in archive.namelist() if name.endswith(".so")}
    assert any("pydantic_core" in name for name in libraries)
    assert all("cpython-312" in name or ".abi3." in name for name in libraries)
    # e_machine of the ELF header: EM_AARCH64, EM_X86_64.
    assert {int.from_bytes(head[18:20], "little") for head in libraries.values()} == {machine}


def test_the_lock_pins_what_is_tested_and_names_what_the_project_needs() -> None:
    assert _pins(LOCK).items() <= _pins("requirements-dev.lock").items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    optional = project["optional-dependencies"]
    needed = {_name(text) for text in (*project["dependencies"], *optional["aws"], *optional["mcp"])}
    lines = (ROOT / "requirements-aws.in").read_text("utf-8").splitlines()
    wanted = {line for line in lines if line and not line.startswith("#")}
    assert wanted - needed <= {"boto3"}  # an optional part of Powertools, which is needed here
    assert needed - wanted <= {"apsw", "cyclopts", "pygohcl", "rich", "uvicorn", "jsonschema"}


def _pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", (ROOT / name).read_text("utf-8"), re.M))


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
