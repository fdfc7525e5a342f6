"""Texts that were written by hand, in DynamoDB.

control   hand#<contact>, -            how many numbers were given (`last`)
control   hand#<contact>, k#<digest>   the number of a key
control   hand#<contact>, n#<number>   a text
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from disparo.adapters.aws.attributes import as_json, number, text
from disparo.adapters.aws.forgotten import is_gone, staying
from disparo.adapters.aws.tables import ABSENT, CONTROL, ConditionFailedError, Delete, Item, Key, Put, Tables
from disparo.domain.errors import InputError, NotFoundError, StoreError
from disparo.domain.hand_document import hand_document, read_hand_message
from disparo.domain.hand_message import MOST_OF_ONE, HandMessage
from disparo.domain.instants import from_ms, to_ms

_TRIES = 20
_TEXTS, _KEYS = "n#", "k#"
_BEHIND = "~"


class DynamoHandMessages:
    """`HandMessages` in the table control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def keep(self, message: HandMessage) -> HandMessage:
        """See `HandMessages.keep`: the text, its key and the next number in one transaction."""
        partition, digest = _partition(message.contact_id), hashlib.sha256(message.key.encode()).hexdigest()
        for _ in range(_TRIES):
            counter, kept = await self._tables.get_many(
                [(CONTROL, {"pk": partition, "sk": "-"}), (CONTROL, {"pk": partition, "sk": _KEYS + digest})]
            )
            if kept is not None:
                return await self.get(message.contact_id, number(kept, "number"))
            last = number(counter or {}, "last")
            if last >= MOST_OF_ONE:
                raise InputError(f"já se escreveu {MOST_OF_ONE} vezes a este contato; não há lugar para mais")
            numbered = replace(message, number=last + 1)
            known = {"pk": ABSENT} if counter is None else {"last": last}
            try:
                await self._tables.transact(
                    [
                        Put(CONTROL, {"pk": partition, "sk": "-", "last": numbered.number}, when=known),
                        Put(CONTROL, {"pk": partition, "sk": _KEYS + digest, "number": numbered.number}),
                        Put(CONTROL, _item(numbered)),
                        *staying(message.contact_id),
                    ]
                )
            except ConditionFailedError:  # another text of this contact, or the same one, was faster
                if await is_gone(self._tables, message.contact_id):
                    raise NotFoundError(f"o contato {message.contact_id} foi apagado") from None
                continue
            return numbered
        raise StoreError(f"o contato {message.contact_id} recebe textos demais ao mesmo tempo; tente de novo")

    async def get(self, contact_id: str, number: int) -> HandMessage:
        """See `HandMessages.get`."""
        item = await self._tables.get(CONTROL, _key(contact_id, number))
        if item is None:
            raise NotFoundError(f"não há mais o texto {number} do contato {contact_id}")
        return _message(item)

    async def of(self, contact_id: str, limit: int) -> Sequence[HandMessage]:
        """See `HandMessages.of`."""
        lowest, highest = _TEXTS, _TEXTS + _BEHIND
        found = await self._tables.query(
            CONTROL, _partition(contact_id), lowest=lowest, highest=highest, descending=True, limit=limit
        )
        return [_message(item) for item in found]

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:  # noqa: ARG002  # kept by contact
        """See `HandMessages.forget_person`; the counter stays."""
        partition = _partition(contact_id)
        found = await self._tables.query(CONTROL, partition, lowest=_KEYS, highest=_TEXTS + _BEHIND)
        await self._tables.write_many([Delete(CONTROL, {"pk": partition, "sk": text(one, "sk")}) for one in found])
        return sum(text(one, "sk").startswith(_TEXTS) for one in found)


def _partition(contact_id: str) -> str:
    return f"hand#{contact_id}"


def _key(contact_id: str, number: int) -> Key:
    return {"pk": _partition(contact_id), "sk": f"{_TEXTS}{number:06d}"}


def _item(message: HandMessage) -> Item:
    return {
        **_key(message.contact_id, message.number),
        "contact_id": message.contact_id,
        "number": message.number,
        "key": message.key,
        "at": to_ms(message.at),
        "document": as_json(hand_document(message)),
    }


def _message(item: Item) -> HandMessage:
    return read_hand_message(
        json.loads(text(item, "document")),
        contact_id=text(item, "contact_id"),
        key=text(item, "key"),
        number=number(item, "number"),
        at=from_ms(number(item, "at")),
    )
