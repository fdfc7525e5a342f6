"""How mail comes back: from a mailbox, or through a door of its own."""

from __future__ import annotations

from disparo.adapters.credentials import Credentials
from disparo.ports.callback import Callback
from disparo.ports.channel import Collects
from disparo.ports.secrets import Secrets

DOOR = "mail"


def mailbox(secrets: Secrets, secret: str) -> Collects:
    """The mailbox that this secret opens; it is not reached yet."""
    from disparo.adapters.channels.mailbox.credentials import parse
    from disparo.adapters.channels.mailbox.imap import ImapMailbox

    return ImapMailbox(Credentials(secrets, secret, parse))


def mail_callback(secrets: Secrets, secret: str) -> Callback:
    """The door through which a mail server hands over what it received."""
    from disparo.adapters.channels.mailbox.callback import MailCallback
    from disparo.adapters.channels.mailbox.credentials import parse_webhook

    return MailCallback(Credentials(secrets, secret, parse_webhook))
