"""A mailbox that is asked what came."""

from __future__ import annotations

import asyncio
import imaplib
import json
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from disparo.adapters.channels.mailbox import PROVIDER
from disparo.adapters.channels.mailbox.credentials import MailboxCredentials
from disparo.adapters.channels.mailbox.imap_folder import FolderError, LoginRefusedError, open_folder
from disparo.adapters.channels.mailbox.reading import read_mail
from disparo.adapters.credentials import Credentials
from disparo.domain.errors import DisparoError, InputError
from disparo.domain.receipt import Notice
from disparo.ports.callback import Told
from disparo.ports.channel import Collected

AT_ONCE: Final = 50
"""Mails that are read in one visit."""
LOOKS_BACK: Final = timedelta(days=30)
"""Older mail is left alone: a full mailbox that is named for the first time is not read from its beginning."""
_TROUBLED: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Visit:
    """New mails by their UID, which of the earlier ones could not be marked, and whether more wait."""

    validity: str
    mails: Sequence[tuple[str, bytes]]
    unmarked: Sequence[str]
    more: bool


@dataclass(frozen=True, slots=True)
class _Given:
    """What was given out and is not marked yet; the UIDs hold for this validity of the folder."""

    validity: str = ""
    uids: Sequence[str] = ()


class ImapMailbox:
    """`Collects` from one folder, in a thread.

    A mail is marked as read, or moved, on the next visit: asking again says that all that was given before has been
    recorded. Whatever ends the process in between, the mail is given again, with the same event ids. A mailbox that
    cannot be reached is a notice for each cause and day, and is asked again later. Not asked before its time.
    """

    def __init__(self, credentials: Credentials[MailboxCredentials], *, timeout_s: float = 30.0) -> None:
        self._credentials, self._timeout_s = credentials, timeout_s
        self._given = _Given()
        self._next_at: datetime | None = None

    async def collect(self, now: datetime) -> Collected:
        """See `Collects.collect`."""
        if self._next_at is not None and now < self._next_at:
            return Collected((), (), self._next_at)
        collected = await self._collect(now)
        self._next_at = collected.next_at
        return collected

    async def _collect(self, now: datetime) -> Collected:
        try:
            account = await self._credentials.current()
            try:
                visit = await asyncio.to_thread(self._visit, account, now)
            except LoginRefusedError:
                newer = await self._credentials.renewed()
                if newer == account:
                    raise
                account = newer
                visit = await asyncio.to_thread(self._visit, account, now)
        except (LoginRefusedError, FolderError, DisparoError, imaplib.IMAP4.error, OSError, ValueError) as error:
            kind, words = _cause(error)
            return Collected((), (), now + _TROUBLED, [_trouble(kind, words, now)])
        return self._taken(visit, account, now)

    def _visit(self, account: MailboxCredentials, now: datetime) -> _Visit:
        with open_folder(account, self._timeout_s) as folder:
            done = self._given.uids if self._given.validity == folder.validity else []
            unmarked = done
            with suppress(FolderError):
                folder.put_away(done, account.done_folder)
                unmarked = []
            waiting = [uid for uid in folder.unread(now - LOOKS_BACK) if uid not in set(done)]
            mails = ((uid, folder.content(uid)) for uid in waiting[:AT_ONCE])
            found = [(uid, content) for uid, content in mails if content is not None]
            return _Visit(folder.validity, found, unmarked, more=len(waiting) > AT_ONCE)

    def _taken(self, visit: _Visit, account: MailboxCredentials, now: datetime) -> Collected:
        self._given = _Given(visit.validity, [*visit.unmarked, *(uid for uid, _ in visit.mails)])
        told = [_read(raw, now) for _, raw in visit.mails]
        if visit.unmarked:
            told.append(Told(notices=[_trouble("mails_not_marked", "", now)]))
        return Collected(
            [receipt for one in told for receipt in one.receipts],
            [reply for one in told for reply in one.replies],
            now if visit.more else now + account.poll,
            [notice for one in told for notice in one.notices],
        )


def _read(raw: bytes, now: datetime) -> Told:
    try:
        return read_mail(raw, now)
    except InputError as error:
        digest = blake2b(raw, digest_size=16).hexdigest()
        return Told(notices=[Notice(PROVIDER, f"digest:{digest}", "mail_unreadable", now, str(error))])


def _cause(error: Exception) -> tuple[str, str]:
    match error:
        case LoginRefusedError():
            return "login_refused", ""
        case FolderError():
            return "folder_unusable", str(error)
        case DisparoError():
            return "secret_unusable", str(error)
        case ssl.SSLCertVerificationError():
            return "certificate_refused", error.verify_message
    return "mailbox_not_reached", type(error).__name__


def _trouble(kind: str, words: str, now: datetime) -> Notice:
    return Notice(PROVIDER, f"{kind}:{now.date()}", kind, now, json.dumps({"detail": words[:500]}, ensure_ascii=False))
