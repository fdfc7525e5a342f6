"""The secret of calendars on a CalDAV server."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

from disparo.domain.errors import InputError


@dataclass(frozen=True, slots=True)
class CaldavCredentials:
    """Where the calendars are and as whom we read and write them.

    `url` is that of a calendar, or of the account's principal or home, and ends in a slash.
    """

    url: str
    username: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def authorization(self) -> str:
        """The header by which each request says who asks (RFC 7617, in UTF-8)."""
        return "Basic " + b64encode(f"{self.username}:{self.password}".encode()).decode()


def parse(name: str, secret: Mapping[str, str]) -> CaldavCredentials:
    """Read the secret `name`; InputError that says which field is wrong and how, and never what it holds."""
    given = {key: text.strip() for key, text in secret.items()}
    for needed in ("url", "username", "password"):
        if not given.get(needed):
            raise _wrong(name, needed, "falta")
    if ":" in given["username"]:
        raise _wrong(name, "username", "não pode ter dois-pontos")
    return CaldavCredentials(_url(name, given["url"]), given["username"], given["password"])


def _url(name: str, text: str) -> str:
    try:
        parts = urlsplit(text)
        whole = bool(parts.hostname) and (parts.port or 1) > 0 and text.isprintable()
    except ValueError:
        raise _wrong(name, "url", "não é um endereço completo") from None
    if not whole or parts.scheme not in ("http", "https"):
        raise _wrong(name, "url", "não é um endereço https:// completo")
    if parts.username or parts.query or parts.fragment:
        raise _wrong(name, "url", "tem usuário, ? ou #; deixe só o endereço")
    if parts.scheme == "http" and not _is_this_machine(parts.hostname or ""):
        raise _wrong(name, "url", "sem https a senha viajaria aberta; use https://")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + "/", "", ""))


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _wrong(name: str, field_name: str, problem: str) -> InputError:
    return InputError(f"segredo {name}, campo {field_name}: {problem}")
