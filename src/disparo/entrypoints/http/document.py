"""The OpenAPI document, finished: what the framework cannot know of keys and sessions, errors and repeated requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from disparo.entrypoints.http.access import is_looking, needed
from disparo.entrypoints.http.cross_site import HEADER as CSRF_HEADER
from disparo.entrypoints.http.once import HEADER as ONCE_HEADER
from disparo.entrypoints.http.problems import MEDIA_TYPE, name_media_type
from disparo.entrypoints.http.session_cookie import SESSION
from disparo.ports.idempotency import LONGEST_KEY

Document = dict[str, Any]

_KEY, _COOKIE, _TOKEN = "key", "session", "token"
SCHEMES: Mapping[str, Mapping[str, str]] = {
    _KEY: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "dk_…",
        "description": "A key of the installation (`POST /api/v1/keys`, `disparo keys add`), of a role and maybe "
        "of some resources only.",
    },
    _COOKIE: {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION,
        "description": f"Of somebody who signed in to the console; by https its name is `__Host-{SESSION}`.",
    },
    _TOKEN: {
        "type": "apiKey",
        "in": "header",
        "name": CSRF_HEADER.title().replace("Csrf", "CSRF"),
        "description": "With a session, to change anything: the token that every form of the console has.",
    },
}

_ONCE = {
    "name": ONCE_HEADER.title(),
    "in": "header",
    "required": False,
    "description": "Something random, as a UUID, makes it safe to send the request again: within 24 hours it has its "
    "effect once and is answered as the first time, with `Idempotency-Replay: true`.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}
_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_UNREADABLE = {"description": "The body or the Idempotency-Key cannot be read.", "content": _PROBLEM}
_TOO_SLOW = {"description": "Nothing came of the body for half a minute.", "content": _PROBLEM}


def finish(document: Document, home: str | None) -> Document:
    """Add to the framework's document what it leaves out, in place; `home` is the installation's public address.

    Once: a document that was finished already comes back as it is.
    """
    if "servers" in document:
        return document
    name_media_type(document)
    document["servers"] = [{"url": home or "/", "description": "This installation."}]
    document["components"]["securitySchemes"] = {name: dict(scheme) for name, scheme in SCHEMES.items()}
    for path, method, operation in operations(document):
        operation["security"] = _security(path, method)
        _own_up(path, method, operation)
    return document


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Each operation: path, method in capitals, and what is said of it."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def _security(path: str, method: str) -> list[dict[str, list[str]]]:
    """What lets somebody in: a key, or a session, which to change anything must bring its token, too."""
    if needed(method, path) is None:
        return []
    session: dict[str, list[str]] = {_COOKIE: []}
    return [{_KEY: []}, session if is_looking(method) else {**session, _TOKEN: []}]


def _own_up(path: str, method: str, operation: Document) -> None:
    """Problems that this operation may end in, and no others."""
    parameters = operation.setdefault("parameters", [])
    answers = operation["responses"]
    body = "requestBody" in operation
    if method == "POST" and path.startswith("/api/"):
        parameters.append(_ONCE)
    if body or method == "POST" or path.startswith("/webhooks/"):
        answers["400"] = _UNREADABLE
        if not is_looking(method):
            answers["408"] = _TOO_SLOW
    if is_looking(method):
        answers.pop("412", None)
        answers.pop("413", None)
    if not parameters:
        del operation["parameters"]
    operation["responses"] = dict(sorted(answers.items()))
