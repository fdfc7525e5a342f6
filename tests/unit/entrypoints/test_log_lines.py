"""No personal data in log lines, whoever writes them."""

from __future__ import annotations

import io
import json
import logging

import pytest

from disparo.entrypoints.cli.faults import log_bug
from disparo.entrypoints.cli.printing import Output
from disparo.entrypoints.cli.worker_log import WorkerLog
from disparo.entrypoints.http.installation import local_report
from disparo.entrypoints.lambdas.log import FunctionLog
from disparo.entrypoints.log_lines import MaskedLines, logging_to, mask_logs

MAIL, PHONE = "ana.souza@exemplo.com.br", "+55 41 98888-7766"
SECRETS = ("ana.souza", "exemplo.com.br", "98888", "8877")


def nothing_personal(text: str) -> None:
    assert not [one for one in SECRETS if one in text]


def broken() -> ValueError:
    """An error with a place, that quotes what somebody wrote."""
    try:
        raise ValueError(f"no such person: {MAIL}, {PHONE}")
    except ValueError as error:
        return error


def logged(*, as_json: bool) -> str:
    stream = io.StringIO()
    with logging_to(stream, as_json=as_json):
        local_report("unexpected", broken(), path=f"/contacts/{MAIL}")
        logging.getLogger("some.library").warning("sent to %s", PHONE, extra={"to": MAIL, "count": 3})
        logging.getLogger("some.library").info("not worth a line")
    logging.getLogger("some.library").warning("elsewhere")
    return stream.getvalue()


def test_lines_for_people_are_masked_with_the_words_of_errors() -> None:
    text = logged(as_json=False)
    nothing_personal(text)
    assert "ERROR disparo.http: unexpected" in text
    assert "ValueError: no such person: a***@***, ***66" in text
    assert "test_log_lines.py" in text, "where it was raised is told"
    assert "WARNING some.library: sent to ***66 to=a***@*** count=3" in text
    assert "not worth a line" not in text
    assert "elsewhere" not in text


def test_json_lines_are_masked_and_each_is_one_document() -> None:
    text = logged(as_json=True)
    nothing_personal(text)
    first, second = (json.loads(line) for line in text.splitlines())
    assert (first["level"], first["logger"]) == ("error", "disparo.http")
    assert "no such person" in first["trace"]
    assert (second["event"], second["to"], second["count"]) == ("sent to ***66", "a***@***", "3")
    assert second["at"].endswith("+00:00")


def test_what_lambda_installed_writes_masked_lines_from_then_on() -> None:
    handler = logging.StreamHandler(io.StringIO())
    root = logging.getLogger()
    before = [(one, one.formatter) for one in root.handlers]
    root.addHandler(handler)
    try:
        mask_logs()
        assert isinstance(handler.formatter, MaskedLines)
    finally:
        root.removeHandler(handler)
        for one, formatter in before:
            one.setFormatter(formatter)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_workers_lines_are_masked(as_json) -> None:
    stream = io.StringIO()
    log = WorkerLog(Output(stream, io.StringIO()), as_json=as_json, zone="UTC")
    log.say("settings_refused", fault=f"alarm_email = {MAIL}: não serve; {PHONE}")
    log.say("campaign_progress", campaign="boas-vindas 2026-11-23", sent=5, messages=9_999_999_999, open=4)
    nothing_personal(stream.getvalue())
    assert "a***@***" in stream.getvalue()
    assert "boas-vindas 2026-11-23" in stream.getvalue()
    assert "9999999999" in stream.getvalue(), "a count is nobody's number"


def test_a_functions_lines_are_masked() -> None:
    stream = io.StringIO()
    log = FunctionLog("masked", stream)
    log.say("done", who=MAIL, count=1_234_567_890)
    log.warn("odd", who=PHONE)
    log.fail("broke", broken(), who=PHONE)
    nothing_personal(stream.getvalue())
    assert json.loads(stream.getvalue().splitlines()[0])["who"] == "a***@***"


def test_the_traceback_of_a_bug_is_masked(tmp_path) -> None:
    path = log_bug(broken(), tmp_path)
    assert path is not None
    text = path.read_text(encoding="utf-8")
    nothing_personal(text)
    assert "Traceback" in text
