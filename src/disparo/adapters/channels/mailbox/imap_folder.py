"""One visit to a folder of an IMAP server (RFC 9051, RFC 3501), in the thread that makes it."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from disparo.adapters.channels.mailbox.credentials import MailboxCredentials
from disparo.adapters.channels.mailbox.letter import READ_BYTES
from disparo.adapters.mail_server import MailServer, Security, tls_context

KEYWORD: Final = "DisparoRead"
"""The mark on a mail that was read here: people's own \\Seen stays as they left it."""
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_AT_ONCE: Final = 200
"""Messages named in one command: lines have an end."""


class LoginRefusedError(Exception):
    """The server does not take the login."""


class FolderError(Exception):
    """The folder cannot be used now; the message says what the server refused, in our words."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A selected folder; `validity` changes when its message numbers (UIDs) mean others, `mark` is what ours bear."""

    connection: imaplib.IMAP4
    validity: str
    mark: str
    moves: bool

    def unread(self, since: datetime) -> list[str]:
        """The UIDs of messages that came on or after this day and bear no mark of ours, oldest first."""
        day = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        wanted = "UNSEEN" if self.mark == r"\Seen" else f"UNKEYWORD {self.mark}"
        found = self._uid("SEARCH", "SINCE", day, *wanted.split(" "))
        uids = {one.decode() for line in found if isinstance(line, bytes) for one in line.split()}
        return sorted((uid for uid in uids if uid.isdecimal()), key=int)

    def content(self, uid: str) -> bytes | None:
        """The beginning of a message, as much of it as is ever read; None when it is gone. Nothing is marked by it."""
        for item in self._uid("FETCH", uid, f"(UID BODY.PEEK[]<0.{READ_BYTES}>)"):
            if isinstance(item, tuple) and re.search(rb"BODY\[\]", item[0]):
                return bytes(item[1])
        return None

    def put_away(self, uids: Sequence[str], done_folder: str | None) -> None:
        """Move messages to `done_folder`, or mark them where there is none or the server cannot move (RFC 6851)."""
        for start in range(0, len(uids), _AT_ONCE):
            chosen = ",".join(uids[start : start + _AT_ONCE])
            if done_folder is None or not self.moves:
                self._uid("STORE", chosen, "+FLAGS.SILENT", f"({self.mark})")
            else:
                self._move(chosen, quoted(done_folder))

    def _move(self, chosen: str, target: str) -> None:
        try:
            self._uid("MOVE", chosen, target)
        except FolderError:  # as a rule since it does not exist yet
            self.connection.create(target)
            self._uid("MOVE", chosen, target)

    def _uid(self, command: str, *words: str) -> list[object]:
        status, data = self.connection.uid(command, *words)
        if status != "OK":
            raise FolderError(f"o servidor recusou {command}")
        return list(data)


@contextmanager
def open_folder(account: MailboxCredentials, timeout_s: float) -> Iterator[Folder]:
    """Log in and select the folder; LoginRefusedError, FolderError, and OSError or IMAP4.error when the line breaks."""
    connection = _connect(account.server, timeout_s)
    try:
        _log_in(connection, account.server)
        if connection.select(quoted(account.folder))[0] != "OK":
            raise FolderError("o servidor não abriu a pasta")
        mark = _mark(_told(connection, "PERMANENTFLAGS"))
        moves = b"MOVE" in b" ".join(one for one in connection.capability()[1] if one).upper().split()
        yield Folder(connection, _told(connection, "UIDVALIDITY"), mark, moves)
    finally:
        _leave(connection)


def _log_in(connection: imaplib.IMAP4, server: MailServer) -> None:
    username, password = server.username or "", server.password or ""
    try:
        if username.isascii() and password.isascii():
            connection.login(username, password)
        else:  # LOGIN has no way to say them (RFC 4616 has)
            connection.authenticate("PLAIN", lambda _: f"\0{username}\0{password}".encode())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise LoginRefusedError("login") from None


def quoted(folder: str) -> str:
    """A folder's name as IMAP has it."""
    return f'"{folder}"'


def _connect(server: MailServer, timeout_s: float) -> imaplib.IMAP4:
    context = tls_context(server.ca_certificate)
    if server.security is Security.TLS:
        return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context, timeout=timeout_s)
    connection = imaplib.IMAP4(server.host, server.port, timeout=timeout_s)
    if server.security is Security.STARTTLS:
        try:
            connection.starttls(context)
        except BaseException:
            _hang_up(connection)
            raise
    return connection


def _leave(connection: imaplib.IMAP4) -> None:
    try:
        connection.logout()
    except (imaplib.IMAP4.error, OSError):
        _hang_up(connection)


def _hang_up(connection: imaplib.IMAP4) -> None:
    with suppress(OSError):
        connection.shutdown()


def _told(connection: imaplib.IMAP4, name: str) -> str:
    data = connection.response(name)[1]
    return b" ".join(one for one in data if isinstance(one, bytes)).decode("ascii", "replace")


def _mark(permanent_flags: str) -> str:
    r"""Our keyword where the folder keeps new ones (`\*`, RFC 9051 section 7.1), else `\Seen`."""
    return KEYWORD if r"\*" in permanent_flags or KEYWORD in permanent_flags else r"\Seen"
