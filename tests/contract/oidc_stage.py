"""An OpenID Connect provider of our own on this machine: real HTTP, real keys, and every way to get it wrong."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

CLIENT, SECRET = "disparo", "segredo com : e %"
ANA: Mapping[str, Any] = {
    "sub": "ana-1",
    "email": "Ana@exemplo.com.br",
    "email_verified": True,
    "name": "Ana Souza",
    "realm_access": {"roles": ["disparo-operators", "outra"]},
}


@dataclass
class Provider:
    """Knows one person, `claims`; `change` spoils the next tokens, `header` what they say of themselves."""

    now: datetime
    issuer: str = ""
    secret: str | None = SECRET
    claims: Mapping[str, Any] = field(default_factory=lambda: dict(ANA))
    change: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    discovery: Mapping[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    key: Any = None
    key_id: str = "k1"

    def __post_init__(self) -> None:
        self.turn_keys("RS256")

    def turn_keys(self, algorithm: str) -> None:
        """Another key, under another name, of this algorithm from now on."""
        self.algorithm, self.key_id = algorithm, token_hex(4)
        if algorithm == "RS256":
            self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        else:
            self.key = ec.generate_private_key(ec.SECP256R1())

    def visit(self, address: str) -> tuple[str, str]:
        """Somebody follows the address and signs in: the state and the code that they bring back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (query["response_type"], query["client_id"]) == ("code", CLIENT)
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = token_hex(8)
        self.codes[code] = query
        return query["state"], code

    def token(self, query: Mapping[str, str]) -> str:
        """An id_token for who came by this query."""
        at = int(self.now.timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": at,
            "exp": at + 300,
            "nonce": query["nonce"],
            **self.claims,
            **self.change,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"kid": self.key_id, **self.header}
        return jwt.encode(claims, self.key, self.header.get("alg", self.algorithm), headers=header)

    def keys(self) -> dict[str, Any]:
        """What is published."""
        made = RSAAlgorithm if self.algorithm == "RS256" else ECAlgorithm
        public = json.loads(made.to_jwk(self.key.public_key()))
        other = {"kty": "oct", "kid": "shared", "k": "c2VjcmV0", "alg": "HS256"}
        return {"keys": [{"kty": "nonsense"}, other, {**public, "kid": self.key_id, "use": "sig"}]}

    async def describe(self, _: web.Request) -> web.Response:
        """`/.well-known/openid-configuration`."""
        self.asked.append("description")
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?kc=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return web.json_response({**found, **self.discovery})

    async def publish(self, _: web.Request) -> web.Response:
        """The keys."""
        self.asked.append("keys")
        return web.json_response(self.keys())

    async def exchange(self, request: web.Request) -> web.Response:
        """A code for a token: once, for our client, by who can prove that it was they who left."""
        self.asked.append("token")
        form = await request.post()
        query = self.codes.pop(str(form.get("code")), None)
        verifier = str(form.get("code_verifier", ""))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        known = query is not None and query["code_challenge"] == challenge
        if not known or query is None or query["redirect_uri"] != form.get("redirect_uri") or not self._is_us(request):
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"id_token": self.token(query), "token_type": "Bearer", "access_token": "x"})

    def _is_us(self, request: web.Request) -> bool:
        if self.secret is None:
            return "authorization" not in request.headers
        basic = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        return [unquote(part) for part in basic.split(":")] == [CLIENT, self.secret]


@asynccontextmanager
async def provider(now: datetime, **options: Any) -> AsyncIterator[Provider]:
    """A provider that answers on a free port."""
    one = Provider(now, **options)
    app = web.Application()
    app.router.add_get("/realms/x/.well-known/openid-configuration", one.describe)
    app.router.add_get("/realms/x/keys", one.publish)
    app.router.add_post("/realms/x/token", one.exchange)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    one.issuer = f"http://{host}:{port}/realms/x"
    try:
        yield one
    finally:
        await runner.cleanup()
