"""In which language and zone a page is shown, and that each language has words for everything."""

from __future__ import annotations

import re
import string
from importlib.resources import files

import pytest

from disparo.adapters.babel_wording import BabelWording
from disparo.domain.agenda.meeting import MeetingState
from disparo.entrypoints.http import booking
from disparo.entrypoints.http.booking.calendar_links import google_url, outlook_url
from disparo.entrypoints.http.booking.notices import ANSWERS
from disparo.entrypoints.http.booking.subject import safe_url
from disparo.entrypoints.http.booking.times import instant
from disparo.entrypoints.http.booking.times import written as as_link
from disparo.entrypoints.http.booking.visit import USUAL_ZONES, preferred, visit_of
from disparo.entrypoints.http.booking.words_en import ENGLISH
from disparo.entrypoints.http.booking.words_pt import PORTUGUESE
from disparo.ports.desk import Said
from tests.unit.entrypoints.http.booking_house import BRASILIA, DEMO, BookingHouse, Teller, at, look, teller
from tests.unit.entrypoints.http.conftest import MONDAY, Client

tell = teller
TEMPLATES = sorted((files(booking) / "templates").iterdir(), key=str)


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    assert PORTUGUESE.keys() == ENGLISH.keys()
    assert {key: blanks(text) for key, text in PORTUGUESE.items()} == {
        key: blanks(text) for key, text in ENGLISH.items()
    }
    assert all(text == text.strip() or key == "offered_until" for key, text in PORTUGUESE.items())


def test_whatever_the_desk_answers_has_words() -> None:
    assert {said.value for said in Said} <= ANSWERS
    assert {f"said_{answer}" for answer in ANSWERS} <= PORTUGUESE.keys()
    assert {f"host_state_{state.value}" for state in MeetingState} <= PORTUGUESE.keys()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_word_of_a_page_exists(template: object) -> None:
    text = template.read_text("utf-8")  # type: ignore[attr-defined]
    asked = set(re.findall(r"\bw\.([a-z_]+)", text)) | set(re.findall(r"v\.say\('([a-z_]+)'", text))
    assert asked <= PORTUGUESE.keys()
    assert not re.search(r">[^<{%]*[a-zà-ú]{3}[^<{%]*<", re.sub(r"\{[{%#].*?[}%#]\}", "{}", text)), (
        "words in a template"
    )


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "pt"),
        ("en", "en"),
        ("en-GB,en;q=0.9,pt;q=0.8", "en"),
        ("pt-PT, en;q=0.9", "pt"),
        ("fr, de;q=0.9", "pt"),
        ("fr, en;q=0.1", "en"),
        ("pt;q=0.5, EN;q=0.501", "en"),
        ("en;q=0, pt;q=0", "pt"),
        ("*", "pt"),
        (";;;,q=,en;q=2," + "x" * 5000, "pt"),
    ],
)
def test_the_language_is_what_the_browser_prefers(header: str, language: str) -> None:
    assert preferred(header) == language


def test_a_language_that_was_chosen_goes_before_the_meetings_and_the_browsers(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9), language="en")
        english = await look(client, house.guest(meeting), **{"accept-language": "pt-BR"})
        assert english.heading == "Your meeting is booked" and english.of("html") == [{"lang": "en"}]
        [other] = [one for one in english.of("a") if one.get("hreflang")]
        assert (other["lang"], other["href"]) == ("pt-BR", "?lang=pt")
        chosen = await look(client, house.guest(meeting) + "?lang=pt&tz=Asia/Tokyo")
        assert chosen.heading == "Sua reunião está marcada"
        assert all("lang=pt" in href and "tz=Asia%2FTokyo" in href for href in chosen.links("view="))

    tell(story)


def test_the_zone_is_the_contacts_unless_another_is_asked_for(tell: Teller) -> None:
    async def story(house: BookingHouse, client: Client) -> None:
        meeting = await house.confirmed(at(3, 9))
        for zone, shown in (
            ("", "09:00 – 09:30"),
            ("America/Manaus", "08:00 – 08:30"),
            ("Asia/Kathmandu", "17:45 – 18:15"),
            ("asia/kathmandu", "17:45 – 18:15"),
            ("UTC", "12:00 – 12:30"),
        ):
            page = await look(client, house.guest(meeting) + f"?tz={zone}")
            assert shown in page.text, zone
            assert len([one for one in page.of("option") if "selected" in one]) == 1
        for strange in ("Marte/Olympus", "../../etc/passwd", "x" * 79, "%00", "America"):
            page = await look(client, house.guest(meeting) + f"?tz={strange}")
            assert "09:00 – 09:30" in page.text and "Não conhecemos o fuso" in page.text, strange
            [select] = page.of("select", name="tz")
            assert page.of("p", id=str(select["aria-describedby"])) and page.of("details")[0].keys() == {"open"}

    tell(story)


def test_the_zones_to_choose_from_exist_and_begin_with_those_who_meet() -> None:
    visit = visit_of({"tz": "Asia/Kathmandu"}, "", MONDAY, BabelWording(), zones=("America/Cuiaba", BRASILIA))
    assert visit.zones[:3] == ("America/Cuiaba", BRASILIA, "Asia/Kathmandu")
    assert len(set(visit.zones)) == len(visit.zones) == len(USUAL_ZONES) + 1
    assert all(visit.zone_name(zone) for zone in visit.zones)


def test_a_day_of_another_year_says_so() -> None:
    visit = visit_of({}, "en", MONDAY, BabelWording(), zones=(BRASILIA,))
    assert visit.heading(at(3, 9)) == "Thursday, November 26"
    assert visit.heading(at(40, 9)) == "Saturday, January 2, 2027"


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "2026-11-23", "2026-11-23T10:00", "2026-11-23T10:00:00Zx", "1" * 41),
        *("9999-12-31T23:59-23:59", "9999-12-30T10:00Z", "0001-01-01T00:00Z"),
    ],
)
def test_what_is_no_instant_is_none(text: str) -> None:
    assert instant(text) is None


def test_an_instant_in_a_link_reads_back() -> None:
    for one in (at(3, 9), at(3, 9).replace(second=7), at(3, 9).replace(microsecond=5)):
        assert instant(as_link(one)) == one
    assert as_link(at(3, 9)) == "2026-11-26T12:00Z"
    assert instant("2026-11-26T09:00-03:00") == instant("2026-11-26T13:00 01:00") == at(3, 9)


def test_links_of_other_calendars_have_the_time_in_utc() -> None:
    from disparo.domain.agenda.slot import Slot

    slot = Slot(("ana",), at(3, 9), at(3, 9, 30))
    google = google_url(f"{DEMO.title} & café", slot, ["Ana", ""], "Por vídeo")
    assert "dates=20261126T120000Z%2F20261126T123000Z" in google and "text=Demonstra%C3%A7%C3%A3o" in google
    assert "+%26+caf" in google
    outlook = outlook_url(DEMO.title, slot, ["Ana", "https://meet"], "")
    assert "startdt=2026-11-26T12%3A00%3A00Z&enddt=2026-11-26T12%3A30%3A00Z" in outlook


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        (" https://meet.example.com/abc ", "https://meet.example.com/abc"),
        ("javascript:alert(1)", ""),
        ("//meet.example.com", ""),
        ("data:text/html,x", ""),
        ("https://[x", ""),
        ("https:", ""),
    ],
)
def test_only_addresses_of_pages_become_links(url: str, safe: str) -> None:
    assert safe_url(url) == safe
