"""A tool: what it takes, what it gives, who may use it, and what hosts of assistants are told of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from inspect import getdoc
from typing import Annotated, Any, Generic, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.principal import Principal, Role
from disparo.entrypoints.foreseeing import Foreseeing
from disparo.entrypoints.http.installation import Installation

MOST = 50
"""Items of one answer."""

Limit = Annotated[int, Field(ge=1, le=MOST, description="How many at most.")]
After = Annotated[str | None, Field(max_length=200, description="`next` of the page before; not to be made up.")]
Id = Annotated[str, Field(min_length=1, max_length=100)]
Key = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=100,
        description="Your own name for this request: the same one again has no second effect.",
    ),
]


@dataclass(slots=True)
class Asked:
    """One call of a tool: who asks, and of what installation.

    `key` tells this call from any other: what the call enters is known by it, so that a repeat has no effect. `told`
    is what the audit is to keep of it besides: ids and codes.
    """

    house: Installation
    principal: Principal
    foreseeing: Foreseeing
    key: str = ""
    address: str = ""
    told: dict[str, object] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The time."""
        return self.house.clock.now()


class Wanted(BaseModel):
    """What a tool takes; anything else is refused."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Wanted):
    """It takes nothing."""


class Confirmable(Wanted):
    """What a tool takes that is asked for twice."""

    confirmation: str | None = Field(
        None,
        max_length=1_000,
        description="Leave it out first: the answer tells what would happen and gives this token. Call again with the "
        "same arguments and the token to have it done. It is valid once, for 10 minutes.",
    )


Result = TypeVar("Result", bound=BaseModel)


class Confirmed(BaseModel, Generic[Result]):
    """What would happen, or what was done."""

    done: bool = Field(description="False: nothing was done yet. Ask the person, then call again with `confirmation`.")
    would: str | None = Field(default=None, description="What would happen, for a person, in Portuguese.")
    confirmation: str | None = Field(default=None, description="The token for the second call.")
    expires_at: datetime | None = None
    result: Result | None = Field(default=None, description="What was done.")


Run = Callable[[Asked, Any], Awaitable[BaseModel]]
Foresee = Callable[[Asked, Any], Awaitable[str]]


@dataclass(frozen=True)
class Tool:
    """A tool; `action` is how the audit calls what it does, None for one that only looks.

    `foresee` says, of one that is asked for twice, what would happen, and refuses what could not be done.
    """

    name: str
    title: str
    about: str
    resource: str
    """The resource of the API that a narrowed key must reach."""
    takes: type[BaseModel]
    gives: type[BaseModel]
    run: Run
    action: str | None = None
    foresee: Foresee | None = None
    destructive: bool = False
    idempotent: bool = True
    outside: bool = False
    """Whether it may reach people or programs outside: contacts, calendars."""

    @property
    def role(self) -> Role:
        """The role that it needs."""
        return Role.VIEWER if self.action is None else Role.OPERATOR

    @cached_property
    def input_schema(self) -> dict[str, Any]:
        """The JSON Schema of its arguments."""
        return _schema_of(self.takes.model_json_schema())

    @cached_property
    def output_schema(self) -> dict[str, Any]:
        """The JSON Schema of its answer."""
        gives = Confirmed[self.gives] if self.foresee else self.gives  # type: ignore[name-defined]
        return _schema_of(gives.model_json_schema(mode="serialization"))


def looks(resource: str, title: str, *, outside: bool = False) -> Callable[[Run], Tool]:
    """Make a tool that only looks of a function."""

    def made(run: Run) -> Tool:
        return _tool(run, resource, title, outside=outside)

    return made


def changes(
    action: str,
    title: str,
    *,
    foresee: Foresee | None = None,
    destructive: bool = False,
    idempotent: bool = True,
    outside: bool = False,
) -> Callable[[Run], Tool]:
    """Make a tool that changes something of a function; with `foresee` it is destructive and asked for twice."""

    def made(run: Run) -> Tool:
        return _tool(
            run,
            action.partition(".")[0].replace("_", "-"),
            title,
            action=action,
            foresee=foresee,
            destructive=destructive or foresee is not None,
            idempotent=idempotent,
            outside=outside,
        )

    return made


def _tool(run: Run, resource: str, title: str, **more: Any) -> Tool:
    hints = get_type_hints(run)
    _, takes, gives = hints.values()
    name = run.__name__
    about = " ".join((getdoc(run) or "").split())
    return Tool(name, title, about, resource, takes, gives, run, **more)


_NOISE = frozenset({"title", "examples", "example"})


def _schema_of(schema: dict[str, Any]) -> dict[str, Any]:
    return dict(_plain(schema))


def _plain(schema: Any, *, names: bool = False) -> Any:
    """A schema without what an assistant needs not read; `names` says that the keys are names of properties."""
    if isinstance(schema, Mapping):
        return {
            key: _plain(value, names=key in ("properties", "$defs") and not names)
            for key, value in schema.items()
            if names or key not in _NOISE
        }
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema
