"""Errors of ours; the message is the line that the user reads.

DisparoError
├── InputError        what a person gave us is wrong: names the place and what to do (exit code 2)
├── NotFoundError     a name or id that stands for nothing (exit code 3)
├── TransitionError   an event that is no transition of a lifecycle (exit code 4)
├── RevisionError     what was to be changed was changed by somebody else since it was read (exit code 4)
└── StoreError        the data file cannot be used (exit code 5)
"""

from __future__ import annotations


class DisparoError(Exception):
    """Something that we refuse or cannot do, said in one line."""


class InputError(DisparoError):
    """What a person gave is wrong; the message names the place and what to do about it."""


class NotFoundError(DisparoError):
    """A name or id that stands for nothing."""


class TransitionError(DisparoError):
    """An event that is no transition from the present state; nothing was changed."""


class RevisionError(DisparoError):
    """What was to be changed is at another revision than the one that was read; nothing was changed."""


class StoreError(DisparoError):
    """The data file cannot be used; the message says why and what to do."""


class StoreFullError(StoreError):
    """There is no room for what was to be written, and nothing of it is; the message says so to whoever wrote it."""
