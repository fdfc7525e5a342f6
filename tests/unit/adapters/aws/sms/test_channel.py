from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from botocore import exceptions as of
from botocore.client import BaseClient
from botocore.parsers import ResponseParserError
from botocore.stub import Stubber

from disparo.adapters.aws.sms.channel import AwsSmsChannel, open_client
from disparo.adapters.aws.sms.credentials import parse
from disparo.domain.errors import InputError
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.template import Content
from disparo.ports.channel import Closes, HasAccount, LooksUp
from tests.unit.adapters.aws.sms.topic import MESSAGE, NOW, SECRET, Secrets, credentials

TAKEN = {"MessageId": "862a8790"}
REQUEST = {
    "DestinationPhoneNumber": "+5511999990000",
    "OriginationIdentity": "pool-0123456789",
    "MessageBody": "Oi, Ana! 🎉",
    "MessageType": "PROMOTIONAL",
    "ConfigurationSetName": "disparo",
    "TimeToLive": 3600,
    "Context": {"disparo_id": "3.1.57"},
}


@pytest.fixture(scope="module")
def client() -> BaseClient:
    """botocore's client, which has keys and reaches nobody."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        made: BaseClient = open_client(parse("mcp-sms-aws", SECRET), timeout_s=5.0, connections=2)
    return made


def sent(client: Any, secrets: Secrets | None = None, message: Any = MESSAGE, timeout_s: float = 5.0) -> Outcome:
    async def check() -> Outcome:
        channel = AwsSmsChannel(credentials(secrets), timeout_s=timeout_s, connections=2, client=lambda _: client)
        try:
            return await channel.send(message, NOW)
        finally:
            await channel.close()

    return asyncio.run(check())


def test_a_request_is_one_that_aws_knows_and_carries_our_id(client: BaseClient) -> None:
    with Stubber(client) as stub:
        stub.add_response("send_text_message", TAKEN, REQUEST)
        assert sent(client) == Outcome(True, "862a8790")
        protected = {"protect_configuration": "protect-1", "message_type": "TRANSACTIONAL", "time_to_live_s": "60"}
        more = {"ProtectConfigurationId": "protect-1", "MessageType": "TRANSACTIONAL", "TimeToLive": 60}
        stub.add_response("send_text_message", TAKEN, REQUEST | more)
        assert sent(client, Secrets(SECRET | protected)).accepted
        stub.assert_no_pending_responses()


REFUSALS = [
    ("ThrottlingException", {}, 400, FailureClass.THROTTLED, "provider_throttled"),
    ("ServiceQuotaExceededException", {}, 400, FailureClass.THROTTLED, "quota_reached"),
    (
        "ServiceQuotaExceededException",
        {"Reason": "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"},
        400,
        FailureClass.AUTH,
        "quota_reached",
    ),
    ("AccessDeniedException", {}, 400, FailureClass.AUTH, "credentials_refused"),
    ("AccessDeniedException", {"Reason": "ACCOUNT_DISABLED"}, 400, FailureClass.AUTH, "account_blocked"),
    ("ExpiredTokenException", {}, 403, FailureClass.AUTH, "credentials_refused"),
    ("ResourceNotFoundException", {"ResourceType": "pool"}, 400, FailureClass.AUTH, "sender_unusable"),
    ("ConflictException", {"Reason": "RESOURCE_NOT_ACTIVE"}, 400, FailureClass.AUTH, "sender_unusable"),
    (
        "ConflictException",
        {"Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT"},
        400,
        FailureClass.RECIPIENT,
        "opted_out",
    ),
    (
        "ConflictException",
        {"Reason": "DESTINATION_PHONE_NUMBER_NOT_VERIFIED"},
        400,
        FailureClass.PERMANENT,
        "recipient_not_verified",
    ),
    (
        "ValidationException",
        {"Reason": "DESTINATION_COUNTRY_BLOCKED"},
        400,
        FailureClass.RECIPIENT,
        "country_not_served",
    ),
    (
        "ValidationException",
        {"Reason": "FIELD_VALIDATION_FAILED", "Fields": [{"Name": "DestinationPhoneNumber", "Message": "+5511"}]},
        400,
        FailureClass.RECIPIENT,
        "address_unknown",
    ),
    (
        "ValidationException",
        {"Fields": [{"Name": "OriginationIdentity", "Message": "x"}]},
        400,
        FailureClass.AUTH,
        "sender_unusable",
    ),
    ("ValidationException", {"Reason": "OTHER"}, 400, FailureClass.PERMANENT, "message_refused"),
    ("InternalServerException", {}, 500, FailureClass.UNKNOWN, "provider_failed"),
    ("SomethingNewException", {}, 503, FailureClass.UNKNOWN, "provider_failed"),
    ("SomethingNewException", {}, 400, FailureClass.PERMANENT, "message_refused"),
    ("SomethingNewException", {}, 429, FailureClass.THROTTLED, "provider_throttled"),
    ("SomethingNewException", {}, 403, FailureClass.AUTH, "credentials_refused"),
]


@pytest.mark.parametrize(("code", "more", "status", "failure", "reason"), REFUSALS)
def test_each_refusal_is_an_outcome_that_names_nobody(
    client: BaseClient, code: str, more: dict[str, Any], status: int, failure: FailureClass, reason: str
) -> None:
    with Stubber(client) as stub:
        stub.add_client_error(
            "send_text_message", code, "number +5511999990000", status, modeled_fields=more, expected_params=REQUEST
        )
        outcome = sent(client)
    assert (outcome.accepted, outcome.failure, outcome.reason) == (False, failure, reason)
    assert code in outcome.detail
    assert "5511" not in outcome.detail


class Failing:
    """A client whose call ends with an error, or as a function does."""

    def __init__(self, end: Exception | Callable[[], Any]) -> None:
        self._end, self.closed = end, False

    def send_text_message(self, **_: Any) -> Any:
        """See the client of AWS."""
        if isinstance(self._end, Exception):
            raise self._end
        return self._end()

    def close(self) -> None:
        """See the client of AWS."""
        self.closed = True


@pytest.mark.parametrize(
    ("error", "failure", "reason"),
    [
        (of.EndpointConnectionError(endpoint_url="https://x"), FailureClass.TRANSIENT, "not_connected"),
        (of.ConnectTimeoutError(endpoint_url="https://x"), FailureClass.TRANSIENT, "not_connected"),
        (of.ProxyConnectionError(proxy_url="https://x"), FailureClass.TRANSIENT, "not_connected"),
        (
            of.SSLError(endpoint_url="https://x", error="CERTIFICATE_VERIFY_FAILED"),
            FailureClass.TRANSIENT,
            "not_connected",
        ),
        (of.SSLError(endpoint_url="https://x", error="EOF"), FailureClass.UNKNOWN, "no_answer"),
        (of.ReadTimeoutError(endpoint_url="https://x"), FailureClass.UNKNOWN, "no_answer"),
        (of.ConnectionClosedError(endpoint_url="https://x"), FailureClass.UNKNOWN, "no_answer"),
        (ResponseParserError("half a body"), FailureClass.UNKNOWN, "no_answer"),
        (of.NoCredentialsError(), FailureClass.AUTH, "credentials_refused"),
        (of.NoRegionError(), FailureClass.AUTH, "endpoint_wrong"),
        (of.ParamValidationError(report="+5511999990000"), FailureClass.PERMANENT, "bad_request"),
    ],
)
def test_only_what_surely_never_left_is_tried_again(error: Exception, failure: FailureClass, reason: str) -> None:
    outcome = sent(Failing(error))
    assert (outcome.failure, outcome.reason, outcome.detail) == (failure, reason, type(error).__name__)


def test_a_fault_of_ours_is_no_outcome() -> None:
    with pytest.raises(ZeroDivisionError):
        sent(Failing(ZeroDivisionError()))


def test_botocore_never_repeats_a_call(client: BaseClient) -> None:
    assert client.meta.config.retries["total_max_attempts"] == 1
    assert client.meta.region_name == "sa-east-1"


def test_what_is_too_long_is_not_even_asked() -> None:
    outcome = sent(Failing(ZeroDivisionError()), message=replace(MESSAGE, content=Content("a" * 1601)))
    assert (outcome.failure, outcome.reason) == (FailureClass.PERMANENT, "text_too_long")


def test_a_wrong_secret_sends_nothing_and_waits() -> None:
    outcome = sent(Failing(ZeroDivisionError()), Secrets({"region": "sa-east-1"}))
    assert (outcome.failure, outcome.reason) == (FailureClass.AUTH, "secret_unusable")


def test_a_call_that_does_not_end_is_given_up_in_doubt() -> None:
    from threading import Event

    hangs = Event()

    async def check() -> Outcome:
        channel = AwsSmsChannel(
            credentials(), timeout_s=0.05, connections=1, client=lambda _: Failing(lambda: hangs.wait(5) and TAKEN)
        )
        outcome = await channel.send(MESSAGE, NOW)
        hangs.set()
        await channel.close()
        return outcome

    outcome = asyncio.run(check())
    assert (outcome.failure, outcome.reason) == (FailureClass.UNKNOWN, "no_answer")


def test_it_says_who_it_is_and_lets_go_of_its_client() -> None:
    made: list[Failing] = []

    def client_of(_: object) -> Failing:
        made.append(Failing(lambda: TAKEN))
        return made[-1]

    async def check() -> None:
        numbered = Secrets(SECRET | {"origination_identity": "+5511400000000"})
        channel = AwsSmsChannel(credentials(numbered), timeout_s=1.0, connections=2, client=client_of)
        assert isinstance(channel, Closes)
        assert isinstance(channel, HasAccount)
        assert not isinstance(channel, LooksUp)
        assert await channel.account() == "+5511400000000"
        outcomes = await asyncio.gather(*(channel.send(MESSAGE, NOW) for _ in range(5)))
        assert all(one.accepted for one in outcomes)
        assert len(made) == 1
        await channel.close()
        assert made[0].closed
        assert await AwsSmsChannel(credentials(), timeout_s=1.0).account() is None

    asyncio.run(check())


def test_without_botocore_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("disparo.adapters.aws.sms.channel.find_spec", lambda _: None)
    with pytest.raises(InputError, match="disparo\\[aws\\]"):
        AwsSmsChannel(credentials(), timeout_s=1.0)


def test_what_no_thread_took_up_was_surely_not_sent() -> None:
    """Threads are at a silent AWS longer than a send may take: who waited behind them is not in doubt."""
    called, go = list[str](), Event()

    class Silent:
        def send_text_message(self, **request: Any) -> dict[str, str]:
            called.append(request["DestinationPhoneNumber"])
            go.wait(10)
            return TAKEN

        def close(self) -> None:
            pass

    async def check() -> list[Outcome]:
        channel = AwsSmsChannel(credentials(), timeout_s=0.2, connections=1, client=lambda _: Silent())
        try:
            return list(await asyncio.gather(*(channel.send(MESSAGE, NOW) for _ in range(3))))
        finally:
            go.set()
            await channel.close()

    outcomes = asyncio.run(check())
    assert [one.failure for one in outcomes] == [FailureClass.UNKNOWN, FailureClass.TRANSIENT, FailureClass.TRANSIENT]
    assert len(called) == 1
