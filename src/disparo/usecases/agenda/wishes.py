"""What an operator wants for a contact, as a wish to the desk."""

from __future__ import annotations

from disparo.domain.contact import Channel, Contact
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.ports.desk import Wish

_USUAL = (Channel.WHATSAPP, Channel.EMAIL)
"""By which of these a contact is asked who can be reached by several."""


def wish_of(
    contact: Contact,
    type_id: str,
    usual: Place,
    key: str,
    *,
    channel: Channel | None = None,
    urgent: bool = False,
    language: str = "pt",
    notes: str = "",
) -> Wish:
    """A wish for this contact; without a channel by WhatsApp, to whoever has no phone by e-mail.

    `usual` is where contacts are of whom nobody knows. InputError for one whom the channel does not reach.
    """
    ways = _USUAL if channel is None else (channel,)
    reached = next((way for way in ways if contact.address(way)), None)
    if reached is None:
        lacking = "telefone nem e-mail" if channel is None else "e-mail" if channel is Channel.EMAIL else "telefone"
        raise InputError(f"o contato {contact.id} não tem {lacking}; complete-o com «disparo import»")
    return Wish(
        type_id=type_id,
        contact_id=contact.id,
        channel=reached,
        place=contact.place or usual,
        key=key,
        language=language,
        urgent=urgent,
        notes=notes,
    )
