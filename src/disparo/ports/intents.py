"""Who understands what people write."""

from __future__ import annotations

from typing import Protocol

from disparo.domain.reply_intent import Understood, classify


class IntentClassifier(Protocol):
    """Understands a reply.

    One that asks a service answers by the rules when that fails or is slow, and takes for an opt-out whatever they
    take for one.
    """

    async def classify(self, text: str, choice: str | None, meeting_open: bool = False) -> Understood:
        """What a reply means; see `disparo.domain.reply_intent.classify`. Never raises for what somebody wrote."""
        ...


class RuleClassifier:
    """`IntentClassifier` by the rules of the domain."""

    async def classify(self, text: str, choice: str | None, meeting_open: bool = False) -> Understood:
        """See `IntentClassifier.classify`."""
        return classify(text, choice, meeting_open=meeting_open)
