"""The emulated Google Calendar by itself: what it takes, keeps and refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.auth import jwt
from google.auth.crypt import RSASigner

from disparo.simulation.emulators.google_calendar_book import CalendarBook, RefusedCallError, Way
from disparo.simulation.emulators.google_calendar_fields import part_of, unknown_parameters
from disparo.simulation.emulators.google_calendar_tokens import GRANT, SCOPE, RefusedGrantError, ServiceAccount

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
AUDIENCE = "http://127.0.0.1/google/token"
TIMES = {"start": {"dateTime": "2027-04-05T12:00:00Z"}, "end": {"dateTime": "2027-04-05T13:00:00Z"}}
WAY = Way()


def book() -> CalendarBook:
    kept = CalendarBook(lambda: NOW)
    kept.open("a", "America/Santiago")
    return kept


def refusal(call: Any, *args: Any) -> tuple[int, str]:
    with pytest.raises(RefusedCallError) as refused:
        call(*args)
    return refused.value.status, refused.value.reason


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"id": "abcd"}, (400, "invalid")),
        ({"id": "wxyz0"}, (400, "invalid")),
        ({"id": "a" * 1025}, (400, "invalid")),
        ({"end": None}, (400, "required")),
        ({"end": {"dateTime": "2027-04-05T11:00:00Z"}}, (400, "timeRangeEmpty")),
        ({"start": {"date": "2027-04-05"}, "end": {"date": "2027-04-05"}}, (400, "timeRangeEmpty")),
        ({"recurrence": ["RRULE:FREQ=YEARLY"]}, (400, "required")),
    ],
)
def test_a_malformed_event_is_refused(body: dict[str, Any], expected: tuple[int, str]) -> None:
    assert refusal(book().insert, "a", {**TIMES, **body}, WAY) == expected


def test_an_id_stays_taken_when_its_event_is_deleted_and_the_event_can_come_back() -> None:
    kept = book()
    kept.insert("a", {"id": "00000", **TIMES}, WAY)
    assert refusal(kept.insert, "a", {"id": "00000", **TIMES}, WAY) == (409, "duplicate")
    kept.delete("a", "00000")
    assert refusal(kept.delete, "a", "00000") == (410, "deleted")
    assert refusal(kept.delete, "a", "11111") == (404, "notFound")
    assert refusal(kept.insert, "a", {"id": "00000", **TIMES}, WAY) == (409, "duplicate")
    assert kept.listed("a", {}) == []
    assert kept.patch("a", "00000", {"status": "confirmed"}, WAY)["status"] == "confirmed"
    assert [one["id"] for one in kept.listed("a", {})] == ["00000"]


def test_a_version_that_is_no_longer_there_is_not_changed() -> None:
    kept = book()
    old = kept.insert("a", {"id": "00000", **TIMES}, WAY)["etag"]
    new = kept.patch("a", "00000", {"summary": "x"}, Way(etag=old))["etag"]
    assert new != old
    for call in (kept.patch, kept.update):
        assert refusal(call, "a", "00000", {**TIMES}, Way(etag=old)) == (412, "conditionNotMet")
    assert refusal(kept.delete, "a", "00000", old) == (412, "conditionNotMet")
    assert "summary" not in kept.update("a", "00000", {**TIMES}, Way(etag=new))


def test_free_busy_is_told_of_each_calendar_by_itself() -> None:
    kept = book()
    kept.insert("a", {"start": {"date": "2027-04-03"}, "end": {"date": "2027-04-04"}}, WAY)
    items = [{"id": "a"}, {"id": "b"}]
    told = kept.free_busy({"timeMin": "2027-04-01T00:00:00Z", "timeMax": "2027-04-09T00:00:00Z", "items": items})
    # 25 hours: the last one is shown twice.
    assert told["calendars"]["a"] == {"busy": [{"start": "2027-04-03T03:00:00Z", "end": "2027-04-04T04:00:00Z"}]}
    assert told["calendars"]["b"]["errors"][0]["reason"] == "notFound"
    for end, expected in (("2027-04-01T00:00:00Z", "timeRangeEmpty"), ("2027-08-01T00:00:00Z", "timeRangeTooLong")):
        asked = {"timeMin": "2027-04-01T00:00:00Z", "timeMax": end}
        assert refusal(kept.free_busy, asked) == (400, expected)
    assert refusal(kept.free_busy, {"timeMin": "2027-04-01T00:00:00", "timeMax": "x"}) == (400, "badRequest")


def test_a_sync_token_tells_what_changed_since_until_it_runs_out() -> None:
    kept = book()
    kept.insert("a", {"id": "00000", **TIMES}, WAY)
    token = kept.sync_token()
    assert kept.changed_since("a", token) == []
    kept.insert("a", {"id": "11111", **TIMES}, WAY)
    kept.delete("a", "00000")
    changed = kept.changed_since("a", token)
    assert [(one["id"], one["status"], "start" in one) for one in changed] == [
        ("11111", "confirmed", True),
        ("00000", "cancelled", False),
    ]
    kept.expire_sync_tokens("a")
    assert refusal(kept.changed_since, "a", token) == (410, "fullSyncRequired")
    assert refusal(kept.changed_since, "a", "x") == (400, "invalid")


def test_a_part_of_an_answer_is_what_was_asked_for() -> None:
    document = {"items": [{"id": "1", "start": {"date": "x"}, "private": {"a": 1, "b": 2}}], "kind": "k", "etag": "e"}
    assert part_of(document, "items(id,private/a),kind") == {"items": [{"id": "1", "private": {"a": 1}}], "kind": "k"}
    assert part_of(document, "items/start,none") == {"items": [{"start": {"date": "x"}}]}
    for bad in ("", "items(", "items)", "a,,b", "a b", "items(id"):
        with pytest.raises(ValueError, match="fields"):
            part_of(document, bad)


def test_parameters_of_another_method_are_unknown() -> None:
    assert unknown_parameters("events.get", ["timeZone", "fields", "syncToken"]) == ["syncToken"]
    assert unknown_parameters("events.patch", ["conferenceDataVersion"]) == []


# --- tokens


def account() -> ServiceAccount:
    return ServiceAccount(lambda: NOW, "s@example.com", frozenset({"ana@example.com"}))


def assertion(key: str, **changed: Any) -> str:
    iat = int(NOW.timestamp())
    claims = {"iss": "s@example.com", "aud": AUDIENCE, "scope": f"{SCOPE}calendar", "iat": iat, "exp": iat + 3600}
    return bytes(jwt.encode(RSASigner.from_string(key), {**claims, **changed})).decode()


def test_googles_own_library_gets_a_token() -> None:
    known = account()
    form = {"grant_type": GRANT, "assertion": assertion(known.private_key, sub="ana@example.com")}
    told = known.grant(form, AUDIENCE)
    granted = known.granted(f"Bearer {told['access_token']}")
    assert granted is not None
    assert (granted.subject, granted.until_at) == ("ana@example.com", NOW + timedelta(hours=1))
    known.revoke()
    assert known.granted(f"Bearer {told['access_token']}") is None


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"iss": "other@example.com"}, "invalid_grant"),
        ({"aud": "https://elsewhere.example"}, "invalid_grant"),
        ({"exp": int(NOW.timestamp()) + 7200}, "invalid_grant"),
        ({"iat": int(NOW.timestamp()) + 900, "exp": int(NOW.timestamp()) + 1000}, "invalid_grant"),
        ({"iat": "now"}, "invalid_grant"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": f"{SCOPE}drive"}, "invalid_scope"),
        ({"sub": "bia@example.com"}, "unauthorized_client"),
    ],
)
def test_an_assertion_that_is_wrong_gets_none(changed: dict[str, Any], error: str) -> None:
    known = account()
    with pytest.raises(RefusedGrantError, match=error):
        known.grant({"grant_type": GRANT, "assertion": assertion(known.private_key, **changed)}, AUDIENCE)


def test_an_assertion_by_another_key_or_none_gets_none() -> None:
    known = account()
    old = known.private_key
    known.renew_key()
    for text in (assertion(old), "", "a.b", "a.b.c", assertion(known.private_key)[:-9] + "AAAAAAAAA"):
        with pytest.raises(RefusedGrantError, match="invalid_grant"):
            known.grant({"grant_type": GRANT, "assertion": text}, AUDIENCE)
    with pytest.raises(RefusedGrantError, match="unsupported_grant_type"):
        known.grant({"assertion": assertion(known.private_key)}, AUDIENCE)
