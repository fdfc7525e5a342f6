"""Whatever is changed in a link to the agenda, it is a link of ours no more."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparo.adapters.signed_links import SignedLinks
from disparo.domain.errors import NotFoundError
from disparo.domain.instants import EPOCH
from disparo.ports.links import AgendaLink, LinkExpiredError, LinkPurpose

LINKS = SignedLinks("https://casa.com.br", lambda: b"0123456789abcdef0123456789abcdef")
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
NAMES = st.text("ABCxyz0123456789_.~:-", min_size=1, max_size=200)
UNTIL = st.none() | st.integers(-(10**9), 10**11).map(lambda at_s: EPOCH + timedelta(seconds=at_s))
MADE = st.tuples(st.builds(AgendaLink, st.sampled_from(LinkPurpose), NAMES), UNTIL)


def token(link: AgendaLink, until: datetime | None) -> str:
    return (LINKS.agenda_url(link, until) or "").rpartition("/")[2]


@given(MADE)
def test_what_was_put_in_is_read_back(made: tuple[AgendaLink, datetime | None]) -> None:
    link, until = made
    written = token(link, until)
    assert len(written) < 260
    if until is None or until > NOW:
        assert LINKS.agenda_link(written, NOW) == link
    else:
        with pytest.raises(LinkExpiredError):
            LINKS.agenda_link(written, NOW)


@given(MADE, st.data())
def test_no_change_however_small_is_taken(made: tuple[AgendaLink, datetime | None], data: st.DataObject) -> None:
    written = token(*made)
    at = data.draw(st.integers(0, len(written)))
    until = data.draw(st.integers(at, len(written)))
    put = data.draw(st.text(max_size=3) | st.sampled_from(["=", " ", "\n", "%", "\x00", "A"]))
    changed = written[:at] + put + written[until:]
    if changed != written:
        with pytest.raises(NotFoundError) as refused:
            LINKS.agenda_link(changed, NOW)
        assert not isinstance(refused.value, LinkExpiredError)


@given(st.text(max_size=600))
def test_whatever_stands_in_an_address_is_answered(text: str) -> None:
    with suppress(NotFoundError):
        LINKS.agenda_link(text, NOW)
        raise AssertionError("nobody guesses a digest")


@given(MADE, MADE)
def test_parts_of_two_links_make_no_third(
    one: tuple[AgendaLink, datetime | None], other: tuple[AgendaLink, datetime | None]
) -> None:
    first, second = token(*one), token(*other)
    mixed = first.rpartition(".")[0] + "." + second.rpartition(".")[2]
    if mixed not in (first, second):
        with pytest.raises(NotFoundError):
            LINKS.agenda_link(mixed, NOW)
