"""`/api/v1/hosts` and `/api/v1/meeting-types`."""

from __future__ import annotations

from disparo.domain.intervals import Interval
from tests.unit.entrypoints.http.booking_house import ANA, BookingHouse, Teller, at, look, teller
from tests.unit.entrypoints.http.conftest import Client

__all__ = ["teller"]

BIA = {"name": "Bia Lima", "email": "bia@casa.com.br", "limits": {"per_day": 4}}


def test_a_host_is_made_shown_and_changed_over_the_revision_that_was_read(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        made = await client.put("/api/v1/hosts/bia", BIA)
        assert (made.status, made.json["revision"], made.headers["etag"]) == (201, 1, '"1"')
        assert made.json["hours"]["workingDays"] == [1, 2, 3, 4, 5], "those of the settings"
        again = await client.put("/api/v1/hosts/bia", BIA, headers={"if-match": '"1"'})
        assert (again.status, again.json["revision"]) == (200, 1), "the same is no change"
        moved = await client.put("/api/v1/hosts/bia", {**BIA, "name": "Bia"}, headers={"if-match": '"1"'})
        assert (moved.status, moved.json["revision"]) == (200, 2)
        late = await client.put("/api/v1/hosts/bia", {**BIA, "name": "B."}, headers={"if-match": '"1"'})
        assert (late.status, late.json["type"]) == (412, "urn:disparo:problem:changed")
        assert (await house.store.hosts.host("bia")).name == "Bia"
        listed = await client.get("/api/v1/hosts?limit=1")
        assert ([one["id"] for one in listed.json["items"]], listed.json["next"]) == (["ana"], "ana")
        rest = await client.get("/api/v1/hosts?after=ana")
        assert ([one["id"] for one in rest.json["items"]], rest.json["next"]) == (["bia"], None)
        shown = await client.get("/api/v1/hosts/ana")
        assert (shown.json["types"], shown.json["email"]) == (["demonstracao"], ANA.email)
        assert (await client.get("/api/v1/hosts/nada")).status == 404

    tell(story)


def test_a_host_that_is_wrong_is_told_line_by_line(tell: Teller) -> None:
    async def story(_: BookingHouse, client: Client) -> None:
        answer = await client.put("/api/v1/hosts/bia", {"email": "nada", "limits": {"per_day": 0}, "cor": "azul"})
        assert answer.status == 422
        assert len(answer.json["errors"]) == 4, answer.json
        other = await client.put("/api/v1/hosts/bia", {**BIA, "id": "ana"})
        assert (other.status, "o endereço diz bia" in other.json["detail"]) == (422, True)
        wrong = await client.put("/api/v1/hosts/bia", BIA, headers={"if-match": "hoje"})
        assert wrong.status == 422

    tell(story)


def test_a_vacation_is_blocked_once_and_given_back(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(1, 10))
        wanted = {"start_at": "2026-11-24", "end_at": "2026-11-25", "label": "férias"}
        first = await client.post("/api/v1/hosts/ana/blocks", wanted)
        assert (first.status, first.json["changed"], first.json["meetings"]) == (201, True, [meeting.id])
        assert first.json["block"]["start_at"] == "2026-11-24T03:00:00Z", "days of the host's zone"
        assert (await client.post("/api/v1/hosts/ana/blocks", wanted)).json["changed"] is False
        kept = await client.put("/api/v1/hosts/ana", {"name": "Ana S."})
        assert [one["label"] for one in kept.json["blocks"]] == ["férias"], "what is not told stays"
        gone = await client.ask("DELETE", "/api/v1/hosts/ana/blocks/2026-11-24T03:00:00Z")
        assert (gone.status, gone.json["blocks"]) == (200, [])
        again = await client.ask("DELETE", "/api/v1/hosts/ana/blocks/2026-11-24T03:00:00Z")
        assert (again.status, "não tem nenhum" in again.json["detail"]) == (422, True)
        backwards = await client.post("/api/v1/hosts/ana/blocks", {"start_at": "2026-11-25", "end_at": "2026-11-20"})
        assert backwards.status == 422

    tell(story)


def test_the_health_of_a_calendar_is_asked_now(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        house.calendars.busy_times = [Interval(0, 1)]
        well = (await client.get("/api/v1/hosts/ana/calendar")).json
        assert (well["readable"], well["busy"], well["fault"]) == (True, 1, "")
        house.calendars.fault = "credentials_refused"
        ill = (await client.get("/api/v1/hosts/ana/calendar")).json
        assert (ill["readable"], ill["fault"]) == (False, "credentials_refused")

    tell(story)


def test_a_renewed_link_ends_the_one_before(tell: Teller) -> None:
    async def story(_: BookingHouse, client: Client) -> None:
        first = (await client.get("/api/v1/hosts/ana/feed")).json["url"]
        second = (await client.post("/api/v1/hosts/ana/feed/renew")).json["url"]
        assert first != second == (await client.get("/api/v1/hosts/ana/feed")).json["url"]
        paths = [url.removeprefix("https://casa.com.br") for url in (first, second)]
        assert [(await client.get(path)).status for path in paths] == [404, 200]
        await client.put("/api/v1/hosts/ana", {"name": "Ana S."})
        assert (await client.get(paths[1])).status == 200, "a change of the host is none of its link"
        await look(client, paths[0], 404)

    tell(story)


def test_a_type_is_made_shown_and_changed(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        wanted = {"title": "Visita", "hosts": ["ana"], "duration": "1h", "reminders": []}
        made = await client.put("/api/v1/meeting-types/visita", wanted)
        assert (made.status, made.json["duration"], made.json["grid"]) == (201, "1h", "30m")
        assert (await client.put("/api/v1/meeting-types/visita", wanted)).status == 200
        stale = await client.put("/api/v1/meeting-types/visita", wanted, headers={"if-match": '"0"'})
        assert stale.status == 412
        shown = (await client.get("/api/v1/meeting-types/demonstracao")).json
        assert shown["url"] == house.links.type_url("demonstracao")
        ids = [one["id"] for one in (await client.get("/api/v1/meeting-types")).json["items"]]
        assert ids == ["demonstracao", "visita"]
        nobody = await client.put("/api/v1/meeting-types/visita", {**wanted, "hosts": ["ana", "zoe"]})
        assert (nobody.status, "zoe não existe" in nobody.json["detail"]) == (422, True)
        bad = await client.put(
            "/api/v1/meeting-types/visita", {**wanted, "messages": {"confirmed": {"text": "{% if %}"}}}
        )
        assert (bad.status, "messages.confirmed" in bad.json["detail"]) == (422, True)

    tell(story)
