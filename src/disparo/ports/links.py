"""Links by which people reach us, each signed, so that nobody can make one for somebody else."""

from __future__ import annotations

from typing import Protocol

from disparo.domain.message import MessageId


class Links(Protocol):
    """Makes links to us and reads what is in them. A link holds for ever: it is in mail that people keep."""

    def unsubscribe_url(self, message_id: MessageId) -> str | None:
        """Where whoever got this message asks for no more; always the same one. None where we have no public address.

        It names message and contact by their ids and holds no personal data.
        """
        ...

    def message_of(self, token: str) -> MessageId:
        """The message that the end of an unsubscribe link stands for; NotFoundError when it is no link of ours."""
        ...
