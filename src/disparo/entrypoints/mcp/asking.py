"""What cannot be undone is asked for twice: the second time with a token that the first answer gave."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from pydantic import BaseModel

from disparo.domain.errors import InputError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.principal import Principal
from disparo.ports.idempotency import Begun, Idempotency, KeptAnswer
from disparo.ports.sealing import Sealer, SealError

VALID_FOR = timedelta(minutes=10)

_REFUSED = (
    "confirmation: esta confirmação não vale aqui: venceu, já foi usada, o que aconteceria mudou, ou ela é de outro "
    "pedido (outros argumentos, outra ferramenta, outra pessoa); chame sem ela para saber o que aconteceria e receber "
    "outra"
)


class ConfirmationError(InputError):
    """The token is not one of ours for this very request, or is over, or was used."""

    def __init__(self) -> None:
        super().__init__(_REFUSED)


@dataclass(frozen=True, slots=True)
class Request:
    """What is confirmed: these arguments, of this tool, by this principal, who was told that this would happen."""

    principal: Principal
    tool: str
    wanted: BaseModel
    would: str

    @property
    def about(self) -> str:
        """What its token is sealed for."""
        plain = self.wanted.model_dump(mode="json", exclude={"confirmation"})
        parts = [self.principal.actor, self.tool, json.dumps(plain, sort_keys=True), self.would]
        return f"mcp {hashlib.sha256(json.dumps(parts).encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Confirmations:
    """Gives tokens and takes them, without keeping those that nobody uses.

    A token is sealed for its request, so that any process of the installation may take it. Where what would happen has
    become another thing meanwhile (more contacts, another time), it is void, too.
    """

    sealer: Sealer
    used: Idempotency

    def give(self, request: Request, now: datetime) -> tuple[str, datetime]:
        """A token for a request, and until when it is valid."""
        expires_at = now + VALID_FOR
        return self.sealer.seal(f"{token_hex(8)} {to_ms(expires_at)}", request.about), expires_at

    async def take(self, token: str, request: Request, now: datetime) -> str:
        """Use a token up: what tells this request from any other. ConfirmationError for one that is not valid."""
        try:
            name, _, expires_ms = self.sealer.open(token, request.about).partition(" ")
        except SealError:
            raise ConfirmationError from None
        if now >= from_ms(int(expires_ms)):
            raise ConfirmationError
        key, attempt = f"mcp confirmation {name}", token_hex(8)
        if not isinstance(await self.used.begin(key, request.about, attempt, now), Begun):
            raise ConfirmationError
        # At once: whether it is done or not, the token is used up, longer than it is valid.
        await self.used.finish(key, attempt, KeptAnswer(204, b""), now)
        return name
