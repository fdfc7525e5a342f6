"""The parts of a secret that any user of an MCP server writes: the server, tools and their arguments, and patterns."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from disparo.adapters.mcp.answers import Failure, Success
from disparo.adapters.mcp.connection import HttpServer, Server, StdioServer
from disparo.domain.errors import InputError
from disparo.domain.policies.retry import FailureClass

LONGEST_PATTERN = 500
MOST_AT_ONCE = 100


def hidden_of(server: Server) -> tuple[str, ...]:
    """The texts of a server that no error may hold."""
    if isinstance(server, StdioServer):
        # Of --key=abc also abc alone: that is what a tool would quote.
        named = (arg.partition("=")[2] for arg in server.args)
        return (*server.args, *named, *server.env.values())
    values = server.headers.values()
    asked = (value for _, value in parse_qsl(urlsplit(server.url).query))
    return (server.url, *asked, *values, *(word for value in values for word in value.split()))


class SecretReader:
    """Reads the fields of the secret `name`; InputError that says which one is wrong and how, and never what it holds.

    `given` are its fields that are not empty, stripped.
    """

    def __init__(self, name: str, given: Mapping[str, str]) -> None:
        self._name, self._given = name, given

    def wrong(self, field_name: str, problem: str) -> InputError:
        """What is wrong with a field."""
        return InputError(f"segredo {self._name}, campo {field_name}: {problem}")

    def server(self) -> Server:
        """The field `server`: a program or an address."""
        document = self.document("server", allowed={"command", "args", "env", "url", "headers"})
        if ("command" in document) == ("url" in document):
            raise self.wrong("server", 'quer {"command", "args", "env"} ou {"url", "headers"}, um dos dois')
        if "command" in document:
            return StdioServer(
                self.word("server.command", document["command"]),
                self._args(document.get("args", [])),
                self._texts("server.env", document.get("env", {})),
            )
        url = self.word("server.url", document["url"])
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

    def success(self, field_name: str, document: Mapping[str, Any]) -> Success:
        """What an answer must show."""
        self.only(field_name, document, {"pointer", "equals", "matches", "not_matches"})
        pointer = self.pointer(field_name, document)
        if "equals" in document and pointer is None:
            raise self.wrong(field_name, "tem equals sem pointer")
        return Success(
            pointer,
            document.get("equals", True),
            self.pattern(f"{field_name}.matches", document.get("matches")),
            self.pattern(f"{field_name}.not_matches", document.get("not_matches")),
        )

    def failures(self) -> tuple[Failure, ...]:
        """The field `failures`: patterns and what they mean."""
        found = []
        for pattern, named in self.document("failures").items():
            if named not in list(FailureClass):
                raise self.wrong("failures", f"tem uma classe desconhecida; há {', '.join(FailureClass)}")
            compiled = self.pattern("failures", pattern)
            if compiled is not None:
                found.append(Failure(compiled, FailureClass(named)))
        return tuple(found)

    def at_once(self) -> int:
        """The field `at_once`."""
        text = self._given["at_once"]
        if not text.isascii() or not text.isdecimal() or len(text) > 3 or not 1 <= int(text) <= MOST_AT_ONCE:
            raise self.wrong("at_once", f"quer um número de 1 a {MOST_AT_ONCE}")
        return int(text)

    def document(self, field_name: str, *, allowed: set[str] | None = None) -> dict[str, Any]:
        """A field that is a JSON object, with no other entries than `allowed`."""
        if field_name not in self._given:
            raise self.wrong(field_name, "falta")
        try:
            document = json.loads(self._given[field_name])
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise self.wrong(field_name, "não é um objeto JSON")
        if allowed is not None:
            self.only(field_name, document, allowed)
        return document

    def only(self, field_name: str, document: Mapping[str, Any], allowed: set[str]) -> None:
        """Refuse entries that are not `allowed`."""
        if not set(document) <= allowed:
            raise self.wrong(field_name, f"só conhece {', '.join(sorted(allowed))}")

    def pattern(self, field_name: str, value: object) -> re.Pattern[str] | None:
        """A regular expression; None where there is none."""
        if value is None:
            return None
        if isinstance(value, str) and 0 < len(value) <= LONGEST_PATTERN:
            with contextlib.suppress(re.error, RecursionError, OverflowError):
                return re.compile(value)
        raise self.wrong(field_name, f"não é uma expressão regular de até {LONGEST_PATTERN} caracteres")

    def pointer(self, field_name: str, document: Mapping[str, Any], key: str = "pointer") -> str | None:
        """A pointer (RFC 6901) in an entry; None where there is none."""
        value = document.get(key)
        if value is None or (isinstance(value, str) and value.startswith("/")):
            return value
        raise self.wrong(f"{field_name}.{key}", "não é um ponteiro JSON como /message/id (RFC 6901)")

    def word(self, field_name: str, value: object) -> str:
        """A text that is not empty."""
        if isinstance(value, str) and value.strip() and "\0" not in value:
            return value.strip()
        raise self.wrong(field_name, "quer um texto")

    def _args(self, value: object) -> tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(text, str) and "\0" not in text for text in value):
            return tuple(value)
        raise self.wrong("server.args", "quer uma lista de textos")

    def _texts(self, field_name: str, value: object) -> dict[str, str]:
        if isinstance(value, dict) and all(isinstance(text, str) and "\0" not in text for text in value.values()):
            return value
        raise self.wrong(field_name, "quer um objeto de textos")
