"""What endpoints of other programs are kept with."""

from __future__ import annotations

import random
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from disparo.adapters.outbox_events import OutboxEvents
from disparo.adapters.webhook_post import GuardedPost
from disparo.adapters.webhook_signing import secret_name, written_secret
from disparo.domain.webhook_delivery import Delivery
from disparo.engine.announcing import Announce, Outward
from disparo.ports.webhooks import DeliveryKey
from disparo.usecases.webhooks import WebhookDesk

if TYPE_CHECKING:
    from disparo.bootstrap.app import App

KEY_BYTES = 32
"""Standard Webhooks specification: 24 to 64."""


def webhook_desk(app: App) -> WebhookDesk:
    """The desk of an installation."""

    async def deliver(key: DeliveryKey, now: datetime) -> Delivery:
        # By connections of its own, which a function that is about to be frozen must not leave open.
        post = GuardedPost(app.outside)
        announce = Announce(app.store, Outward(app.events, post, app.signing, app.imports), random.random)
        try:
            return await announce.deliver_now(key, now)
        finally:
            await post.close()

    def changed() -> None:
        if isinstance(app.events, OutboxEvents):
            app.events.forget()

    return WebhookDesk(
        webhooks=app.store.webhooks,
        sealer=lambda: app.sealer,
        post=app.post,
        draw=lambda: written_secret(secrets.token_bytes(KEY_BYTES)),
        new_id=lambda: f"wh_{secrets.token_hex(6)}",
        seal_name=secret_name,
        changed=changed,
        deliver=deliver,
    )
