"""Requests of one account to one CalDAV server."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from disparo.adapters.calendars.caldav.credentials import CaldavCredentials
from disparo.adapters.calendars.caldav.faults import CaldavFaultError, of_answer
from disparo.adapters.calendars.caldav.xml import Multistatus, XmlError, multistatus
from disparo.adapters.http_exchange import Answer, HttpExchange
from disparo.domain.message import Outcome

MOST_OF_AN_ANSWER = 16 * 1024 * 1024
"""Bytes of an answer: some twenty thousand events."""

_HOPS = 3
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


class Session:
    """An account's requests; CaldavFaultError for whatever comes to nothing.

    Our password goes to the server that the secret names only, also where an answer points elsewhere.
    """

    def __init__(self, exchange: HttpExchange, account: CaldavCredentials) -> None:
        self._exchange, self.account = exchange, account

    async def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """What the server answered, whatever it was."""
        if _origin(url) != _origin(self.account.url):
            raise CaldavFaultError("elsewhere", f"points to {urlsplit(url).hostname}", auth=True)
        own = {"Authorization": self.account.authorization, "User-Agent": "disparo"}
        answer = await self._exchange.request(method, url, headers={**own, **headers}, data=body)
        if isinstance(answer, Outcome):
            raise CaldavFaultError(answer.reason, answer.detail)
        if len(answer.body) >= MOST_OF_AN_ANSWER:
            raise CaldavFaultError("answer_too_large")
        return answer

    async def told(self, method: str, url: str, body: bytes, *, depth: int) -> Multistatus:
        """The multistatus by which the server answered; it may have sent us to another address of its own first."""
        headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": str(depth)}
        for _ in range(_HOPS):
            answer = await self.request(method, url, headers, body)
            target = answer.headers.get("Location", "")
            if answer.status not in _REDIRECTS or not target:
                break
            url = urljoin(url, target)
        if answer.status != 207:
            raise of_answer(answer)
        try:
            return multistatus(answer.body, url)
        except XmlError as error:
            raise CaldavFaultError("answer_unknown", str(error), status=207) from None


def _origin(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or {"https": 443}.get(parts.scheme, 80)
    except ValueError:
        return "", "", 0
