"""What Meta tells us by calling us (WhatsApp Business Account webhooks, v23 to v25)."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from disparo.adapters.channels.whatsapp.credentials import WhatsAppCredentials
from disparo.adapters.channels.whatsapp.fields import objects_in
from disparo.adapters.channels.whatsapp.notices import notice_of_change
from disparo.adapters.channels.whatsapp.replies import read_message, read_preference
from disparo.adapters.channels.whatsapp.statuses import read_status
from disparo.adapters.credentials import Credentials
from disparo.domain.errors import InputError
from disparo.domain.receipt import Notice, Receipt, Reply
from disparo.ports.callback import Call, CallbackRefusedError, Told

SIGNATURE: Final = "x-hub-signature-256"
_DIGEST: Final = re.compile(r"sha256=[0-9a-f]{64}")
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_MOST_QUERY_FIELDS: Final = 20

Event = Receipt | Reply | Notice
Reader = Callable[[Mapping[str, Any], Mapping[str, Any]], Event]


class WhatsAppCallback:
    """`Callback` of one app of Meta's, for all of its numbers; `Reply.sender` is the `phone_number_id` written to.

    Calls come with up to 1,000 events, repeatedly and in any order. An event that is not as Meta describes it becomes
    a Notice, so that it does not keep back the others of its call, which Meta would send again for days.
    """

    def __init__(self, credentials: Credentials[WhatsAppCredentials]) -> None:
        self._credentials = credentials

    async def read(self, call: Call, now: datetime) -> Told:
        """See `Callback.read`: the signature is over the body as it came."""
        given = call.headers.get(SIGNATURE, "")
        if not _DIGEST.fullmatch(given):
            raise CallbackRefusedError("a assinatura não confere")
        await self._prove(lambda secret: hmac.compare_digest(sign(secret.app_secret, call.body), given))
        return _told(call.body, now)

    async def greet(self, call: Call) -> str:
        """See `Callback.greet`: `hub.challenge`, to whoever knows our `hub.verify_token`."""
        fields = _query(call.url)
        challenge = fields.get("hub.challenge", "")
        if fields.get("hub.mode") != "subscribe" or not _CHALLENGE.fullmatch(challenge):
            raise CallbackRefusedError("não é a pergunta da Meta")
        given = fields.get("hub.verify_token", "").encode("utf-8", "replace")
        await self._prove(lambda secret: hmac.compare_digest(secret.webhook_verify_token.encode(), given))
        return challenge

    async def _prove(self, holds: Callable[[WhatsAppCredentials], bool]) -> None:
        """Refuse unless the secret as we know it, or else as it is now, proves the call."""
        try:
            proved = holds(await self._credentials.current()) or holds(await self._credentials.renewed())
        except InputError as error:  # what is wrong with our secret is nothing that a stranger should read
            raise CallbackRefusedError("o segredo não serve") from error
        if not proved:
            raise CallbackRefusedError("a assinatura não confere")


def sign(app_secret: str, body: bytes) -> str:
    """The header that Meta sends with this body (its page "Create a webhook endpoint", "Validating payloads")."""
    return "sha256=" + hmac.digest(app_secret.encode(), body, hashlib.sha256).hex()


def _query(url: str) -> dict[str, str]:
    """The fields of an address; empty when it is no address, or says something twice."""
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True, max_num_fields=_MOST_QUERY_FIELDS)
    except ValueError:
        return {}
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else {}


def _told(body: bytes, now: datetime) -> Told:
    try:
        document = json.loads(body)
        entries = document.get("entry") if isinstance(document, dict) else None
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise InputError("o aviso do WhatsApp não tem a forma de um")
        events = [event for entry in entries for event in _events(document, entry, now)]
    except (ValueError, RecursionError):
        raise InputError("o aviso do WhatsApp não é JSON, ou um de fundo sem fim") from None
    return Told(
        [event for event in events if isinstance(event, Receipt)],
        [event for event in events if isinstance(event, Reply)],
        [event for event in events if isinstance(event, Notice)],
    )


def _events(document: Mapping[str, Any], entry: Mapping[str, Any], now: datetime) -> Iterator[Event]:
    if document.get("object") != "whatsapp_business_account" or not isinstance(entry.get("changes"), list):
        yield notice_of_change(str(document.get("object")), entry, entry, now)
        return
    for change in entry["changes"]:
        value = change.get("value") if isinstance(change, dict) else None
        if isinstance(value, dict):
            yield from _changed(str(change.get("field")), value, entry, now)
        else:
            yield notice_of_change("change", entry, change, now)


def _changed(field: str, value: Mapping[str, Any], entry: Mapping[str, Any], now: datetime) -> Iterator[Event]:
    found = False
    for key, read in _READERS.get(field, {}).items():
        for event in objects_in(value, key):
            found = True
            yield _read_or_noted(key, read, event, value, entry, now)
    if errors := objects_in(value, "errors") if field == "messages" else []:
        found = True
        yield notice_of_change("errors", entry, errors, now)
    if not found:
        yield notice_of_change(field, entry, value, now)


def _read_or_noted(
    key: str, read: Reader, event: object, value: Mapping[str, Any], entry: Mapping[str, Any], now: datetime
) -> Event:
    try:
        if isinstance(event, dict):
            return read(event, value)
    except ValueError:
        pass
    return notice_of_change(key, entry, event, now)


_READERS: Final[Mapping[str, Mapping[str, Reader]]] = {
    "messages": {"statuses": lambda event, _: read_status(event), "messages": read_message},
    "user_preferences": {"user_preferences": read_preference},
}
