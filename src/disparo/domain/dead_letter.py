"""Which messages are dead letters: given up, and worth sending again once a person has mended what was wrong."""

from __future__ import annotations

from collections.abc import Mapping

from disparo.domain.message import MessageState

REDRIVABLE: Mapping[MessageState, frozenset[str] | None] = {
    MessageState.DEAD: None,
    MessageState.FAILED: frozenset(
        {
            # the template, or what is known of the contact
            *("missing_variable", "empty_value", "bad_value", "value_too_long", "output_too_long", "too_much_work"),
            *("line_break_in_subject", "text_empty", "subject_empty", "text_too_long", "subject_too_long"),
            *("html_too_long", "no_address"),
            # the provider did not take the message itself, whoever it was for
            *("message_refused", "permanent"),
        }
    ),
}
"""Which ends are dead letters: states, and the reasons (before a colon) that a person can mend; None is any reason."""


def is_dead_letter(state: MessageState, reason: str) -> bool:
    """Whether a message that ended so may be sent again once a person has mended what was wrong."""
    if state not in REDRIVABLE:
        return False
    reasons = REDRIVABLE[state]
    return reasons is None or reason.partition(":")[0] in reasons
