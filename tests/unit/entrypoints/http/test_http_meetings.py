"""`/api/v1/slots` and `/api/v1/meetings`."""

from __future__ import annotations

from typing import Any

from disparo.domain.agenda.host import Host
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from tests.unit.entrypoints.http.booking_house import BRASILIA, BookingHouse, Teller, at, teller
from tests.unit.entrypoints.http.conftest import Answer, Client

__all__ = ["teller"]

TUESDAY_10 = "2026-11-24T13:00:00Z"


def wish(house: BookingHouse, **more: Any) -> dict[str, Any]:
    return {"contact_id": house.contact_id, "type": "demonstracao", **more}


def refused(answer: Answer, code: str) -> None:
    assert (answer.status, answer.json["type"]) == (409, f"urn:disparo:problem:{code}"), answer.json


def test_free_times_come_in_pages_and_say_whom_nobody_could_ask(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        path = "/api/v1/slots?type=demonstracao&from=2026-11-24T00:00:00Z&to=2026-11-25T00:00:00Z"
        whole = (await client.get(path)).json
        assert whole["items"][0] == {
            "start_at": "2026-11-24T11:00:00Z",
            "end_at": "2026-11-24T11:30:00Z",
            "hosts": ["ana"],
        }
        first = (await client.get(f"{path}&limit=3")).json
        after = first["next"].replace("+", "%2B")
        rest = (await client.get(f"{path}&after={after}")).json
        assert [*first["items"], *rest["items"]] == whole["items"]
        assert (rest["next"], rest["unreadable"]) == (None, [])
        house.calendars.fault = "no_answer"
        silent = (await client.get(path)).json
        assert silent["items"] == []
        assert silent["unreadable"] == [{"host": "ana", "fault": "no_answer", "needs_access": False}]

    tell(story)


def test_a_span_that_cannot_be_is_refused(tell: Teller) -> None:
    async def story(_: BookingHouse, client: Client) -> None:
        for query in (
            "to=2027-11-24T00:00:00Z",
            "from=0001-01-01T00:00:00Z",
            "to=9999-12-31T23:59:59-12:00",
            "from=2026-11-24T00:00:00",
            "after=ontem",
            "zone=Lugar/Nenhum",
            "zone=America/Manaus&contact=1",
        ):
            assert (await client.get(f"/api/v1/slots?type=demonstracao&{query}")).status == 422, query
        assert (await client.get("/api/v1/slots?type=nada")).status == 404
        backwards = await client.get("/api/v1/slots?type=demonstracao&to=2020-01-01T00:00:00Z")
        assert (backwards.status, backwards.json["items"]) == (200, [])

    tell(story)


def test_every_time_has_its_why(tell: Teller) -> None:
    async def story(_: BookingHouse, client: Client) -> None:
        async def why(start_at: str, more: str = "") -> dict[str, Any]:
            found = (await client.get(f"/api/v1/slots/why?type=demonstracao&start_at={start_at}{more}")).json
            return {"bookable": found["bookable"], "reason": found["hosts"][0]["reason"]}

        assert await why(TUESDAY_10) == {"bookable": True, "reason": "free"}
        assert await why("2026-11-24T15:10:00Z") == {"bookable": False, "reason": "off_grid"}
        assert await why("2026-11-29T15:00:00Z") == {"bookable": False, "reason": "host_hours"}
        assert await why("2026-11-24T11:00:00Z", "&zone=America/Los_Angeles") == {
            "bookable": False, "reason": "contact_hours",
        }  # fmt: skip
        other = await client.get(f"/api/v1/slots/why?type=demonstracao&start_at={TUESDAY_10}&host=zoe")
        assert other.status == 422

    tell(story)


def test_times_are_proposed_and_one_is_confirmed(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        key = {"idempotency-key": "uma"}
        offered = await client.post("/api/v1/meetings/propose", wish(house), headers=key)
        assert (offered.status, offered.json["said"], len(offered.json["meeting"]["offers"])) == (201, "offered", 3)
        assert (await client.post("/api/v1/meetings/propose", wish(house), headers=key)).json == offered.json
        meeting = offered.json["meeting"]
        path = f"/api/v1/meetings/{meeting['id']}"
        assert (await client.post(f"{path}/confirm", {})).status == 422, "which of them?"
        assert (await client.post(f"{path}/confirm", {"number": 4})).status == 422
        stale = await client.post(f"{path}/confirm", {"number": 2}, headers={"if-match": '"9"'})
        assert (stale.status, stale.json["type"]) == (412, "urn:disparo:problem:changed")
        fresh = {"if-match": f'"{meeting["revision"]}"'}
        done = (await client.post(f"{path}/confirm", {"number": 2}, headers=fresh)).json
        assert (done["said"], done["meeting"]["start_at"]) == ("confirmed", meeting["offers"][1]["start_at"])
        assert done["meeting"]["offers"] == []
        assert (await client.post(f"{path}/confirm", {})).json["said"] == "already"

    tell(story)


def test_a_meeting_is_booked_moved_handed_over_and_called_off(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        bia = Host("bia", "Bia", Place(BRASILIA), BusinessHours())
        await house.store.hosts.put_host(bia)
        booked = await client.post("/api/v1/meetings/book", wish(house, start_at=TUESDAY_10, notes="Traga café"))
        assert (booked.status, booked.json["said"]) == (201, "confirmed")
        refused(await client.post("/api/v1/meetings/book", wish(house, start_at=TUESDAY_10)), "slot-taken")
        path = f"/api/v1/meetings/{booked.json['meeting']['id']}"
        refused(await client.post(f"{path}/move", {"start_at": "2026-11-29T13:00:00Z"}), "slot-taken")
        moved = (await client.post(f"{path}/move", {"start_at": "2026-11-24T12:00:00Z"})).json
        assert (moved["said"], moved["meeting"]["reschedules"]) == ("moved", 0)
        handed = (await client.post(f"{path}/hand-over", {"host": "bia"})).json
        assert (handed["said"], handed["meeting"]["hosts"]) == ("moved", ["bia"])
        assert (await client.post(f"{path}/hand-over", {"host": "zoe"})).status == 404
        refused(await client.post(f"{path}/outcome", {"held": True}), "too-early")
        ended = (await client.post(f"{path}/cancel", {"reason": " doente "})).json
        assert (ended["said"], ended["meeting"]["reason"], ended["meeting"]["by"]) == (
            "cancelled",
            "doente",
            "operator",
        )
        refused(await client.post(f"{path}/move", {"start_at": TUESDAY_10}), "meeting")
        assert (await client.post("/api/v1/meetings/999/cancel", {})).status == 404

    tell(story)


def test_a_calendar_that_cannot_be_read_is_a_reason_to_wait(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        house.calendars.fault = "no_answer"
        answer = await client.post("/api/v1/meetings/book", wish(house, start_at=TUESDAY_10))
        refused(answer, "calendar-unreadable")
        assert answer.headers["retry-after"] == "60"
        refused(await client.post("/api/v1/meetings/propose", wish(house)), "calendar-unreadable")

    tell(story)


def test_one_meeting_tells_what_was_said_what_will_be_and_what_happened(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(2, 10))
        answer = await client.get(f"/api/v1/meetings/{meeting.id}")
        found = answer.json
        assert answer.headers["etag"] == f'"{found["revision"]}"'
        assert (found["title"], found["contact"]) == ("Demonstração do produto", "Pessoa 0")
        kinds = [one["kind"] for one in found["notices"] if one["id"] is None]
        assert {"confirmed", "reminder_1", "reminder_2", "host_booked", "briefing"} == set(kinds), (
            "before a worker came"
        )
        assert [one["host"] for one in found["calendar"]] == ["ana"]
        assert [one["what"] for one in found["history"]] == ["proposed"]
        assert found["guest_url"].startswith("https://casa.com.br/book/")

    tell(story)


def test_meetings_are_listed_by_what_they_are(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        first = await house.confirmed(at(1, 10), "um")
        second = await house.confirmed(at(2, 10), "dois")
        await house.desk.cancel(second.id, "", house.clock.now(), "operator")

        async def ids(query: str) -> list[str]:
            answer = await client.get(f"/api/v1/meetings?{query}")
            assert answer.status == 200, answer.json
            return [one["id"] for one in answer.json["items"]]

        assert await ids("") == [second.id, first.id]
        assert await ids("state=confirmed&state=held") == [first.id]
        assert await ids("from=2026-11-25T00:00:00Z&to=2026-11-26T00:00:00Z") == [second.id]
        assert await ids("host=ana&type=demonstracao&limit=1") == [second.id]
        assert await ids(f"contact={house.contact_id}&after={second.id}") == [first.id]
        assert await ids("host=zoe") == []
        assert (await client.get("/api/v1/meetings?campaign=nada")).status == 404
        assert (await client.get("/api/v1/meetings?state=azul")).status == 422

    tell(story)


def test_rates_are_told_apart(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        await house.confirmed(at(1, 10), "um")
        meeting = await house.proposed("dois")
        await house.desk.take(meeting.id, meeting.offers[0].start_at, house.clock.now(), "contact")
        [every] = (await client.get("/api/v1/meetings/rates")).json["items"]
        assert (every["meetings"], every["booked"], every["confirmation_rate"]) == (2, 1, 1.0)
        assert (every["group"], every["no_show_rate"]) == ({}, None)
        [one] = (await client.get("/api/v1/meetings/rates?by=host&by=day")).json["items"]
        assert one["group"] == {"host": "ana", "day": "2026-11-23"}
        assert (await client.get("/api/v1/meetings/rates?from=2027-01-01T00:00:00Z")).json["items"][0]["meetings"] == 0
        assert (await client.get("/api/v1/meetings/rates?zone=Lugar/Nenhum")).status == 422

    tell(story)
