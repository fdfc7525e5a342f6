"""Recognition: whose reply this is, and which message it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from disparo.domain.contact import Channel, Contact
from disparo.domain.errors import NotFoundError
from disparo.domain.message import SENT, MessageId, MessageRecord, MessageState
from disparo.domain.receipt import Reply
from disparo.engine.dispatch import Route
from disparo.ports.campaigns import Campaigns
from disparo.ports.channel import HasAccount
from disparo.ports.contacts import Contacts, known_contact
from disparo.ports.inbox import Inbox
from disparo.ports.ledger import Ledger

NAMESAKES = 20
"""Contacts, of all lists, with the same address that are looked at."""

CAMPAIGNS = 100
"""Campaigns, newest first, in which the answered message is looked for."""

NAMELESS = "?"
"""The key of somebody who was erased and wrote without an address."""

_REACHED = SENT | {MessageState.SENDING, MessageState.IN_DOUBT}


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who wrote, as far as that is known: `key` is how the inbox names them."""

    key: str
    channel: Channel
    sender: str
    contact: Contact | None = None
    record: MessageRecord | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key of this person."""
        own = self.contact.keys if self.contact is not None else ()
        named = self.key == NAMELESS or self.key.startswith("user:")
        return tuple(dict.fromkeys((*own, *([] if named else [self.key]))))


class Recognition:
    """Finds the contact and the message of a reply: by our own id, by the message that it answers, by its address."""

    def __init__(
        self, ledger: Ledger, campaigns: Campaigns, contacts: Contacts, inbox: Inbox, routes: Mapping[str, Route]
    ) -> None:
        self._ledger, self._campaigns, self._contacts = ledger, campaigns, contacts
        self._inbox, self._routes = inbox, routes

    def senders_of(self, channel: Channel) -> list[str]:
        """The names of our senders on a channel."""
        return [route.sender.name for route in self._routes.values() if route.sender.channel is channel]

    async def of(self, reply: Reply) -> Recognised | None:
        """Whose reply it is; None when it names neither a message of ours nor anybody who could be told apart."""
        record = await self.record(reply.message_id)
        contact = None if record is None else await self.contact(record)
        erased = contact is not None and not contact.keys
        if erased:  # a stranger from then on: what they write is not tied to what was sent to them
            contact, record = None, None
        key = await self._key(reply)
        if contact is None and key is not None and not key.startswith("user:"):
            contact, record = await self._latest(reply, key)
        if contact is None and key is None and not erased:
            return None
        channel = reply.channel or (record.channel if record else Channel.WHATSAPP)
        known = key or _own_key(contact, channel)
        return Recognised(known, channel, await self._sender(reply, channel), contact, record)

    async def record(self, message_id: str | None) -> MessageRecord | None:
        """The message of this id; None for none of ours, and of one whose data was removed."""
        if not message_id:
            return None
        try:
            return await self._ledger.get(MessageId.parse(message_id))
        except NotFoundError:
            return None

    async def contact(self, record: MessageRecord) -> Contact | None:
        """Whom a message went to; None when there is nobody any more."""
        return await known_contact(self._contacts, record.id.contact_id)

    async def _key(self, reply: Reply) -> str | None:
        """How the person is known: by the address, else by the provider's own name, else by what was learnt of it."""
        key = key_of(reply.address)
        if reply.user_id is None:
            return key
        if key is not None:
            return key
        return await self._inbox.key_of(reply.provider, reply.user_id) or f"user:{reply.provider}:{reply.user_id}"

    async def _latest(self, reply: Reply, key: str) -> tuple[Contact | None, MessageRecord | None]:
        """Of all contacts with this address the one to whom the answered message went, else the latest message."""
        people = await self._contacts.find(key, NAMESAKES)
        if not people:
            return None, None
        campaigns = (await self._campaigns.all())[:CAMPAIGNS]
        rows = [
            row
            for campaign in campaigns
            for person in people
            for row in await self._ledger.rows_of(campaign.id, person.id)
            if row.state in _REACHED and reply.channel in (None, row.channel)
        ]
        answered = [row for row in rows if reply.answers is not None and row.provider_id == reply.answers]
        record = max(answered or rows, key=lambda row: row.changed_at, default=None)
        owner = next((one for one in people if record is not None and one.id == record.id.contact_id), people[0])
        return owner, record

    async def _sender(self, reply: Reply, channel: Channel) -> str:
        """Our sender that it came to; "" when several could be meant, or none of ours: Meta tells of all of an app's.

        An e-mail may have come to an alias, so its address rules nobody out.
        """
        routes = [route for route in self._routes.values() if route.sender.channel is channel]
        possible = []
        for route in routes:
            account = await route.channel.account() if isinstance(route.channel, HasAccount) else None
            if account is not None and account == reply.sender:
                return route.sender.name
            if account is None or reply.sender is None or channel is Channel.EMAIL:
                possible.append(route)
        return possible[0].sender.name if len(routes) == 1 and possible else ""


def key_of(address: str | None) -> str | None:
    """The key of a number or an e-mail address; None for what is neither."""
    if not address:
        return None
    # Only who reads an address needs their tables: a function that sends starts 45 ms sooner without.
    from disparo.domain.email_address import EmailError, parse_email
    from disparo.domain.phone_number import PhoneError, parse_phone

    try:
        return parse_email(address).key if "@" in address else parse_phone(address).key
    except (EmailError, PhoneError):
        return None


def _own_key(contact: Contact | None, channel: Channel) -> str:
    keys = () if contact is None else (*contact.keys_on(channel), *contact.keys)
    return next(iter(keys), NAMELESS)
