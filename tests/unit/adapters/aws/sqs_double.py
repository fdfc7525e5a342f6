"""A queue of SQS in memory that refuses as told, behind the methods of botocore's client that we call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

URL = "https://sqs.us-east-1.amazonaws.com/123456789012/send"


@dataclass
class SqsDouble:
    """Takes batches; each entry of `answers` is what the next call does: `throttle`, `lost`, or refused entries."""

    answers: list[str | dict[str, bool]] = field(default_factory=list)
    lying: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[int] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    numbers: Callable[[], int] = field(default_factory=lambda: count(1).__next__)

    def send_message_batch(self, **asked: Any) -> dict[str, Any]:
        """Take some."""
        assert asked["QueueUrl"] == URL
        assert len(asked["Entries"]) <= 10
        self.calls.append(len(asked["Entries"]))
        answer = self.answers.pop(0) if self.answers else {}
        if answer == "throttle":
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "SendMessageBatch")
        refused = answer if isinstance(answer, dict) else {}
        for entry in asked["Entries"]:
            if entry["Id"] not in refused:
                self.lying[f"m{self.numbers()}"] = entry
        if answer == "lost":
            raise ReadTimeoutError(endpoint_url=URL)
        failed = [{"Id": one, "SenderFault": fault, "Code": "Odd"} for one, fault in refused.items()]
        return {"Successful": [], "Failed": failed}

    def get_queue_attributes(self, **asked: Any) -> dict[str, Any]:
        """How many there are."""
        assert (asked["QueueUrl"], asked["AttributeNames"]) == (URL, ["ApproximateNumberOfMessages"])
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(self.lying))}}

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        """Give some that are not hidden."""
        assert (asked["QueueUrl"], asked["VisibilityTimeout"]) == (URL, 30)
        seen = [one for one in self.lying if one not in self.hidden][: asked["MaxNumberOfMessages"]]
        self.hidden.update(seen)
        found = [{"MessageId": one, "ReceiptHandle": one, "Body": self.lying[one]["MessageBody"]} for one in seen]
        return {"Messages": found} if found else {}

    def delete_message_batch(self, **asked: Any) -> dict[str, Any]:
        """Take out."""
        assert len({one["Id"] for one in asked["Entries"]}) == len(asked["Entries"]) <= 10
        for one in asked["Entries"]:
            self.lying.pop(one["ReceiptHandle"], None)
        return {}

    def change_message_visibility_batch(self, **asked: Any) -> dict[str, Any]:
        """Show again."""
        assert {one["VisibilityTimeout"] for one in asked["Entries"]} == {0}
        self.hidden -= {one["ReceiptHandle"] for one in asked["Entries"]}
        return {}

    def put(self, body: str) -> None:
        """As if somebody else had sent it."""
        self.lying[f"m{self.numbers()}"] = {"MessageBody": body}

    def bodies(self) -> list[str]:
        """What lies in it."""
        return [one["MessageBody"] for one in self.lying.values()]
