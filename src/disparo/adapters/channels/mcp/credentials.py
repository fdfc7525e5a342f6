"""The secret of a sender that goes through an MCP server."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from disparo.adapters.channels.mcp.connection import HttpServer, Server, StdioServer
from disparo.adapters.channels.mcp.payload import OURS, placeholders
from disparo.adapters.channels.mcp.profile import Failure, Id, Profile, Success
from disparo.adapters.channels.mcp.profiles import PROFILES
from disparo.domain.errors import InputError
from disparo.domain.policies.retry import FailureClass

RESERVED = frozenset(("profile", "server", "tool", "arguments", "success", "id", "failures", "at_once"))
LONGEST_PATTERN = 500
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class McpCredentials:
    """Which server, which tool and how; `extras` are the secret's other texts, by which placeholders name them."""

    server: Server
    profile: Profile
    extras: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The texts that no error may hold."""
        if isinstance(self.server, StdioServer):
            # Of --key=abc also abc alone: that is what a tool would quote.
            named = (arg.partition("=")[2] for arg in self.server.args)
            own: tuple[str, ...] = (*self.server.args, *named, *self.server.env.values())
        else:
            values = self.server.headers.values()
            asked = (value for _, value in parse_qsl(urlsplit(self.server.url).query))
            own = (self.server.url, *asked, *values, *(word for value in values for word in value.split()))
        return (*own, *self.extras.values())


def parse(name: str, secret: Mapping[str, str]) -> McpCredentials:
    """Read the secret `name`; InputError that says which field is wrong and how, and never what it holds."""
    given = {key: text.strip() for key, text in secret.items() if text.strip()}
    reader = _Reader(name, given)
    extras = {key: text for key, text in given.items() if key not in RESERVED}
    profile = reader.profile()
    known = OURS | extras.keys() | (_optional(given) if "arguments" not in given else set())
    for used in placeholders(profile.arguments):
        if used not in known:
            raise reader.wrong("arguments", f"usa {{{used}}}, que não existe; acrescente o campo {used} ao segredo")
    for needed in profile.needs:
        if needed not in extras:
            raise reader.wrong(needed, "falta, e a ferramenta precisa dele")
    return McpCredentials(reader.server(), profile, extras)


def _optional(given: Mapping[str, str]) -> set[str]:
    """What a profile of ours may leave out when the secret has it not."""
    return set(placeholders(PROFILES[given["profile"]].arguments)) if given.get("profile") in PROFILES else set()


class _Reader:
    def __init__(self, name: str, given: Mapping[str, str]) -> None:
        self._name, self._given = name, given

    def wrong(self, field_name: str, problem: str) -> InputError:
        return InputError(f"segredo {self._name}, campo {field_name}: {problem}")

    def server(self) -> Server:
        document = self._object("server", allowed={"command", "args", "env", "url", "headers"})
        if ("command" in document) == ("url" in document):
            raise self.wrong("server", 'quer {"command", "args", "env"} ou {"url", "headers"}, um dos dois')
        if "command" in document:
            return StdioServer(
                self._word("server.command", document["command"]),
                self._args(document.get("args", [])),
                self._texts("server.env", document.get("env", {})),
            )
        url = self._word("server.url", document["url"])
        try:
            parts = urlsplit(url)
            whole = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            whole = False
        if not whole:
            raise self.wrong("server.url", "não é um endereço http(s) completo")
        headers = self._texts("server.headers", document.get("headers", {}))
        if not all(re.fullmatch(r"[!-9;-~]+", key) and value.isprintable() for key, value in headers.items()):
            raise self.wrong("server.headers", "tem um nome ou valor que não cabe num cabeçalho")
        return HttpServer(url, headers)

    def profile(self) -> Profile:
        named = self._given.get("profile")
        if named is not None and named not in PROFILES:
            raise self.wrong("profile", f"não é conhecido; há {', '.join(sorted(PROFILES))}")
        profile = PROFILES[named] if named else Profile()
        if "tool" in self._given:
            profile = replace(profile, tool=self._given["tool"])
        if "arguments" in self._given:
            profile = replace(profile, arguments=self._object("arguments"), needs=())
        if "success" in self._given:
            profile = replace(profile, success=self._success())
        if "id" in self._given:
            profile = replace(profile, id=self._id())
        if "failures" in self._given:
            profile = replace(profile, failures=(*self._failures(), *profile.failures))
        if "at_once" in self._given:
            profile = replace(profile, at_once=self._at_once())
        for field_name, value in (("tool", profile.tool), ("arguments", profile.arguments)):
            if not value:
                raise self.wrong(field_name, "falta; diga qual ferramenta chamar e com que argumentos, ou um profile")
        return profile

    def _success(self) -> Success:
        document = self._object("success", allowed={"pointer", "equals", "matches", "not_matches"})
        pointer = self._pointer("success", document)
        if "equals" in document and pointer is None:
            raise self.wrong("success", "tem equals sem pointer")
        return Success(
            pointer,
            document.get("equals", True),
            self._pattern("success.matches", document.get("matches")),
            self._pattern("success.not_matches", document.get("not_matches")),
        )

    def _id(self) -> Id:
        document = self._object("id", allowed={"pointer", "pattern"})
        if len(document) != 1:
            raise self.wrong("id", 'quer {"pointer": "/…"} ou {"pattern": "…"}, um dos dois')
        return Id(self._pointer("id", document), self._pattern("id.pattern", document.get("pattern")))

    def _failures(self) -> tuple[Failure, ...]:
        found = []
        for pattern, named in self._object("failures").items():
            if named not in list(FailureClass):
                raise self.wrong("failures", f"tem uma classe desconhecida; há {', '.join(FailureClass)}")
            compiled = self._pattern("failures", pattern)
            if compiled is not None:
                found.append(Failure(compiled, FailureClass(named)))
        return tuple(found)

    def _args(self, value: object) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(text, str) and "\0" not in text for text in value):
            return tuple(value)
        raise self.wrong("server.args", "quer uma lista de textos")

    def _at_once(self) -> int:
        text = self._given["at_once"]
        if not text.isascii() or not text.isdecimal() or len(text) > 3 or not 1 <= int(text) <= MOST_AT_ONCE:
            raise self.wrong("at_once", f"quer um número de 1 a {MOST_AT_ONCE}")
        return int(text)

    def _object(self, field_name: str, *, allowed: set[str] | None = None) -> dict[str, Any]:
        if field_name not in self._given:
            raise self.wrong(field_name, "falta")
        try:
            document = json.loads(self._given[field_name])
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise self.wrong(field_name, "não é um objeto JSON")
        if allowed is not None and not set(document) <= allowed:
            raise self.wrong(field_name, f"só conhece {', '.join(sorted(allowed))}")
        return document

    def _pattern(self, field_name: str, value: object) -> re.Pattern[str] | None:
        if value is None:
            return None
        if isinstance(value, str) and 0 < len(value) <= LONGEST_PATTERN:
            with contextlib.suppress(re.error, RecursionError, OverflowError):
                return re.compile(value)
        raise self.wrong(field_name, f"não é uma expressão regular de até {LONGEST_PATTERN} caracteres")

    def _pointer(self, field_name: str, document: Mapping[str, Any]) -> str | None:
        value = document.get("pointer")
        if value is None or (isinstance(value, str) and value.startswith("/")):
            return value
        raise self.wrong(f"{field_name}.pointer", "não é um ponteiro JSON como /message/id (RFC 6901)")

    def _word(self, field_name: str, value: object) -> str:
        if isinstance(value, str) and value.strip() and "\0" not in value:
            return value.strip()
        raise self.wrong(field_name, "quer um texto")

    def _texts(self, field_name: str, value: object) -> dict[str, str]:
        if isinstance(value, dict) and all(isinstance(text, str) and "\0" not in text for text in value.values()):
            return value
        raise self.wrong(field_name, "quer um objeto de textos")
