"""OpenID Connect: the authorization code flow with PKCE (OpenID Connect Core 1.0; RFC 7636; RFC 9700)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from disparo.adapters.http_exchange import Answer, HttpExchange
from disparo.ports.identity_provider import Identity, IdentityError, Journey
from disparo.ports.secrets import Secrets

if TYPE_CHECKING:
    from jwt import PyJWK

ALGORITHMS = ("RS256", "ES256")
"""What a token may be signed with: never by a secret that both sides have, never not at all."""
_LEEWAY = timedelta(seconds=60)
_BELIEVED_FOR_S = 3600.0
"""How long the provider's description and its keys are believed."""
_KEYS_AGAIN_S = 30.0
"""How soon keys may be asked for again, as a token names one that we do not know: who makes up tokens asks nothing."""
_LONGEST_TOKEN = 20_000
_LONGEST = 300


class OidcProvider:
    """`IdentityProvider` at one issuer. `secret` names where our `client_secret` is; without one we are public.

    `role_claim` names the claim with roles or groups, dots lead inside it.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        *,
        scopes: Sequence[str],
        role_claim: str,
        secrets: Secrets | None = None,
        secret: str | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        self._issuer, self._client_id, self._scopes, self._role_claim = issuer, client_id, scopes, role_claim
        self._secrets, self._secret = secrets, secret
        self._http = HttpExchange(timeout_s=timeout_s, connections=10)
        self._described: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, Mapping[str, PyJWK]] | None = None

    async def way_there(self, journey: Journey) -> str:
        """See `IdentityProvider.way_there`."""
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": journey.return_to,
            "scope": " ".join(self._scopes),
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": _challenge(journey.verifier),
            "code_challenge_method": "S256",
        }
        address = await self._address("authorization_endpoint")
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    async def who(self, journey: Journey, code: str, now: datetime) -> Identity:
        """See `IdentityProvider.who`."""
        token = (await self._exchanged(journey, code)).get("id_token")
        if not isinstance(token, str) or len(token) > _LONGEST_TOKEN:
            raise IdentityError("o provedor não mandou um id_token")
        claims = await self._claims(token)
        self._check(claims, journey, now)
        return self._identity(claims)

    async def close(self) -> None:
        """End the connections."""
        await self._http.close()

    async def _exchanged(self, journey: Journey, code: str) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": journey.return_to,
            "code_verifier": journey.verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if self._secrets is not None and self._secret is not None:
            secret = (await self._secrets.get(self._secret)).get("client_secret", "")
            # RFC 6749, section 2.3.1: both are written as in a form first.
            basic = f"{quote(self._client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(basic.encode()).decode()}"
        else:
            form["client_id"] = self._client_id
        address = await self._address("token_endpoint")
        return await self._json("POST", address, headers, urlencode(form).encode())

    async def _claims(self, token: str) -> Mapping[str, Any]:
        import jwt

        try:
            head = jwt.get_unverified_header(token)
            key = await self._key(str(head.get("kid", "")), str(head.get("alg", "")))
            # Times are compared by us, to the installation's clock.
            found: Mapping[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._client_id,
                issuer=self._issuer,
                leeway=_LEEWAY,
                options={
                    "require": ["exp", "iat", "sub", "aud", "iss"],
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.PyJWTError as error:
            raise IdentityError(f"o id_token do provedor não vale ({type(error).__name__})") from None
        return found

    def _check(self, claims: Mapping[str, Any], journey: Journey, now: datetime) -> None:
        """What is beyond the signature (OpenID Connect Core 1.0, section 3.1.3.7)."""
        at = now.timestamp()
        times = [claims["exp"], claims["iat"], claims.get("nbf", 0)]
        if any(isinstance(one, bool) or not isinstance(one, int | float) for one in times):
            raise IdentityError("o id_token do provedor não diz até quando vale")
        leeway = _LEEWAY.total_seconds()
        if at >= times[0] + leeway or max(times[1:]) > at + leeway:
            raise IdentityError("o id_token do provedor não vale agora; confira os relógios")
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), journey.nonce.encode()):
            raise IdentityError("o id_token do provedor não é desta entrada")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self._client_id:
            raise IdentityError("o id_token do provedor é de outro programa")

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        email, name = claims.get("email"), claims.get("name")
        return Identity(
            subject=f"{self._issuer}|{str(claims['sub'])[:_LONGEST]}",
            email=email if isinstance(email, str) else None,
            verified=claims.get("email_verified") in (True, "true"),  # some providers write it as text
            name=str(name)[:_LONGEST] if isinstance(name, str) else "",
            roles=_values(claims, self._role_claim),
        )

    async def _key(self, key_id: str, algorithm: str) -> PyJWK:
        if algorithm not in ALGORITHMS:
            raise IdentityError(f"o id_token do provedor não é assinado com {' nem '.join(ALGORITHMS)}")
        now = asyncio.get_running_loop().time()
        age = _BELIEVED_FOR_S if self._keys is None else now - self._keys[0]
        known = {} if self._keys is None else self._keys[1]
        if not 0 <= age < _BELIEVED_FOR_S or (key_id not in known and age >= _KEYS_AGAIN_S):
            known = await self._read_keys()
            self._keys = (now, known)
        found = known.get(key_id) if key_id or len(known) != 1 else next(iter(known.values()))
        if found is None:
            raise IdentityError("o id_token do provedor tem uma chave que ele não publica")
        return found

    async def _read_keys(self) -> Mapping[str, PyJWK]:
        from jwt import PyJWK, PyJWTError

        keys: dict[str, PyJWK] = {}
        document = await self._json("GET", await self._address("jwks_uri"), {"Accept": "application/json"})
        listed = document.get("keys")
        for one in listed[:100] if isinstance(listed, list) else []:
            if not isinstance(one, dict) or one.get("use", "sig") != "sig" or one.get("kty") not in ("RSA", "EC"):
                continue
            try:
                # The key's own algorithm wins over what a token claims.
                keys[str(one.get("kid", ""))] = PyJWK.from_dict(one, "RS256" if one["kty"] == "RSA" else "ES256")
            except PyJWTError:
                continue
        return keys

    async def _address(self, name: str) -> str:
        now = asyncio.get_running_loop().time()
        if self._described is None or not 0 <= now - self._described[0] < _BELIEVED_FOR_S:
            address = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
            described = await self._json("GET", address, {"Accept": "application/json"})
            if described.get("issuer") != self._issuer:
                raise IdentityError("oidc_issuer: o provedor se chama de outro nome; escreva como ele em issuer")
            self._described = (now, described)
        found = self._described[1].get(name)
        if not isinstance(found, str) or urlsplit(found).scheme not in ("https", urlsplit(self._issuer).scheme):
            raise IdentityError(f"o provedor não diz, ou não com https, o seu {name}")
        return found

    async def _json(
        self, method: str, address: str, headers: Mapping[str, str], data: bytes | None = None
    ) -> Mapping[str, Any]:
        answer = await self._http.request(method, address, headers=headers, data=data)
        document = answer.json() if isinstance(answer, Answer) else None
        if not isinstance(answer, Answer) or answer.status != 200 or not isinstance(document, dict):
            how = f"{answer.status}" if isinstance(answer, Answer) else str(answer.reason)
            raise IdentityError(f"o provedor de contas não respondeu como devia ({how}); tente de novo")
        return document


def _challenge(verifier: str) -> str:
    """Of a verifier, as RFC 7636, section 4.2, makes it."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _values(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    """A claim's texts; a name with dots in it is looked for whole, then step by step."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for step in path.split("."):
            found = found.get(step) if isinstance(found, dict) else None
    listed = found if isinstance(found, list) else [found]
    return frozenset(one for one in listed if isinstance(one, str))
