"""`DynamoTables` before a client that answers by script, with botocore's own errors."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    ReadTimeoutError,
)

from disparo.adapters.aws.dynamo import DynamoTables
from disparo.adapters.aws.dynamo_calls import TRIES
from disparo.adapters.aws.tables import (
    ABSENT,
    CONTROL,
    LEDGER,
    TOKEN,
    Change,
    ConditionFailedError,
    Delete,
    Put,
    Tables,
    Update,
)
from disparo.domain.errors import StoreError

KEY = {"pk": "a", "sk": "1"}
WIRE_KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}
LOST = ReadTimeoutError(endpoint_url="https://dynamodb")
T = TypeVar("T")
Said = dict[str, Any] | Exception | Callable[[dict[str, Any]], Any]


class ScriptedClient:
    """Answers each call with the next line of its script, or with what the line makes of the request.

    With an `order` of operations, which threads may call in any, each gets the line in its place.
    """

    def __init__(self, *script: Said) -> None:
        self.script = list(script)
        self.order: tuple[str, ...] = ()
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        def method(**request: Any) -> dict[str, Any]:
            self.calls.append((operation, request))
            said = self.script[self.order.index(operation)] if self.order else self.script.pop(0)
            answer = said(request) if callable(said) else said
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, dict)
            return answer

        return method


def answered(code: str, **more: Any) -> ClientError:
    """The error of a service's answer."""
    return ClientError({"Error": {"Code": code, "Message": code}, **more}, "Operation")


def cancelled(*reasons: str) -> ClientError:
    """A transaction that was cancelled, with the reason of each of its items."""
    return answered("TransactionCanceledException", CancellationReasons=[{"Code": reason} for reason in reasons])


def told(client: ScriptedClient, story: Callable[[Tables], Awaitable[T]]) -> T:
    """Run a story on a scripted client, without waiting between tries."""

    async def run() -> T:
        with ThreadPoolExecutor(4) as pool:
            return await story(DynamoTables(client, "p", "dev", pool=pool, first_delay_s=0))

    return asyncio.run(run())


def own_token(request: dict[str, Any]) -> ClientError:
    """The condition fails for the item that this very write left."""
    return answered("ConditionalCheckFailedException", Item={**request["Item"], "later": {"N": "2"}})


def test_a_write_after_a_lost_answer_knows_its_own_token() -> None:
    client = ScriptedClient(LOST, own_token)
    assert told(client, lambda tables: tables.write(Put(CONTROL, KEY, {"pk": ABSENT}))) == {**KEY, "later": 2}
    (_, first), (_, second) = client.calls
    assert first["Item"][TOKEN] == second["Item"][TOKEN]
    assert first["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"


def test_a_token_is_fresh_for_each_write_and_only_on_conditional_ones() -> None:
    client = ScriptedClient({}, {}, {}, {"Attributes": WIRE_KEY})

    async def story(tables: Tables) -> None:
        for change in (Put(CONTROL, KEY, {"pk": ABSENT}), Put(CONTROL, KEY, {"pk": ABSENT}), Put(CONTROL, KEY)):
            await tables.write(change)
        await tables.write(Update(CONTROL, KEY, add={"n": 1}))

    told(client, story)
    first, second, plain, addition = (request for _, request in client.calls)
    assert first["Item"][TOKEN] != second["Item"][TOKEN]
    assert TOKEN not in plain["Item"]
    assert TOKEN not in addition["ExpressionAttributeNames"].values()


@pytest.mark.parametrize(
    ("first", "certain"),
    [(answered("ThrottlingException"), True), (ConnectTimeoutError(endpoint_url="x"), True), (LOST, False)],
)
@pytest.mark.parametrize(
    "change",
    [
        Put(CONTROL, KEY, {"pk": ABSENT}),
        Update(CONTROL, KEY, set={"v": 2}, when={"v": 1}),
        Delete(CONTROL, KEY, {"v": 1}),
    ],
)
def test_anothers_token_is_a_lost_race_unless_an_answer_was_lost(
    change: Change, first: Exception, certain: bool
) -> None:
    item = {**WIRE_KEY, TOKEN: {"S": "another"}}
    client = ScriptedClient(first, answered("ConditionalCheckFailedException", Item=item))
    with pytest.raises(StoreError) as raised:
        told(client, lambda tables: tables.write(change))
    assert isinstance(raised.value, ConditionFailedError) == certain


@pytest.mark.parametrize(
    ("first", "done"),
    [(LOST, True), (answered("InternalServerError"), True), (answered("ThrottlingException"), False)],
)
def test_an_item_that_is_gone_was_deleted_by_us_only_if_an_answer_was_lost(first: Exception, done: bool) -> None:
    client = ScriptedClient(first, answered("ConditionalCheckFailedException"))
    if done:
        assert told(client, lambda tables: tables.write(Delete(CONTROL, KEY, {"v": 1}))) is None
    else:
        with pytest.raises(ConditionFailedError):
            told(client, lambda tables: tables.write(Delete(CONTROL, KEY, {"v": 1})))


def test_an_answer_that_was_lost_stays_lost_over_the_tries_after_it() -> None:
    client = ScriptedClient(LOST, answered("ThrottlingException"), answered("ConditionalCheckFailedException"))
    assert told(client, lambda tables: tables.write(Delete(CONTROL, KEY, {"v": 1}))) is None


def test_a_transaction_keeps_its_token_over_its_tries_and_no_longer() -> None:
    client = ScriptedClient(LOST, cancelled("None", "TransactionConflict"), {}, {})

    async def story(tables: Tables) -> None:
        await tables.transact([Put(CONTROL, KEY), Put(LEDGER, KEY)])
        await tables.transact([Put(CONTROL, KEY)])

    told(client, story)
    tokens = [request["ClientRequestToken"] for _, request in client.calls]
    assert tokens[0] == tokens[1] == tokens[2] != tokens[3]
    assert all(len(token) <= 36 for token in tokens)


@pytest.mark.parametrize(
    ("reasons", "error"),
    [
        (("None", "ConditionalCheckFailed"), ConditionFailedError),
        (("TransactionConflict", "ConditionalCheckFailed"), ConditionFailedError),
        (("ValidationError", "None"), ValueError),
        (("ItemCollectionSizeLimitExceeded",), ClientError),
    ],
)
def test_the_reasons_of_a_cancelled_transaction_are_told_apart(
    reasons: tuple[str, ...], error: type[Exception]
) -> None:
    client = ScriptedClient(cancelled(*reasons))
    with pytest.raises(error):
        told(client, lambda tables: tables.transact([Put(CONTROL, KEY)]))
    assert len(client.calls) == 1


@pytest.mark.parametrize(
    "busy",
    [
        answered("ProvisionedThroughputExceededException"),
        answered("TransactionConflictException"),
        answered("InternalServerError"),
        answered("Whatever", ResponseMetadata={"HTTPStatusCode": 503}),
        cancelled("ThrottlingError", "None"),
        LOST,
        ConnectTimeoutError(endpoint_url="https://dynamodb"),
    ],
    ids=str,
)
def test_what_may_pass_is_tried_again(busy: Exception) -> None:
    client = ScriptedClient(busy, busy, busy, {})
    told(client, lambda tables: tables.transact([Put(CONTROL, KEY)]))
    assert len(client.calls) == 4


@pytest.mark.parametrize(
    ("fault", "words", "tries"),
    [
        (answered("ThrottlingException"), "excesso de pedidos", TRIES),
        (cancelled("TransactionConflict"), "excesso de pedidos", TRIES),
        (ConnectTimeoutError(endpoint_url="https://dynamodb"), "AWS_ENDPOINT_URL", TRIES),
        (LOST, "não respondeu a tempo", TRIES),
        (NoCredentialsError(), "credenciais", 1),
        (answered("AccessDeniedException"), "permissão", 1),
        (answered("ExpiredTokenException"), "credenciais", 1),
        (answered("ResourceNotFoundException"), "p-control-dev.*Terraform", 1),
    ],
    ids=str,
)
def test_what_does_not_pass_is_one_line_that_says_what_to_do(fault: Exception, words: str, tries: int) -> None:
    client = ScriptedClient(*[fault] * tries)
    with pytest.raises(StoreError, match=words) as raised:
        told(client, lambda tables: tables.write(Put(CONTROL, KEY)))
    assert not isinstance(raised.value, ConditionFailedError)
    assert "\n" not in str(raised.value)
    assert client.script == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (answered("ValidationException"), ValueError),
        (answered("SomethingNewException"), ClientError),
        (BotoCoreError(), BotoCoreError),
    ],
    ids=str,
)
def test_what_nobody_can_help_is_raised_at_once(fault: Exception, error: type[Exception]) -> None:
    client = ScriptedClient(fault)
    with pytest.raises(error):
        told(client, lambda tables: tables.get(CONTROL, KEY))


def test_a_batch_asks_again_for_what_it_was_not_given() -> None:
    keys = [{"pk": {"S": "a"}, "sk": {"S": str(number)}} for number in range(3)]

    def some(number: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
        def answer(request: dict[str, Any]) -> dict[str, Any]:
            asked = request["RequestItems"]["p-control-dev"]
            assert asked["ConsistentRead"] is True
            given, left = asked["Keys"][:number], asked["Keys"][number:]
            unprocessed = {"UnprocessedKeys": {"p-control-dev": {**asked, "Keys": left}}} if left else {}
            return {"Responses": {"p-control-dev": given}} | unprocessed

        return answer

    client = ScriptedClient(some(0), some(1), LOST, some(1), some(1))
    wanted = [(CONTROL, {"pk": "a", "sk": str(number)}) for number in (2, 0, 1, 0)]
    found = told(client, lambda tables: tables.get_many(wanted))
    assert found == [key for _, key in wanted]
    assert client.calls[0][1]["RequestItems"]["p-control-dev"]["Keys"] == [keys[2], keys[0], keys[1]], "each once"


def test_a_batch_that_is_never_given_anything_ends() -> None:
    def nothing(request: dict[str, Any]) -> dict[str, Any]:
        return {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}

    client = ScriptedClient(*[nothing] * TRIES)
    with pytest.raises(StoreError, match="excesso de pedidos"):
        told(client, lambda tables: tables.get_many([(CONTROL, KEY)]))


def test_writes_side_by_side_are_all_over_when_one_cannot_be_done() -> None:
    client = ScriptedClient({}, NoCredentialsError(), {}, {})
    changes = [Put(CONTROL, {"pk": "a", "sk": str(number)}, {"pk": ABSENT}) for number in range(4)]
    with pytest.raises(StoreError):
        told(client, lambda tables: tables.write_many(changes))
    assert client.script == []


def test_writes_without_condition_go_in_batches_and_all_are_done() -> None:
    written: list[str] = []

    def most(request: dict[str, Any]) -> dict[str, Any]:
        asked = request["RequestItems"]["p-control-dev"]
        assert 0 < len(asked) <= 25
        done, left = asked[:20], asked[20:]
        written.extend(one["PutRequest"]["Item"]["sk"]["S"] for one in done)
        return {"UnprocessedItems": {"p-control-dev": left} if left else {}}

    client = ScriptedClient(*[most] * 5)
    changes = [Put(CONTROL, {"pk": "a", "sk": str(number)}) for number in range(60)]
    assert told(client, lambda tables: tables.write_many(changes)) == [True] * 60
    assert sorted(written, key=int) == [str(number) for number in range(60)]
    assert client.script == []


def test_a_batch_takes_no_item_twice_and_nothing_with_a_condition() -> None:
    client = ScriptedClient({}, {}, answered("ConditionalCheckFailedException"), {"Attributes": WIRE_KEY})
    client.order = ("batch_write_item", "put_item", "delete_item", "update_item")
    changes: list[Change] = [
        Put(CONTROL, KEY),
        Put(CONTROL, {**KEY, "again": 1}),
        Delete(CONTROL, {"pk": "a", "sk": "2"}, {"v": 1}),
        Update(CONTROL, {"pk": "a", "sk": "3"}, set={"v": 1}),
        Delete(CONTROL, {"pk": "a", "sk": "4"}),
    ]
    assert told(client, lambda tables: tables.write_many(changes)) == [True, True, False, True, True]
    batch = dict(client.calls)["batch_write_item"]["RequestItems"]["p-control-dev"]
    assert batch == [
        {"PutRequest": {"Item": WIRE_KEY}},
        {"DeleteRequest": {"Key": {"pk": {"S": "a"}, "sk": {"S": "4"}}}},
    ]


def test_a_query_goes_on_after_an_answer_that_ends_early_even_when_it_is_empty() -> None:
    client = ScriptedClient(
        {"Items": [WIRE_KEY], "LastEvaluatedKey": WIRE_KEY},
        {"Items": [], "LastEvaluatedKey": WIRE_KEY},
        {"Items": [WIRE_KEY, WIRE_KEY], "LastEvaluatedKey": WIRE_KEY},
    )
    assert told(client, lambda tables: tables.query(CONTROL, "a", limit=3)) == [KEY] * 3
    assert [request["Limit"] for _, request in client.calls] == [3, 2, 2]
    assert [request.get("ExclusiveStartKey") for _, request in client.calls] == [None, WIRE_KEY, WIRE_KEY]
    assert all(request["ConsistentRead"] for _, request in client.calls)


def test_an_index_is_not_asked_for_what_it_cannot_promise() -> None:
    client = ScriptedClient({"Items": []})
    told(client, lambda tables: tables.query(LEDGER, "a", index="due-index"))
    request = client.calls[0][1]
    assert request["IndexName"] == "due-index"
    assert "ConsistentRead" not in request


def test_a_cancelled_task_leaves_its_write_to_end_by_itself() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(request: dict[str, Any]) -> dict[str, Any]:
        begun.set()
        assert go_on.wait(5)
        return {}

    client = ScriptedClient(slow, {"Item": WIRE_KEY})

    async def story(tables: Tables) -> None:
        task = asyncio.create_task(tables.write(Put(CONTROL, KEY)))
        await asyncio.to_thread(begun.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        assert await tables.get(CONTROL, KEY) == KEY

    told(client, story)


def test_an_attribute_of_a_foreign_type_is_not_guessed() -> None:
    client = ScriptedClient({"Item": {**WIRE_KEY, "map": {"M": {}}}})
    with pytest.raises(ValueError, match="map"):
        told(client, lambda tables: tables.get(CONTROL, KEY))
