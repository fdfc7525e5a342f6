"""Twilio's Messages, emulated: one account with a number and a messaging service, its opt-outs, and what comes back."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import uuid4

from disparo.adapters.channels.sandbox.script import Aftermath
from disparo.domain.policies.retry import FailureClass
from disparo.simulation.emulators.accounts import Accounts
from disparo.simulation.emulators.faults import Fault, FaultKind, FaultOrders
from disparo.simulation.emulators.plan import Plan
from disparo.simulation.emulators.posting import Manner, Post, Postman, later
from disparo.simulation.emulators.signing import twilio_signature
from disparo.simulation.emulators.taken import TakenLog
from disparo.simulation.emulators.twilio_errors import OF_CLASS, STATUSES, UNDELIVERED, WORDS
from disparo.simulation.emulators.twilio_requests import BadFormError, Sms, read_form, segments
from disparo.simulation.emulators.wire import Letter, Order, RefusedRequestError, Wire, faults_of_kind, taken_of

if TYPE_CHECKING:
    from aiohttp import web

API_VERSION = "2010-04-01"
STOP_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "SAIR", "PARAR"}
"""Twilio's own, and the two that a Brazilian messaging service adds."""
START_WORDS = {"START", "UNSTOP", "YES"}


@dataclass(frozen=True, slots=True)
class Told:
    """One webhook: its form, where it goes, and the token that stays the same when it is posted again."""

    url: str
    form: Mapping[str, str]
    token: str


class TwilioEmulator:
    """`Emulated`; what people write goes to `webhook_url`, statuses to each message's StatusCallback."""

    name = "twilio"
    knows_recipients = True

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
        self._senders = {"From": accounts.from_number, "MessagingServiceSid": accounts.messaging_service_sid}
        self.postman: Postman[Told] = Postman(plan, self._pack, Manner(again=1, refused_too=False), origin)
        self._stopped: set[str] = set()
        self.at_once = plan.limits.twilio_at_once

    # --- requests

    def read(self, request: web.Request, body: bytes) -> Order:
        """See `Emulated.read`."""
        self._check_login(request)
        if request.content_type != "application/x-www-form-urlencoded":
            raise RefusedRequestError(self.error("20001", "The request must be application/x-www-form-urlencoded"))
        try:
            sms = read_form(body, self._senders)
        except BadFormError as bad:
            raise RefusedRequestError(self.error(str(bad.code), bad.message)) from None
        if sms.to in self._stopped:
            raise RefusedRequestError(self.error("21610"))
        return Order((Letter(sms.to, sms.body, sms.references, sms, kind="sms"),))

    def _check_login(self, request: web.Request) -> None:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        try:
            login = base64.b64decode(value, validate=True) if scheme == "Basic" else b""
        except (binascii.Error, ValueError):
            login = b""
        if not hmac.compare_digest(login, f"{self._accounts.account_sid}:{self._accounts.auth_token}".encode()):
            raise RefusedRequestError(self.error("20003"))
        if request.match_info["account"] != self._accounts.account_sid:
            raise RefusedRequestError(self.error("20404"))

    # --- answers

    def refusal(self, failure: FailureClass, chance: float) -> Wire:
        """See `Emulated.refusal`."""
        codes = OF_CLASS[failure]
        return self.error(str(codes[int(chance * len(codes))]))

    def error(self, code: str | None, message: str | None = None) -> Wire:
        """See `Emulated.error`."""
        number = int(code) if code and code.isdecimal() else 20500
        status = STATUSES.get(number, 400)
        document = {
            "code": number,
            "message": message or WORDS.get(number, "Error"),
            "more_info": f"https://www.twilio.com/docs/errors/{number}",
            "status": status,
        }
        return Wire.json(status, document)

    def take(self, order: Order) -> Wire:
        """See `Emulated.take`."""
        letter, now = order.letters[0], self._clock()
        sms: Sms = letter.shape
        sid = f"SM{token_hex(16)}"
        self._log.add(taken_of(self.name, sid, letter, now))
        if self.postman.posts:
            self._come_back(sid, letter)
        account = self._accounts.account_sid
        uri = f"/{API_VERSION}/Accounts/{account}/Messages/{sid}"
        at = format_datetime(now)
        document = {
            "account_sid": account,
            "api_version": API_VERSION,
            "body": sms.body,
            "date_created": at,
            "date_sent": None,
            "date_updated": at,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": sms.sender,
            "messaging_service_sid": sms.service,
            "num_media": "0",
            "num_segments": "0" if sms.service else str(segments(sms.body)),
            "price": None,
            "price_unit": None,
            "sid": sid,
            "status": "accepted" if sms.service else "queued",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": sms.to,
            "uri": f"{uri}.json",
        }
        return Wire.json(201, document)

    # --- what comes back

    def write(self, number: str, text: str) -> None:
        """Someone writes to the account's number now; STOP and START change what may be sent to them."""
        self._hear(number, text, 0.0)

    def _come_back(self, sid: str, letter: Letter) -> None:
        faults, key = self._faults.of_message(self.name, letter.to), letter.references[0] if letter.references else sid
        after, sms = self._plan.aftermath(key), letter.shape
        if sms.status_callback is not None:
            stages = self._stages(key, after, faults)
            told = [(after_s, self._status(sid, sms, status, code)) for after_s, status, code in stages]
            self.postman.push_all(key, told, faults)
        answer = faults_of_kind(faults, FaultKind.REPLY, FaultKind.OPT_OUT, FaultKind.COMPLAINT)
        if answer is not None:
            self._hear(letter.to, answer.text or "STOP", answer.seconds, faults)
        elif after.reply_after is not None:
            self._hear(letter.to, after.reply, after.reply_after.total_seconds(), faults)

    def _stages(self, key: str, after: Aftermath, faults: Sequence[Fault]) -> list[tuple[float, str, int | None]]:
        forced = faults_of_kind(faults, FaultKind.UNDELIVERED)
        sent = (0.2 * self._plan.pace, "sent", None)
        if forced is not None or after.failed_after is not None:
            code = UNDELIVERED[int(self._plan.chance("undelivered", key) * len(UNDELIVERED))]
            if forced is not None and forced.code and forced.code.isdecimal():
                code = int(forced.code)
            failed_s = 0.0 if after.failed_after is None else after.failed_after.total_seconds()
            return [sent, (max(failed_s, sent[0]), "undelivered", code)]
        delivered_s = 0.0 if after.delivered_after is None else after.delivered_after.total_seconds()
        return [sent, (max(delivered_s, sent[0]), "delivered", None)]

    def _status(self, sid: str, sms: Sms, status: str, code: int | None) -> Told:
        form = {
            **self._named(sid),
            "MessageStatus": status,
            "SmsStatus": status,
            "To": sms.to,
            "From": sms.sender or self._accounts.from_number,
        }
        if sms.service:
            form["MessagingServiceSid"] = sms.service
        if code is not None:
            form["ErrorCode"] = str(code)
        return Told(sms.status_callback or "", form, str(uuid4()))

    def _hear(self, number: str, text: str, after_s: float, faults: Sequence[Fault] = ()) -> None:
        form = {
            **self._named(f"SM{token_hex(16)}"),
            "SmsStatus": "received",
            "From": number,
            "To": self._accounts.from_number,
            "Body": text,
            "NumMedia": "0",
            "NumSegments": str(segments(text)),
            "FromCountry": "BR" if number.startswith("+55") else "US",
            "ToCountry": "US",
        }
        form["SmsMessageSid"] = form["MessageSid"]
        word = text.strip().upper()
        if word in STOP_WORDS:
            form["OptOutType"] = "STOP"
            later(after_s, lambda: self._stopped.add(number))
        elif word in START_WORDS:
            form["OptOutType"] = "START"
            later(after_s, lambda: self._stopped.discard(number))
        self.postman.push_all(f"heard {form['MessageSid']}", [(after_s, Told(self._url, form, str(uuid4())))], faults)

    def _named(self, sid: str) -> dict[str, str]:
        return {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": self._accounts.account_sid,
            "ApiVersion": API_VERSION,
        }

    def _pack(self, told: Sequence[Told]) -> Post:
        one = told[0]
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "X-Twilio-Signature": twilio_signature(self._accounts.auth_token, one.url, one.form),
            "I-Twilio-Idempotency-Token": one.token,
        }
        return Post(one.url, headers, urlencode(one.form).encode())
