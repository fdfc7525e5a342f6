"""WhatsApp's Cloud API, emulated: one business number, its service windows, and what comes back."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from secrets import token_hex
from typing import TYPE_CHECKING

from disparo.adapters.channels.sandbox.script import OPT_OUTS, Aftermath
from disparo.domain.policies.retry import FailureClass
from disparo.simulation.emulators.accounts import Accounts
from disparo.simulation.emulators.faults import Fault, FaultKind, FaultOrders
from disparo.simulation.emulators.plan import Plan
from disparo.simulation.emulators.posting import Manner, Post, Postman, later
from disparo.simulation.emulators.signing import meta_signature
from disparo.simulation.emulators.taken import TakenLog
from disparo.simulation.emulators.whatsapp_errors import ERRORS, OF_CLASS, UNDELIVERED
from disparo.simulation.emulators.whatsapp_requests import BadParameterError, Choice, WhatsappMessage, read_message
from disparo.simulation.emulators.whatsapp_webhooks import (
    Change,
    ChangeMaker,
    Person,
    choice_content,
    text_content,
    webhook,
)
from disparo.simulation.emulators.wire import Letter, Order, RefusedRequestError, Wire, faults_of_kind, taken_of

if TYPE_CHECKING:
    from aiohttp import web

WINDOW = timedelta(hours=24)
PAIR_EVERY = timedelta(seconds=6)
PAIR_AHEAD = 45
BY_PREFERENCE = 0.3
"""Of those who want no more after a template, how many use WhatsApp's own switch."""
TAPPED = 0.7
"""Of those who answer a message with choices, how many tap one."""
_OLD_ID = re.compile(r"55([3-9][0-9])9([0-9]{8})")
"""Brazilian numbers outside the area codes 11 to 28, whose WhatsApp id may lack the ninth digit."""


class WhatsappEmulator:
    """`Emulated`; webhooks go to `webhook_url`, posted to the postman's origin."""

    name = "whatsapp"
    knows_recipients = True
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
        self._changes = ChangeMaker(accounts.phone_number_id, accounts.display_number)
        self.postman: Postman[Change] = Postman(plan, self._pack, Manner(most=100, gather_s=0.02), origin)
        self._opened: dict[str, list[datetime]] = {}
        self._stopped: set[str] = set()
        self._ahead: dict[str, datetime] = {}
        self._second: deque[datetime] = deque()
        self._run, self._numbers = token_hex(4), count(1)

    # --- requests

    def read(self, request: web.Request, body: bytes) -> Order:
        """See `Emulated.read`."""
        bearer = request.headers.get("Authorization", "")
        if not hmac.compare_digest(bearer.encode("utf-8", "replace"), f"Bearer {self._accounts.whatsapp_key}".encode()):
            raise RefusedRequestError(self.error("190", "Invalid OAuth access token"))
        if request.match_info["number"] != self._accounts.phone_number_id:
            raise RefusedRequestError(self.error("33", "Object with this ID does not exist"))
        try:
            message = read_message(body)
            self._check(message)
        except BadParameterError as bad:
            raise RefusedRequestError(self.error(str(bad.code), bad.details)) from None
        references = () if message.opaque is None else (message.opaque,)
        return Order((Letter(message.to, message.text, references, message, kind=message.kind),))

    def _check(self, message: WhatsappMessage) -> None:
        now, key = self._clock(), _key(message.to)
        if key == self._accounts.display_number:
            raise BadParameterError(131021, "The recipient is the sender")
        if message.template is not None:
            self._check_template(message)
        elif self._plan.window and not self.window_open(message.to, now):
            raise BadParameterError(131047, "More than 24 hours have passed since the recipient last replied")
        self._check_pace(key, now)

    def _check_template(self, message: WhatsappMessage) -> None:
        known = self._plan.templates
        if known is None or message.template is None:
            return
        if message.template not in known:
            name, language = message.template
            raise BadParameterError(132001, f"template name ({name}) does not exist in {language}")
        wanted = known[message.template]
        if wanted is not None and wanted != message.parameters:
            told = f"body: number of localizable_params ({message.parameters}) does not match ({wanted})"
            raise BadParameterError(132000, told)

    def _check_pace(self, key: str, now: datetime) -> None:
        limits = self._plan.limits
        if limits.whatsapp_per_s is not None:
            while self._second and self._second[0] <= now - timedelta(seconds=1):
                self._second.popleft()
            if len(self._second) >= limits.whatsapp_per_s:
                raise BadParameterError(130429, "Cloud API message throughput has been reached.")
            self._second.append(now)
        if limits.whatsapp_pair:
            ahead = max(self._ahead.get(key, now), now)
            if ahead - now > PAIR_EVERY * (PAIR_AHEAD - 1):
                raise BadParameterError(131056, "Too many messages sent to the same recipient in a short time.")
            self._ahead[key] = ahead + PAIR_EVERY

    # --- answers

    def refusal(self, failure: FailureClass, chance: float) -> Wire:
        """See `Emulated.refusal`."""
        codes = OF_CLASS[failure]
        return self.error(str(codes[int(chance * len(codes))]))

    def error(self, code: str | None, details: str | None = None) -> Wire:
        """See `Emulated.error`."""
        number = int(code) if code and code.isdecimal() else 131000
        status, title = ERRORS.get(number, (400, "Unknown error"))
        error = {
            "message": f"(#{number}) {title}",
            "type": "OAuthException",
            "code": number,
            "error_data": {"messaging_product": "whatsapp", "details": details or title},
            "fbtrace_id": f"A{token_hex(10)}",
        }
        return Wire.json(status, {"error": error})

    def take(self, order: Order) -> Wire:
        """See `Emulated.take`."""
        letter = order.letters[0]
        wamid, person = self._wamid(letter.to), self.person(letter.to)
        self._log.add(taken_of(self.name, wamid, letter, self._clock()))
        if self.postman.posts:
            self._come_back(wamid, person, letter)
        contact = {"input": letter.to, **({"wa_id": person.wa_id or _key(letter.to)} if _is_number(letter.to) else {})}
        contact["user_id"] = person.user_id
        document = {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": wamid}]}
        if letter.kind == "template":
            document["messages"] = [{"id": wamid, "message_status": "accepted"}]
        return Wire.json(200, document)

    # --- what comes back

    def person(self, to: str) -> Person:
        """Someone, as WhatsApp knows them."""
        key, plan = _key(to), self._plan
        if not _is_number(to):
            return Person(None, to)
        user_id = f"BR.{int.from_bytes(key.encode(), 'big') % 10**20:020d}"
        if plan.withheld and plan.chance("withheld", key) < plan.withheld:
            return Person(None, user_id)
        old = _OLD_ID.fullmatch(key)
        if old is not None and plan.old_ids and plan.chance("old", key) < plan.old_ids:
            return Person(f"55{old[1]}{old[2]}", user_id)
        return Person(key, user_id)

    def window_open(self, to: str, now: datetime) -> bool:
        """Whether this person wrote within 24 hours."""
        return any(at <= now < at + WINDOW for at in self._opened.get(_key(to), ()))

    def hear(self, to: str, change: Change, after_s: float = 0.0, faults: Sequence[Fault] = ()) -> None:
        """A person writes, which opens the window; what goes wrong with webhooks goes wrong with this one, too."""
        for name in {_key(to), self.person(to).user_id}:
            self._opened.setdefault(name, []).append(self._clock() + timedelta(seconds=after_s))
        self.postman.push_all(f"heard {next(self._numbers)}", [(after_s, change)], faults)

    def write(self, to: str, text: str, answers: str | None = None) -> None:
        """Someone writes to the business number now."""
        now_s = int(self._clock().timestamp())
        change = self._changes.inbound(self._wamid(to), now_s, self.person(to), text_content(text), answers)
        self.hear(to, change)

    def _come_back(self, wamid: str, person: Person, letter: Letter) -> None:
        faults = self._faults.of_message(self.name, letter.to)
        opaque = letter.references[0] if letter.references else None
        key, begun_s = opaque or wamid, self._clock().timestamp()
        after = self._plan.aftermath(key)
        statuses = [
            (after_s, self._changes.status(wamid, status, int(begun_s + after_s), person, opaque, code))
            for after_s, status, code in self._stages(letter, key, after, faults)
        ]
        self.postman.push_all(key, statuses, faults)
        self._answer(wamid, person, letter, after, faults)

    def _stages(
        self, letter: Letter, key: str, after: Aftermath, faults: Sequence[Fault]
    ) -> list[tuple[float, str, int | None]]:
        forced = faults_of_kind(faults, FaultKind.UNDELIVERED)
        if letter.kind == "template" and _key(letter.to) in self._stopped:
            return [(0.0, "failed", 131050)]
        if forced is not None or after.failed_after is not None:
            return [(_seconds(after.failed_after), "failed", self._failure(forced, key))]
        stages: list[tuple[float, str, int | None]] = [(0.2 * self._plan.pace, "sent", None)]
        # "a delivered webhook may never come when the message was read at once"
        if after.read_after is None or self._plan.chance("delivered", key) >= 0.1:
            stages.append((_seconds(after.delivered_after), "delivered", None))
        if after.read_after is not None:
            stages.append((_seconds(after.read_after), "read", None))
        return stages

    def _failure(self, forced: Fault | None, key: str) -> int:
        if forced is not None and forced.code is not None and forced.code.isdecimal():
            return int(forced.code)
        return UNDELIVERED[int(self._plan.chance("undelivered", key) * len(UNDELIVERED))]

    def _answer(self, wamid: str, person: Person, letter: Letter, after: Aftermath, faults: Sequence[Fault]) -> None:
        told = faults_of_kind(faults, FaultKind.REPLY, FaultKind.OPT_OUT, FaultKind.COMPLAINT)
        chance = self._plan.chance("reply", letter.references or wamid)
        if told is not None:
            after_s, text, opting_out = told.seconds, told.text or "SAIR", told.kind is not FaultKind.REPLY
        elif after.reply_after is not None:
            after_s, text, opting_out = _seconds(after.reply_after), after.reply, after.reply in OPT_OUTS
        else:
            return
        at_s = int(self._clock().timestamp() + after_s)
        if opting_out and letter.kind == "template" and told is None and chance < BY_PREFERENCE:
            later(after_s, lambda: self._stopped.add(_key(letter.to)))
            self.postman.push_all(f"stop {wamid}", [(after_s, self._changes.preference(at_s, person, "stop"))], faults)
            return
        content, answers = text_content(text), wamid if told is not None or chance < 0.5 else None
        choice = _choice(letter.shape, text, None if told is not None or opting_out else chance)
        if choice is not None:
            content, answers = choice_content(choice), wamid
        change = self._changes.inbound(self._wamid(letter.to), at_s, person, content, answers)
        self.hear(letter.to, change, after_s, faults)

    def _wamid(self, to: str) -> str:
        number = next(self._numbers)
        return "wamid." + base64.urlsafe_b64encode(f"{_key(to)[-15:]} {self._run} {number}".encode()).decode()

    def _pack(self, changes: Sequence[Change]) -> Post:
        body = json.dumps(webhook(self._accounts.business_account_id, changes)).encode()
        signature = meta_signature(self._accounts.app_secret, body)
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature}
        return Post(self._url, headers, body)


def _choice(message: WhatsappMessage, text: str, chance: float | None) -> Choice | None:
    """What the person taps: what they were told to, else for most of those who may choose one of them."""
    if chance is not None and message.choices and chance < TAPPED:
        return message.choices[int(chance / TAPPED * len(message.choices))]
    return next((choice for choice in message.choices if text in (choice.id, choice.title)), None)


def _key(to: str) -> str:
    return to.removeprefix("+")


def _is_number(to: str) -> bool:
    return _key(to).isdecimal()


def _seconds(after: timedelta | None) -> float:
    return 0.0 if after is None else after.total_seconds()
