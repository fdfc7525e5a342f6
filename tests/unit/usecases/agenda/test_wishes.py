"""What an operator wants for a contact."""

from __future__ import annotations

import pytest

from disparo.domain.contact import Channel, Contact
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.usecases.agenda.wishes import wish_of

HERE, THERE = Place("America/Sao_Paulo"), Place("America/Manaus", "BR-AM")


def contact(**more: object) -> Contact:
    return Contact("7", "leads", "c:2", **{"place": THERE, "phone": "+5592999990000", "email": "a@example.com", **more})


def test_a_contact_is_asked_by_whatsapp_in_their_place() -> None:
    wish = wish_of(contact(), "visita", HERE, "k", urgent=True, notes="oi")
    assert (wish.contact_id, wish.type_id, wish.key) == ("7", "visita", "k")
    assert (wish.channel, wish.place, wish.urgent, wish.notes) == (Channel.WHATSAPP, THERE, True, "oi")


def test_without_a_phone_by_email_and_without_a_place_in_the_usual_one() -> None:
    wish = wish_of(contact(phone=None, place=None), "visita", HERE, "k")
    assert (wish.channel, wish.place) == (Channel.EMAIL, HERE)


def test_a_channel_may_be_chosen() -> None:
    assert wish_of(contact(), "visita", HERE, "k", channel=Channel.SMS).channel is Channel.SMS


@pytest.mark.parametrize(
    ("lacks", "channel", "words"),
    [
        ({"phone": None, "email": None}, None, "não tem telefone nem e-mail"),
        ({"email": None}, Channel.EMAIL, "não tem e-mail"),
        ({"phone": None}, Channel.WHATSAPP, "não tem telefone"),
    ],
)
def test_whoever_cannot_be_reached_is_refused(lacks, channel, words) -> None:
    with pytest.raises(InputError, match=words):
        wish_of(contact(**lacks), "visita", HERE, "k", channel=channel)
