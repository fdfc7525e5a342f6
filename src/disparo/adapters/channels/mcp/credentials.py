"""The secret of a sender that goes through an MCP server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from disparo.adapters.channels.mcp.payload import OURS
from disparo.adapters.channels.mcp.profile import Id, Profile
from disparo.adapters.channels.mcp.profiles import PROFILES
from disparo.adapters.mcp.arguments import placeholders
from disparo.adapters.mcp.connection import Server
from disparo.adapters.mcp.secret import SecretReader, hidden_of

RESERVED = frozenset(("profile", "server", "tool", "arguments", "success", "id", "failures", "at_once"))


@dataclass(frozen=True, slots=True)
class McpCredentials:
    """Which server, which tool and how; `extras` are the secret's other texts, by which placeholders name them."""

    server: Server
    profile: Profile
    extras: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def at_once(self) -> int:
        """How many calls the server gets at the same time."""
        return self.profile.at_once

    @property
    def hidden(self) -> tuple[str, ...]:
        """The texts that no error may hold."""
        return (*hidden_of(self.server), *self.extras.values())


def parse(name: str, secret: Mapping[str, str]) -> McpCredentials:
    """Read the secret `name`; InputError that says which field is wrong and how, and never what it holds."""
    given = {key: text.strip() for key, text in secret.items() if text.strip()}
    reader = SecretReader(name, given)
    extras = {key: text for key, text in given.items() if key not in RESERVED}
    profile = _profile(reader, given)
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


def _profile(reader: SecretReader, given: Mapping[str, str]) -> Profile:
    named = given.get("profile")
    if named is not None and named not in PROFILES:
        raise reader.wrong("profile", f"não é conhecido; há {', '.join(sorted(PROFILES))}")
    profile = PROFILES[named] if named else Profile()
    if "tool" in given:
        profile = replace(profile, tool=given["tool"])
    if "arguments" in given:
        profile = replace(profile, arguments=reader.document("arguments"), needs=())
    if "success" in given:
        profile = replace(profile, success=reader.success("success", reader.document("success")))
    if "id" in given:
        profile = replace(profile, id=_id(reader))
    if "failures" in given:
        profile = replace(profile, failures=(*reader.failures(), *profile.failures))
    if "at_once" in given:
        profile = replace(profile, at_once=reader.at_once())
    for field_name, value in (("tool", profile.tool), ("arguments", profile.arguments)):
        if not value:
            raise reader.wrong(field_name, "falta; diga qual ferramenta chamar e com que argumentos, ou um profile")
    return profile


def _id(reader: SecretReader) -> Id:
    document = reader.document("id", allowed={"pointer", "pattern"})
    if len(document) != 1:
        raise reader.wrong("id", 'quer {"pointer": "/…"} ou {"pattern": "…"}, um dos dois')
    return Id(reader.pointer("id", document), reader.pattern("id.pattern", document.get("pattern")))
