"""Errors as problem documents (RFC 9457): what is wrong in words, what kind it is in a stable code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from math import ceil
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from disparo.domain.email_address import EmailError
from disparo.domain.errors import (
    DisparoError,
    InputError,
    NotFoundError,
    RevisionError,
    StoreError,
    StoreFullError,
    TransitionError,
)
from disparo.domain.phone_number import PhoneError
from disparo.domain.tax_document import DocumentError
from disparo.domain.template import RenderError
from disparo.entrypoints.areas import allowed
from disparo.entrypoints.http.installation import ForbiddenError, NotSignedInError, Report, StaleFormError
from disparo.entrypoints.http.turnstile import TooManyError
from disparo.ports.agenda import MeetingChangedError, SlotTakenError
from disparo.ports.callback import CallbackRefusedError, UnreadableCallError
from disparo.ports.identity_provider import IdentityError
from disparo.ports.sealing import SealError
from disparo.ports.secrets import SecretError
from disparo.usecases.accounts.elsewhere import NotLetInError
from disparo.usecases.accounts.locks import ThrottledError
from disparo.usecases.accounts.sign_in import HalfOverError, WrongSignInError

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:disparo:problem:"
_RETRY_S = 5


class Fault(BaseModel):
    """One thing that is wrong in a request."""

    place: str = Field(description="Where, as `body.steps` or `query.limit`; empty when the line itself says it.")
    detail: str


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(description="Which kind; stable.", examples=["urn:disparo:problem:not-found"])
    title: str = Field(description="The kind in words.")
    status: int
    detail: str = Field(description="What is wrong and what to do, for a person, in Portuguese.")
    instance: str | None = Field(None, description="This occurrence, as our log knows it; of internal errors only.")
    errors: list[Fault] | None = Field(None, description="One by one, where several things are wrong.")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem."""

    status: HTTPStatus
    code: str
    title: str


_STRANGER = Kind(HTTPStatus.UNAUTHORIZED, "not-signed-in", "Who are you?")
_INPUT = Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "input", "The request is wrong")

KINDS: Mapping[type[DisparoError], Kind] = {
    InputError: _INPUT,
    NotFoundError: Kind(HTTPStatus.NOT_FOUND, "not-found", "There is no such thing"),
    TransitionError: Kind(HTTPStatus.CONFLICT, "transition", "Its state does not allow that"),
    RevisionError: Kind(HTTPStatus.PRECONDITION_FAILED, "changed", "Somebody else changed it"),
    SlotTakenError: Kind(HTTPStatus.CONFLICT, "slot-taken", "That time is not free any more"),
    MeetingChangedError: Kind(HTTPStatus.CONFLICT, "meeting-changed", "Somebody else changed the meeting"),
    StoreError: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "store", "The data cannot be reached"),
    NotSignedInError: _STRANGER,
    SealError: Kind(HTTPStatus.CONFLICT, "sealed", "It was sealed with another key"),
    StaleFormError: Kind(HTTPStatus.FORBIDDEN, "stale-form", "The form is of another session"),
    ForbiddenError: Kind(HTTPStatus.FORBIDDEN, "forbidden", "You may not do that"),
    ThrottledError: Kind(HTTPStatus.TOO_MANY_REQUESTS, "throttled", "Too many tries"),
    IdentityError: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "identity", "The other sign-in does not work"),
    TooManyError: Kind(HTTPStatus.SERVICE_UNAVAILABLE, "too-many", "Too many calls at once"),
    UnreadableCallError: Kind(HTTPStatus.BAD_REQUEST, "unreadable", "The call cannot be understood"),
    CallbackRefusedError: Kind(HTTPStatus.UNAUTHORIZED, "signature", "The signature is wrong"),
    **dict.fromkeys((WrongSignInError, HalfOverError, NotLetInError), _STRANGER),
    **dict.fromkeys((PhoneError, EmailError, DocumentError, RenderError, SecretError), _INPUT),
}
"""By class; a subclass is of its nearest ancestor's kind."""

INTERNAL = Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something of ours went wrong")

ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": description}
    for status, description in (
        (401, "Not signed in."),
        (403, "Who asks may not do that."),
        (404, "There is no such thing."),
        (409, "The state does not allow it, or the same request is under way."),
        (412, "Somebody else changed it since it was read (`If-Match`)."),
        (413, "The body is too large."),
        (422, "The request is wrong."),
        (503, "The data cannot be reached."),
    )
}
"""What any route may answer besides its own, for the OpenAPI document."""


def problem(
    kind: Kind,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Fault] | None = None,
    instance: str | None = None,
) -> Response:
    """A problem document as an answer."""
    document: dict[str, object] = {
        "type": TYPE_PREFIX + kind.code,
        "title": kind.title,
        "status": int(kind.status),
        "detail": detail,
    }
    if instance:
        document["instance"] = instance
    if errors:
        document["errors"] = [error.model_dump() for error in errors]
    # A text that is no Unicode may be part of what is wrong.
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, int(kind.status), dict(headers or {}), media_type=MEDIA_TYPE)


def kind_of(error: DisparoError) -> Kind:
    """The kind of an error, its nearest ancestor's; INTERNAL when none is known."""
    return next((KINDS[one] for one in type(error).__mro__ if one in KINDS), INTERNAL)


def of_error(error: DisparoError, report: Report) -> Response:
    """An error of ours: its own words, except where they tell of our insides."""
    kind = kind_of(error)
    if kind is INTERNAL:
        return of_unexpected(error, report)
    if isinstance(error, StoreError):
        report("store_failed", error)
        headers = {"Retry-After": str(_RETRY_S)}
        if isinstance(error, StoreFullError):  # its words are for whoever wrote, and tell nothing of our insides
            return problem(kind, str(error), headers=headers)
        return problem(kind, "os dados não podem ser alcançados agora; tente de novo em instantes", headers=headers)
    lines = str(error).splitlines()
    faults = [Fault(place="", detail=line) for line in lines] if len(lines) > 1 else None
    headers = {"WWW-Authenticate": "Bearer"} if kind.status == HTTPStatus.UNAUTHORIZED else {}
    if isinstance(error, TooManyError):
        headers["Retry-After"] = str(_RETRY_S)
    if isinstance(error, ThrottledError):
        headers["Retry-After"] = str(ceil(error.wait.total_seconds()))
    return problem(kind, str(error), headers=headers, errors=faults)


def of_unexpected(error: BaseException, report: Report) -> Response:
    """An error that nobody foresaw: a number to find it by in our log, and nothing of what it says."""
    number = f"urn:uuid:{uuid4()}"
    report("request_failed", error, instance=number)
    return problem(INTERNAL, "algo deu errado do nosso lado; o número está em instance", instance=number)


def of_http(error: HTTPException) -> Response:
    """What the framework refuses: a route that is not there, a method that is not allowed, a body too large."""
    kind, detail = _REFUSALS.get(error.status_code, _REFUSED)
    return problem(replace(kind, status=HTTPStatus(error.status_code)), detail, headers=error.headers)


_REFUSED = (Kind(HTTPStatus.BAD_REQUEST, "refused", "Refused"), "o pedido foi recusado")
# Codes of our own: the standard library words some of its phrases differently from one version to the next.
_REFUSALS: Mapping[int, tuple[Kind, str]] = {
    400: (Kind(HTTPStatus.BAD_REQUEST, "unreadable", "It cannot be read"), "o corpo do pedido não pôde ser lido"),
    404: (KINDS[NotFoundError], "não há nada neste endereço"),
    405: (
        Kind(HTTPStatus.METHOD_NOT_ALLOWED, "method", "Not by this method"),
        "este endereço não aceita esse método; veja Allow",
    ),
    408: (
        Kind(HTTPStatus.REQUEST_TIMEOUT, "too-slow", "It came too slowly"),
        "o corpo do pedido demorou demais a chegar",
    ),
    413: (
        Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", "The body is too large"),
        "o corpo do pedido é grande demais",
    ),
}


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [Fault(place=".".join(map(str, one["loc"])), detail=str(one["msg"])) for one in error.errors()]
    return problem(_INPUT, "o pedido não tem a forma certa; veja errors", errors=faults)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = of_http(error)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(allowed(request.app, request.scope["path"]))
    return answer


async def _no_text(_: Request, error: Exception) -> Response:
    assert isinstance(error, UnicodeEncodeError)
    return problem(_INPUT, "há no pedido um texto que não é Unicode; escreva-o de novo")


def name_media_type(openapi: dict[str, Any]) -> None:
    """Say in an OpenAPI document that problems are problem documents: the framework takes them for plain JSON."""
    for methods in openapi["paths"].values():
        for operation in methods.values():
            for status in operation["responses"].keys() & {str(one) for one in ANSWERS}:
                content = operation["responses"][status].get("content", {})
                if content.get("application/json", {}).get("schema") == _REFERENCE:
                    content[MEDIA_TYPE] = content.pop("application/json")


_REFERENCE = {"$ref": "#/components/schemas/Problem"}


def install(api: FastAPI, report: Report) -> None:
    """Let every error of the routes end as a problem document."""

    async def ours(_: Request, error: Exception) -> Response:
        assert isinstance(error, DisparoError)
        return of_error(error, report)

    api.add_exception_handler(DisparoError, ours)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(UnicodeEncodeError, _no_text)


class LastResort:
    """Around everything else of ours: what nobody foresaw is logged and answered, and the process goes on.

    It also says of each answer that it is not to be kept, unless that says otherwise, nor taken for another type.
    """

    def __init__(self, app: ASGIApp, report: Report) -> None:
        self._app, self._report = app, report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = _with_defaults(message.get("headers", ()))
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except HTTPException as error:  # from a middleware, where no handler of the framework sees it
            if started:
                raise
            await of_http(error)(scope, receive, watched)
        except Exception as error:
            answer = of_unexpected(error, self._report)
            if not started:
                await answer(scope, receive, watched)


def _with_defaults(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """What an answer says itself, as a file that never changes does of being kept, stands."""
    said = list(headers)
    names = {name for name, _ in said}
    return said + [one for one in _ON_EVERY_ANSWER if one[0] not in names]


_ON_EVERY_ANSWER = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
