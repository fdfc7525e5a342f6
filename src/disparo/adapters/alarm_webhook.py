"""Alarms as requests to an address that an operator gave us."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from disparo.domain.alarm import AlarmChange
from disparo.domain.alarm_words import alarm_data, alarm_sentence, change_title
from disparo.domain.webhook import EventType
from disparo.ports.webhooks import Post

_TAKEN = range(200, 300)


class AlarmWebhook:
    """`TellsAlarms` by a POST of JSON; taken is what is answered by a 2xx.

    `webhook-id` is the change's id, the same each time it is told. At the top stands `text`, which Slack and what
    understands its incoming webhooks show; everything else is in `data`.
    """

    name = "webhook"

    def __init__(self, url: str, post: Post) -> None:
        self._url, self._post = url, post

    async def tell(self, change: AlarmChange, now: datetime) -> str | None:
        """See `TellsAlarms.tell`."""
        headers = {
            "content-type": "application/json",
            "webhook-id": change.id,
            "webhook-timestamp": str(int(now.timestamp())),
        }
        body = json.dumps(alarm_event(change), ensure_ascii=False).encode()
        answer = await self._post.post(self._url, headers, body)
        if answer.status is None:
            return answer.fault or "no_answer"
        return None if answer.status in _TAKEN else f"answered_{answer.status}"


def alarm_event(change: AlarmChange) -> dict[str, object]:
    """What a webhook is told, as events of other endpoints are (docs/webhooks.md)."""
    at = change.standing.since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = f"{change_title(change, 'pt')} ({alarm_sentence(change.standing, 'pt')})"
    return {"type": str(EventType.ALARM_CHANGED), "timestamp": at, "text": text, "data": alarm_data(change)}
