"""SendGrid's Mail Send and event webhook, emulated: one account, its suppressions, and what comes back.

A person who wants no more is told in the three ways that there are: the unsubscribe event, the spam report, and the
mailbox's own one-click request to the address in List-Unsubscribe (RFC 8058). Answers by e-mail go to mailboxes, which
this does not emulate.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from secrets import token_hex, token_urlsafe
from typing import TYPE_CHECKING, Any, TypeAlias

from disparo.domain.policies.retry import FailureClass
from disparo.simulation.emulators.accounts import Accounts
from disparo.simulation.emulators.faults import Fault, FaultKind, FaultOrders
from disparo.simulation.emulators.plan import Plan
from disparo.simulation.emulators.posting import Manner, Post, Postman, later
from disparo.simulation.emulators.sendgrid_requests import MOST_BYTES, Mail, read_mails
from disparo.simulation.emulators.sendgrid_settings import BadMailError
from disparo.simulation.emulators.taken import TakenLog
from disparo.simulation.emulators.wire import Letter, Order, RefusedRequestError, Wire, faults_of_kind, taken_of

if TYPE_CHECKING:
    from aiohttp import web

Event: TypeAlias = Mapping[str, Any]

OF_CLASS: dict[FailureClass, tuple[int, ...]] = {
    FailureClass.RECIPIENT: (400,),
    FailureClass.PERMANENT: (400, 413),
    FailureClass.TRANSIENT: (503, 500),
    FailureClass.THROTTLED: (429,),
    FailureClass.AUTH: (401, 403),
    FailureClass.UNKNOWN: (500,),
}
"""What the plan answers for each class; a 5xx proves nothing, whether it was taken or not."""

_WORDS = {
    400: ("Bad Request", None),
    401: ("The provided authorization grant is invalid, expired, or revoked", None),
    403: ("The from address does not match a verified Sender Identity.", "from"),
    404: ("not found", None),
    405: ("method not allowed", None),
    413: ("content too large", None),
    429: ("too many requests", None),
    500: ("internal error", None),
    503: ("service unavailable", None),
}
_BOUNCES = {
    "bounce": {"type": "bounce", "reason": "550 5.1.1 The email account does not exist", "status": "5.1.1"},
    "blocked": {"type": "blocked", "reason": "421 4.7.0 too many connections", "status": "4.7.0"},
}


class SendgridEmulator:
    """`Emulated`; events go to `webhook_url`, posted to the postman's origin."""

    name = "sendgrid"
    knows_recipients = False
    at_once: int | None = None

    def __init__(
        self,
        plan: Plan,
        accounts: Accounts,
        faults: FaultOrders,
        log: TakenLog,
        clock: Callable[[], datetime],
        webhook_url: str | None,
        origin: str | None,
    ) -> None:
        self._plan, self._accounts, self._faults, self._log, self._clock = plan, accounts, faults, log, clock
        self._url = webhook_url or ""
        self.postman: Postman[Event] = Postman(plan, self._pack, Manner(most=500, gather_s=0.1), origin)
        self.mailboxes: Postman[Post] = Postman(plan, lambda posts: posts[0], Manner(again=1), origin)
        self._suppressed: dict[str, str] = {}
        self._minute, self._used = 0, 0

    # --- requests

    def read(self, request: web.Request, body: bytes) -> Order:
        """See `Emulated.read`."""
        bearer = request.headers.get("Authorization", "")
        if not hmac.compare_digest(bearer.encode("utf-8", "replace"), f"Bearer {self._accounts.sendgrid_key}".encode()):
            raise RefusedRequestError(self.error("401"))
        if request.content_type != "application/json":
            raise RefusedRequestError(_errors(415, "Content-Type should be application/json.", None))
        if len(body) > MOST_BYTES:
            raise RefusedRequestError(self.error("413"))
        self._check_pace()
        try:
            asked = read_mails(body, self._clock().timestamp())
        except BadMailError as bad:
            raise RefusedRequestError(_errors(400, bad.message, bad.field)) from None
        if asked.sender.lower() != self._accounts.from_email:
            raise RefusedRequestError(self.error("403"))
        if asked.sandbox:
            raise RefusedRequestError(Wire(200))
        return Order(tuple(_letter(mail) for mail in asked.mails))

    def _check_pace(self) -> None:
        most, minute = self._plan.limits.sendgrid_per_minute, int(self._clock().timestamp() // 60)
        if most is None:
            return
        if minute != self._minute:
            self._minute, self._used = minute, 0
        if self._used >= most:
            raise RefusedRequestError(self.error("429"))
        self._used += 1

    # --- answers

    def refusal(self, failure: FailureClass, chance: float) -> Wire:
        """See `Emulated.refusal`."""
        codes = OF_CLASS[failure]
        return self.error(str(codes[int(chance * len(codes))]))

    def error(self, code: str | None) -> Wire:
        """See `Emulated.error`; codes are HTTP statuses."""
        status = int(code) if code and code.isdecimal() else 500
        message, field = _WORDS.get(status, ("error", None))
        if status != 429:
            return _errors(status, message, field)
        now_s, most = int(self._clock().timestamp()), self._plan.limits.sendgrid_per_minute
        reset_s = (now_s // 60 + 1) * 60 if most is not None else now_s + 2
        limits = {"Limit": most or 600, "Remaining": 0, "Reset": reset_s}
        return _errors(429, message, field, {f"X-RateLimit-{name}": str(value) for name, value in limits.items()})

    def take(self, order: Order) -> Wire:
        """See `Emulated.take`."""
        message_id, now = token_urlsafe(16), self._clock()
        for number, letter in enumerate(order.letters):
            sg_message_id = f"{message_id}.recvd-{token_hex(4)}-{number}.0"
            self._log.add(taken_of(self.name, sg_message_id, letter, now))
            if self.postman.posts:
                self._come_back(sg_message_id, letter, now.timestamp())
        return Wire(202, headers={"X-Message-Id": message_id})

    # --- what comes back

    def _come_back(self, sg_message_id: str, letter: Letter, now_s: float) -> None:
        faults = self._faults.of_message(self.name, letter.to)
        key = letter.references[0] if letter.references else sg_message_id
        events = [
            (after_s, self._event(sg_message_id, letter, kind, now_s + after_s, details))
            for after_s, kind, details in self._course(letter, key, faults)
        ]
        self.postman.push_all(key, events, faults)
        if faults_of_kind(faults, FaultKind.OPT_OUT) is None and self._clicks(letter, key):
            self._click(letter.shape, self._plan.aftermath(key).reply_after)

    def _course(self, letter: Letter, key: str, faults: Sequence[Fault]) -> list[tuple[float, str, Mapping[str, Any]]]:
        plan, address = self._plan, letter.to.lower()
        if (reason := self._suppressed.get(address)) is not None:
            return [(0.1 * plan.pace, "dropped", {"reason": reason, "status": "5.0.0"})]
        after, processed_s = plan.aftermath(key), 0.1 * plan.pace
        found: list[tuple[float, str, Mapping[str, Any]]] = [(processed_s, "processed", {"send_at": 0})]
        forced = faults_of_kind(faults, FaultKind.UNDELIVERED)
        if forced is not None or after.failed_after is not None or plan.absent(letter.to):
            failed_s = processed_s if after.failed_after is None else after.failed_after.total_seconds()
            return [*found, (failed_s, *self._failure(address, forced, key))]
        delivered_s = 0.0 if after.delivered_after is None else after.delivered_after.total_seconds()
        if plan.chance("deferred", key) < plan.deferred:
            told = {"response": "400 try again later", "attempt": "1"}
            found.append(((processed_s + delivered_s) / 2, "deferred", told))
        found.append((delivered_s, "delivered", {"response": "250 OK"}))
        if after.read_after is not None:
            machine = plan.chance("open", key) < 0.3
            opened = {"useragent": "Mozilla/5.0", "ip": "203.0.113.7", "sg_machine_open": machine}
            found.append((after.read_after.total_seconds(), "open", opened))
        if (end := self._ending(key, faults)) is not None:
            reply_s = 0.0 if after.reply_after is None else after.reply_after.total_seconds()
            found.append((reply_s, end, {}))
            reason = "Spam Reporting Address" if end == "spamreport" else "Unsubscribed Address"
            later(reply_s, lambda: self._suppressed.update({address: reason}))
        return found

    def _failure(self, address: str, forced: Fault | None, key: str) -> tuple[str, Mapping[str, Any]]:
        hard = self._plan.absent(address) or self._plan.chance("bounce", key) < 0.5
        kind = forced.code if forced is not None and forced.code else ("bounce" if hard else "blocked")
        if kind in _BOUNCES:
            if kind == "bounce":
                self._suppressed[address] = "Bounced Address"
            return "bounce", {**_BOUNCES[kind], "tls": 1, "ip": "203.0.113.7"}
        return ("dropped", {"reason": "Invalid", "status": "5.0.0"}) if kind == "dropped" else (kind, {})

    def _ending(self, key: str, faults: Sequence[Fault]) -> str | None:
        told = faults_of_kind(faults, FaultKind.OPT_OUT, FaultKind.COMPLAINT)
        if told is not None:
            return "spamreport" if told.kind is FaultKind.COMPLAINT else "unsubscribe"
        chance = self._plan.chance("ending", key)
        if not self._plan.opts_out(key) or chance >= 2 / 3:
            return None
        return "spamreport" if chance < 1 / 3 else "unsubscribe"

    def _clicks(self, letter: Letter, key: str) -> bool:
        return self._plan.opts_out(key) and self._plan.chance("ending", key) >= 2 / 3 and letter.shape is not None

    def _click(self, mail: Mail, after: Any) -> None:
        url = mail.headers.get("List-Unsubscribe", "").strip("<> ")
        if url.startswith(("http://", "https://")) and "List-Unsubscribe-Post" in mail.headers:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            self.mailboxes.push(Post(url, form, b"List-Unsubscribe=One-Click"), after.total_seconds() if after else 0.0)

    def _event(
        self, sg_message_id: str, letter: Letter, kind: str, at_s: float, details: Mapping[str, Any]
    ) -> dict[str, Any]:
        smtp_id = letter.shape.headers.get("Message-ID") or f"<{sg_message_id.partition('.')[0]}@ismtpd-1>"
        return {
            **letter.shape.custom_args,
            "email": letter.to,
            "event": kind,
            "sg_event_id": token_urlsafe(24),
            "sg_message_id": sg_message_id,
            "smtp-id": smtp_id,
            "timestamp": int(at_s),
            **details,
        }

    def _pack(self, events: Sequence[Event]) -> Post:
        # CR LF between the events and at the end, as in the signed examples: whoever strips them breaks the signature.
        body = b"[" + b",\r\n".join(json.dumps(event).encode() for event in events) + b"]\r\n"
        timestamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json;charset=utf-8",
            "X-Twilio-Email-Event-Webhook-Signature": self._accounts.signer.signature(timestamp, body),
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        }
        return Post(self._url, headers, body)


def _letter(mail: Mail) -> Letter:
    return Letter(mail.to, mail.text, tuple(mail.custom_args.values()), mail, mail.subject, mail.html, "email")


def _errors(status: int, message: str, field: str | None, headers: Mapping[str, str] | None = None) -> Wire:
    return Wire.json(status, {"errors": [{"message": message, "field": field}]}, headers)
