"""What never reaches a meeting: forged links, foreign forms, too many requests, too large ones."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest

from disparo.domain.errors import StoreError
from disparo.entrypoints.http.booking.gate import MOST_BYTES
from disparo.entrypoints.http.booking.rates import MOST_NAMES, Rate, network_of
from disparo.ports.links import LinkPurpose
from tests.unit.entrypoints.http.booking_house import (
    BookingHouse,
    Page,
    Teller,
    at,
    look,
    send,
    teller,
    written,
)
from tests.unit.entrypoints.http.conftest import MONDAY, Client

tell = teller


def test_every_link_that_is_not_ours_is_the_same_page(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        good = house.guest(meeting)
        wrong = [
            "/book/x",
            "/book/" + "9" * 5000,
            good[:-1],
            good + "A",
            good.replace("/g.", "/h."),
            good.replace(f".{meeting.id}.", ".2."),
            house.link(LinkPurpose.GUEST, "999"),
            house.link(LinkPurpose.FEED, "bruno"),
        ]
        bodies = {(await client.get(path)).body for path in wrong}
        assert len(bodies) == 1
        for path in wrong:
            assert (await client.get(path)).status == (await send(client, path, {"do": "cancel"})).status == 404
        assert await house.now(meeting) == meeting
        for path in ("/book/x/invite.ics", house.feed("ana") + "/invite.ics"):
            assert (await client.get(path)).status == 404
        assert (await send(client, house.feed("ana"), {"do": "cancel"})).status == 404

    tell(story)


def test_a_link_whose_time_is_over_says_so(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        path = house.guest(meeting)
        house.clock.at = at(3, 9, 30) + timedelta(days=30)
        page = await look(client, path, 410)
        assert page.heading == "Este link venceu"
        assert (await send(client, path, {"do": "cancel"})).status == 410
        assert await house.now(meeting) == meeting

    tell(story)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "https://casa.com.br"}, 403),
        ({"origin": "https://casa.com.br"}, 303),
        ({"origin": "http://test"}, 303),
        ({"origin": "null"}, 303),
        ({"origin": "https://casa.com.br.golpe.com"}, 403),
        ({"origin": "https://casa.com.br:444"}, 403),
        ({"origin": "https://[golpe"}, 403),
        ({}, 403),
    ],
)
def test_only_our_own_pages_send_forms(tell: Teller, headers: dict[str, str], status: int) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        sent = {"content-type": "application/x-www-form-urlencoded", **headers}
        answer = await client.post(house.guest(meeting), b"do=come", headers=sent)
        assert answer.status == status
        assert ((await house.now(meeting)).attendance_at is None) == (status == 403)

    tell(story)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"do=come", "text/plain", 415),
        (b"do=explode", "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded; charset=utf-8", 400),
        (b"\xff\xfe=%ff%00&do=%f0%9f", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(60)), "application/x-www-form-urlencoded", 400),
        (b"do=come&reason=" + b"x" * MOST_BYTES, "application/x-www-form-urlencoded", 413),
    ],
)
def test_what_is_no_form_of_ours_changes_nothing(tell: Teller, body: bytes, kind: str, status: int) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        for more in ({}, {"content-length": str(len(body))}):
            answer = await client.post(
                house.guest(meeting), body, headers={"sec-fetch-site": "same-origin", "content-type": kind, **more}
            )
            assert (answer.status, Page(answer).of("form")) == (status, [])
        assert await house.now(meeting) == meeting

    tell(story)


def test_whoever_asks_too_often_is_told_when_to_come_again(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        path = house.guest(meeting)
        statuses = [(await send(client, path, {"do": "come"})).status for _ in range(13)]
        assert statuses == [303] * 12 + [429], "of one link"
        answer = await send(client, path, {"do": "cancel"})
        assert (answer.status, answer.headers["retry-after"]) == (429, "5")
        assert "Espere 5 s" in Page(answer).text
        assert (await house.now(meeting)).slot == meeting.slot
        assert {(await send(client, "/book/x", {})).status for _ in range(6)} == {404}
        assert (await send(client, "/book/x", {})).status == 429, "of one address, whatever it tries"
        assert (await client.get(path)).status == 200
        house.clock.at += timedelta(seconds=5)
        assert (await send(client, path, {"do": "come"})).status == 303

    tell(story)


def test_a_rate_lets_so_many_through_and_then_one_by_one() -> None:
    rate, now = Rate(3, timedelta(seconds=30)), MONDAY
    assert [rate.wait_s("a", now) for _ in range(5)] == [None, None, None, 10, 10]
    assert rate.wait_s("b", now) is None
    assert [rate.wait_s("a", now + timedelta(seconds=9)) for _ in range(2)] == [1, 1]
    assert [rate.wait_s("a", now + timedelta(seconds=10)) for _ in range(2)] == [None, 10]
    assert [rate.wait_s("a", now + timedelta(days=1)) for _ in range(4)] == [None, None, None, 10]


def test_a_rate_remembers_a_bounded_number_of_names() -> None:
    rate = Rate(1, timedelta(hours=1))
    for number in range(MOST_NAMES + 1):
        assert rate.wait_s(str(number), MONDAY) is None
    assert rate.wait_s("0", MONDAY) is None, "the one who asked first is forgotten first"
    assert rate.wait_s(str(MOST_NAMES), MONDAY) == 3600


def test_addresses_of_one_customer_count_as_one() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9%eth0") == "2001:db8:1:2::"
    assert network_of("2001:db8:1:3::9") != network_of("2001:db8:1:2::9")
    assert (network_of("203.0.113.7"), network_of("testclient")) == ("203.0.113.7", "testclient")


def test_a_store_that_is_not_reached_is_a_page_and_told_to_the_log(
    tell: Teller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))

        async def unreachable(*_: Any) -> Any:
            raise StoreError("/dados/segredo: disk I/O error")

        monkeypatch.setattr(type(house.store.meetings), "get", unreachable)
        answer = await client.get(house.guest(meeting))
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert Page(answer).heading == "Não conseguimos atender agora" and b"segredo" not in answer.body
        assert "store_failed" in caplog.text

    tell(story)


def test_pages_hold_by_themselves_and_are_kept_framed_and_indexed_by_nobody(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        proposed, agreed = await house.proposed(), await house.confirmed(at(3, 9), "dois")
        paths = [house.guest(proposed), house.guest(agreed), house.guest(agreed) + "?view=move", "/book/x"]
        paths += [house.host(agreed), "/agendar/demonstracao", "/agendar/demonstracao?at=" + written(at(4, 9))]
        for path in paths:
            answer = await client.get(path)
            page = Page(answer)
            assert not page.of("script") + page.of("link") + page.of("img") + page.of("iframe")
            assert not re.search(rb"url\(|@import| style=| on[a-z]+=", answer.body)
            [style] = re.findall(rb"<style>(.*?)</style>", answer.body, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
            policy = answer.headers["content-security-policy"]
            assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
            assert "form-action 'self'" in policy and "frame-ancestors 'none'" in policy
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "noindex" in answer.headers["x-robots-tag"] and "set-cookie" not in answer.headers
            outside = [
                href for href in page.links("//") if not re.match(r"https://(calendar\.google|outlook\.live)", href)
            ]
            assert not outside
            assert len(page.of("h1")) == 1 and page.of("html") == [{"lang": "pt-BR"}]
            ids = [one["id"] for _, one in page.found if one.get("id")]
            assert len(ids) == len(set(ids))
            assert (await client.ask("HEAD", path)).status == answer.status

    tell(story)
