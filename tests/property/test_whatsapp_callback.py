"""Whatever Meta, or somebody who has its secret, writes: it is understood or refused, and never more than bounded."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from disparo.adapters.channels.whatsapp.callback import WhatsAppCallback, sign
from disparo.adapters.channels.whatsapp.credentials import parse
from disparo.adapters.credentials import Credentials
from disparo.domain.errors import InputError
from disparo.ports.callback import Call, Told

NOW = datetime(2026, 11, 23, 13, tzinfo=UTC)


class Secret:
    """`Secrets` of one app."""

    async def get(self, name: str) -> Mapping[str, str]:
        return {"api_key": "k", "phone_number_id": "1", "app_secret": "app", "webhook_verify_token": "t"}

    refresh = get


CALLBACK = WhatsAppCallback(Credentials(Secret(), "mcp-whatsapp", parse))
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300)
KEYS = st.sampled_from(
    [
        *("id", "status", "timestamp", "type", "from", "from_user_id", "text", "body", "errors", "code", "title"),
        *("biz_opaque_callback_data", "interactive", "button_reply", "list_reply", "context", "system", "image"),
        *("wa_id", "value", "user_id", "reaction", "emoji", "message_id", "phone_number_id", "metadata", "contacts"),
    ]
)
KINDS = st.sampled_from(["text", "interactive", "system", "reaction", "image", "button", "order", "sent", "failed"])
INSTANTS = st.sampled_from(["1750030100", 1750030100, "9999999999999", "-1", "", "1e9"])
anything = st.recursive(
    scalars | KINDS | INSTANTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6)
)
events = st.fixed_dictionaries(
    {"id": st.text(min_size=1, max_size=300) | anything, "timestamp": INSTANTS | anything},
    optional={
        "type": KINDS | anything,
        "status": KINDS | anything,
        "from": st.sampled_from(["5541988887777", "x"]) | anything,
        **{
            key: anything for key in ("text", "interactive", "system", "reaction", "errors", "biz_opaque_callback_data")
        },
    },
)
values = st.dictionaries(
    st.sampled_from(["messages", "statuses", "errors", "user_preferences", "metadata", "contacts"]),
    st.lists(events | anything, max_size=4) | anything,
    max_size=4,
)
fields = st.sampled_from(["messages", "user_preferences", "account_update"]) | anything
changes = st.lists(st.fixed_dictionaries({"field": fields, "value": values | anything}) | anything, max_size=3)
documents = st.fixed_dictionaries(
    {
        "object": st.just("whatsapp_business_account") | anything,
        "entry": st.lists(st.fixed_dictionaries({"changes": changes | anything, "time": INSTANTS}), max_size=2),
    }
)


def read(document: Any) -> Told | None:
    body = json.dumps(document).encode()
    try:
        return asyncio.run(CALLBACK.read(Call("https://x", {"x-hub-signature-256": sign("app", body)}, body), NOW))
    except InputError:
        return None


@given(documents | anything)
def test_a_signed_call_is_understood_or_refused_and_its_words_are_bounded(document: Any) -> None:
    told = read(document)
    if told is None:
        return
    for event in (*told.receipts, *told.replies, *told.notices):
        assert 0 < len(event.event_id) <= 520
        assert event.at.tzinfo is UTC
    for receipt in told.receipts:
        assert 0 < len(receipt.message_id) <= 256
        assert len(receipt.detail) <= 300
    for reply in told.replies:
        assert len(reply.text.encode()) <= 32_000
        assert reply.address or reply.user_id
    for notice in told.notices:
        assert len(notice.detail.encode()) <= 32_000


@given(documents)
def test_the_same_call_again_tells_the_same(document: Any) -> None:
    assert read(document) == read(document)
