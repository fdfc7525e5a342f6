"""The booking pages in a real browser: with JavaScript and without, by keyboard alone, on a phone, by day and night.

What axe finds serious or critical fails; screenshots of every page are left in pytest's folder for people to look at.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from disparo.domain.agenda.meeting import Meeting, MeetingState
from tests.e2e.booking_server import BookingServer, serving
from tests.unit.entrypoints.http.booking_house import at, written

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
PUBLIC = "/agendar/demonstracao"

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no chromium on this machine: apt-get install chromium"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[BookingServer]:
    with serving(tmp_path / "house") as place:
        yield place


def opened(browser: Browser, **options: object) -> BrowserContext:
    """A browser of its own, in Portuguese, whose pages must load nothing from anywhere else."""
    context = browser.new_context(**{"locale": "pt-BR", "viewport": PHONE, **options})  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    return context


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


def now(server: BookingServer, meeting: Meeting) -> Meeting:
    return server.do(server.house.now(meeting))


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_somebody_books_reschedules_and_cancels(browser: Browser, server: BookingServer, script: bool) -> None:
    context = opened(browser, java_script_enabled=script)
    page, faults = context.new_page(), list[str]()
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(server.url(PUBLIC))
    page.get_by_role("link", name="Próximos dias").click()
    page.get_by_role("link", name="Dias anteriores").click()
    page.get_by_role("link", name=re.compile("^09:30 ?, Quinta-feira, 26 de novembro")).click()
    page.get_by_label("Nome", exact=True).fill("Bia Lima")
    page.get_by_label("E-mail", exact=True).fill("bia@example")
    page.get_by_role("button", name="Marcar reunião").click()
    page.get_by_role("alert").get_by_role("link", name="Este e-mail não parece certo").click()
    assert page.get_by_label("Nome", exact=True).input_value() == "Bia Lima"
    page.get_by_label("E-mail", exact=True).fill("bia@example.com")
    page.get_by_role("button", name="Marcar reunião").click()
    assert heading(page) == "Sua reunião está marcada" and "/book/g." in page.url
    [meeting] = server.do(server.house.meetings())
    assert meeting.slot is not None and meeting.slot.start_at == at(3, 9, 30)

    page.get_by_role("link", name="Remarcar").click()
    page.get_by_role("link", name=re.compile("^14:00 ?, Sexta-feira, 27 de novembro")).click()
    assert now(server, meeting).slot == meeting.slot, "only a button changes anything"
    page.get_by_role("button", name="Confirmar mudança").click()
    page.get_by_text("Reunião remarcada.").wait_for()
    moved = now(server, meeting)
    assert moved.slot is not None and moved.slot.start_at == at(4, 14)
    page.reload()
    page.go_back()
    page.go_forward()
    assert now(server, meeting) == moved, "going back and forth sends nothing again"

    page.get_by_role("link", name="Cancelar reunião").click()
    page.get_by_label("Motivo (opcional)").fill("Vou viajar")
    page.get_by_role("button", name="Cancelar reunião").click()
    assert heading(page) == "Reunião cancelada"
    assert (now(server, meeting).state, now(server, meeting).reason) == (MeetingState.CANCELLED, "Vou viajar")
    assert faults == ["Failed to load resource: the server responded with a status of 422 (Unprocessable Content)"] or (
        len(faults) == 1 and "422" in faults[0]
    ), "the policy blocks nothing that a page needs"
    context.close()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_offer_is_taken_in_the_zone_that_was_chosen(browser: Browser, server: BookingServer, script: bool) -> None:
    meeting = server.do(server.house.proposed())
    context = opened(browser, java_script_enabled=script)
    page = context.new_page()
    page.goto(server.url(server.house.guest(meeting)))
    page.get_by_text("Mudar fuso").click()
    page.get_by_label("Seu fuso horário").select_option("Europe/Lisbon")
    page.get_by_role("button", name="Usar este fuso").click()
    page.get_by_role("radio", name="Quarta-feira, 25 de novembro 13:00 – 13:30").check()
    page.get_by_role("button", name="Confirmar horário").click()
    assert heading(page) == "Sua reunião está marcada" and "13:00 – 13:30" in page.locator(".ticket").inner_text()
    page.get_by_role("link", name="English").click()
    assert heading(page) == "Your meeting is booked" and "1:00 PM – 1:30 PM" in page.locator(".ticket").inner_text()
    slot = now(server, meeting).slot
    assert slot is not None and slot.start_at == at(2, 10)
    with page.expect_download() as download:
        page.get_by_role("link", name=".ics file").click()
    assert b"BEGIN:VEVENT" in Path(download.value.path()).read_bytes()
    context.close()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus has this name; its outline must be seen."""
    for _ in range(150):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => { const one = document.activeElement;
            const style = getComputedStyle(one.closest('.choice') || one);
            const label = one.labels && one.labels.length ? one.labels[0].innerText : one.innerText;
            return [label || one.value || '', style.outlineStyle, parseFloat(style.outlineWidth)] }"""
        )
        text = " ".join(focused[0].split())
        if text.startswith(name):
            assert focused[1] != "none" and focused[2] >= 2, f"the focus on {name} is not seen"
            return
    raise AssertionError(f"Tab never comes to {name}")


def test_a_keyboard_is_enough(browser: Browser, server: BookingServer) -> None:
    context = opened(browser, viewport=DESKTOP)
    page = context.new_page()
    page.goto(server.url(PUBLIC))
    tab_to(page, "15:00")
    page.keyboard.press("Enter")
    page.wait_for_url("**at=*")
    for label, text in (("Nome", "Bia Lima"), ("Celular (WhatsApp)", "11 98765-4321"), ("Sobre o que", "Preços")):
        tab_to(page, label)
        page.keyboard.type(text)
    tab_to(page, "Marcar reunião")
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/**")
    assert heading(page) == "Sua reunião está marcada"
    proposed = server.do(server.house.proposed("teclado"))
    page.goto(server.url(server.house.guest(proposed)))
    tab_to(page, "Segunda-feira")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Confirmar horário")
    page.keyboard.press("Enter")
    page.wait_for_url("**said=confirmed*")
    slot, second = now(server, proposed).slot, proposed.offers[1]
    assert slot is not None and slot.start_at == second.start_at
    context.close()


def states(server: BookingServer) -> dict[str, str]:
    """Each page in each of its states, by a name for its screenshot."""
    house, do = server.house, server.do
    proposed, agreed = do(house.proposed()), do(house.confirmed(at(3, 15), "marcada"))
    beside, gone = do(house.confirmed(at(4, 9), "outra")), do(house.confirmed(at(4, 10), "desmarcada"))
    clock = house.clock.now()
    do(house.desk.offer_again(beside.id, clock, "contact"))
    do(house.desk.cancel(gone.id, "viagem", clock, "contact"))
    guest, mine = house.guest(proposed), house.guest(agreed)
    paths = {
        "offered": guest,
        "offered_one": f"{guest}?at={written(proposed.offers[0].start_at)}",
        "offered_gone": f"{guest}?at={written(at(9, 9))}",
        "offered_english_tokyo": f"{guest}?lang=en&tz=Asia/Tokyo",
        "zone_unknown": f"{guest}?tz=Marte",
        "decline": f"{guest}?view=decline",
        "all_times": f"{guest}?view=move",
        "confirmed": f"{mine}?said=confirmed",
        "confirmed_english": f"{mine}?lang=en",
        "move": f"{mine}?view=move&said=taken_meanwhile",
        "move_to": f"{mine}?view=move&at={written(at(3, 9))}",
        "cancel": f"{mine}?view=cancel",
        "beside": house.guest(beside),
        "cancelled": f"{house.guest(gone)}?said=cancelled",
        "again": f"{house.guest(gone)}?view=again",
        "public": PUBLIC,
        "public_english": f"{PUBLIC}?lang=en",
        "details": f"{PUBLIC}?at={written(at(3, 9))}",
        "host": house.host(agreed),
        "host_cancel": f"{house.host(agreed)}?view=cancel",
        "link_wrong": "/book/x",
    }
    return {name: server.url(path) for name, path in paths.items()}


def looked_at(page: Page, name: str, folder: Path) -> list[str]:
    """Take a picture, and say what is wrong with the page."""
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{name}: {one['id']}: {one['nodes'][0]['html']}" for one in grave] + too_wide(page, name)


def too_wide(page: Page, name: str) -> list[str]:
    """Whether one would have to scroll sideways."""
    return [f"{name}: too wide"] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else []


@pytest.mark.parametrize(
    ("device", "viewport", "scheme"),
    [("phone", PHONE, "light"), ("phone", PHONE, "dark"), ("desktop", DESKTOP, "light"), ("desktop", DESKTOP, "dark")],
)
def test_nothing_serious_stands_in_anybodys_way(
    browser: Browser, server: BookingServer, tmp_path: Path, scheme: str, device: str, viewport: dict[str, int]
) -> None:
    context = opened(browser, viewport=viewport, color_scheme=scheme)
    page, faults = context.new_page(), list[str]()
    shots = tmp_path / "screenshots"
    shots.mkdir()
    for name, url in states(server).items():
        page.goto(url)
        faults += looked_at(page, f"{name}_{device}_{scheme}", shots)
    page.goto(server.url(f"{PUBLIC}?at={written(at(3, 9))}"))
    page.get_by_role("button", name="Marcar reunião").click()
    faults += looked_at(page, f"details_wrong_{device}_{scheme}", shots)
    server.do(server.house.confirmed(at(3, 9), "ocupada"))
    page.get_by_label("Nome", exact=True).fill("Bia")
    page.get_by_label("E-mail", exact=True).fill("bia@example.com")
    page.get_by_role("button", name="Marcar reunião").click()
    assert heading(page) == "Este horário não está mais livre"
    faults += looked_at(page, f"details_taken_{device}_{scheme}", shots)
    assert not faults
    context.close()


def test_on_the_smallest_screen_and_with_large_letters_nobody_scrolls_sideways(
    browser: Browser, server: BookingServer
) -> None:
    context = opened(browser, viewport={"width": 320, "height": 640})  # WCAG 2.2, 1.4.10: 400 % of 1280 pixels
    page, faults = context.new_page(), list[str]()
    for name, url in states(server).items():
        page.goto(url)
        faults += too_wide(page, name)
    assert not faults
    context.close()
