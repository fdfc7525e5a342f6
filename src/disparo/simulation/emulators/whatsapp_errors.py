"""Meta's error codes of the Cloud API: their HTTP status as documented, and their words.

Source: Meta, "Error codes" of the WhatsApp Business Platform (page of 2025-12-12, restated; 131062 to 131064 and 132018
later), where no status is given 400.
"""

from __future__ import annotations

from disparo.domain.policies.retry import FailureClass

ERRORS: dict[int, tuple[int, str]] = {
    0: (401, "Unable to authenticate the app user"),
    1: (400, "Invalid request or possible server error"),
    2: (503, "Temporary due to downtime or due to being overloaded"),
    3: (500, "Capability or permissions issue"),
    4: (400, "The app has reached its API call rate limit"),
    10: (403, "Permission is either not granted or has been removed"),
    33: (400, "The business phone number has been deleted"),
    100: (400, "Invalid parameter"),
    190: (401, "Access token has expired"),
    200: (403, "Permission is either not granted or has been removed"),
    368: (403, "Temporarily blocked for policies violations"),
    80007: (400, "The WhatsApp Business Account has reached its rate limit"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131031: (403, "Account has been locked"),
    131037: (400, "Display name approval is needed"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement"),
    131050: (400, "User has stopped marketing messages from this business"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131055: (400, "Method not allowed"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131062: (400, "Business-scoped user id recipients are not supported for this message"),
    131063: (400, "Marketing templates are disabled for Cloud API"),
    131064: (400, "Message limit reached because of template classification violations"),
    132000: (400, "Template param count mismatch"),
    132001: (404, "Template name does not exist in the translation"),
    132005: (400, "Template hydrated text too long"),
    132007: (400, "Template format character policy violated"),
    132012: (400, "Template parameter format mismatch"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
    132018: (400, "There is an issue with the parameters in the template"),
    132068: (400, "Flow is blocked"),
    132069: (400, "Flow is throttled"),
    133004: (503, "Server temporarily unavailable"),
    133010: (400, "Phone number not registered"),
    133016: (400, "Account register deregister rate limit exceeded"),
    134011: (400, "WhatsApp Payments terms of service not accepted"),
    134100: (400, "Only marketing messages supported"),
    134101: (400, "Template is still syncing"),
    134102: (500, "Template is unavailable for use"),
    135000: (400, "Generic user error"),
    2494100: (400, "Phone number is in maintenance mode"),
}

OF_CLASS: dict[FailureClass, tuple[int, ...]] = {
    FailureClass.RECIPIENT: (131026, 131021),
    FailureClass.PERMANENT: (132007, 135000, 132005),
    FailureClass.TRANSIENT: (131016, 2, 131057, 133004),
    FailureClass.THROTTLED: (130429, 80007, 4),
    FailureClass.AUTH: (190, 131005, 131042),
    FailureClass.UNKNOWN: (131000,),
}
"""What the plan answers for each class."""

UNDELIVERED = (131026, 131049, 130472)
"""What a message fails with later."""
