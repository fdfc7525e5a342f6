"""What comes back by e-mail: reports of deliveries and complaints, answers of programs and of people."""

PROVIDER = "mailbox"
"""Whoever brings a mail, a mailbox that is asked or a call, its event ids are the same."""
