"""The HTTP application, built once: a third of a second that each test would pay again."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from fastapi import FastAPI, Request

from disparo.domain.principal import Principal
from disparo.entrypoints.http.app import create_app
from disparo.entrypoints.http.identity import Identity
from disparo.entrypoints.http.installation import Identify, local_caller
from disparo.settings import Settings


class _Later:
    """Something that the application holds on to from its building: asked, it asks whatever is there by then."""

    def __init__(self, found: Callable[[], Any]) -> None:
        self._found = found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._found(), name)


class _LaterStore:
    """The store's ports, each to be found later."""

    def __init__(self, tenancy: _Tenancy) -> None:
        self._tenancy = tenancy

    def __getattr__(self, port: str) -> Any:
        return _Later(lambda: getattr(self._tenancy.house.store, port))


class _Tenancy:
    """Stands for the house that lives in it at present, in everything that the application asks of it."""

    def __init__(self) -> None:
        self.house: Any = None
        self.who: Identify = local_caller

    def __getattr__(self, name: str) -> Any:
        if self.house is None:
            return _until_then() if name == "settings" else _LaterStore(self) if name == "store" else _later(self, name)
        return getattr(self.house, name)

    async def identify(self, request: Request) -> Principal:
        """Who asks, as whoever lives here finds out."""
        return await self.who(request)


def _later(tenancy: _Tenancy, name: str) -> _Later:
    return _Later(lambda: getattr(tenancy.house, name))


def _until_then() -> Settings:
    return Settings(business_hours_timezone="America/Sao_Paulo")


def standing_app(house: object, identify: Identify | None = None, *, signed_in: bool = False) -> FastAPI:
    """The application over this house, until the next one is asked for; one after the other, never two at once.

    Who asks is this machine, or what `identify` says, or with `signed_in` whoever a session or a key names. What is
    looked at while it is built is as settings have it by default: whoever needs others builds one of their own.
    """
    tenancy, api = _built()
    tenancy.house = house
    tenancy.who = Identity(cast(Any, house)) if signed_in else identify or local_caller
    return api


@cache
def _built() -> tuple[_Tenancy, FastAPI]:
    tenancy = _Tenancy()
    return tenancy, create_app(cast(Any, tenancy), tenancy.identify)
