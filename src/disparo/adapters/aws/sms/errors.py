"""What the errors of SendTextMessage mean.

Codes and reasons: AWS End User Messaging SMS and voice API, version 2 (2022-03-31), its exceptions and their `Reason`;
codes of every AWS API: "Common errors". Classes are our reading. The request has no idempotency token, so whatever
may have been taken is UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

_R, _P, _TR, _TH, _A, _U = (
    FailureClass.RECIPIENT,
    FailureClass.PERMANENT,
    FailureClass.TRANSIENT,
    FailureClass.THROTTLED,
    FailureClass.AUTH,
    FailureClass.UNKNOWN,
)

Meaning = tuple[FailureClass, str]

_CREDENTIALS: Final = (
    "AccessDenied AccessDeniedException AuthFailure ExpiredToken ExpiredTokenException IncompleteSignature "
    "InvalidClientTokenId InvalidSignatureException MissingAuthenticationToken MissingAuthenticationTokenException "
    "NotAuthorized OptInRequired RequestExpired SignatureDoesNotMatch UnrecognizedClientException"
)

CODES: Final[Mapping[str, Meaning]] = {
    **dict.fromkeys(_CREDENTIALS.split(), (_A, "credentials_refused")),
    "ThrottlingException": (_TH, "provider_throttled"),
    "Throttling": (_TH, "provider_throttled"),
    "TooManyRequestsException": (_TH, "provider_throttled"),
    "RequestLimitExceeded": (_TH, "provider_throttled"),
    "ServiceQuotaExceededException": (_TH, "quota_reached"),
    "ResourceNotFoundException": (_A, "sender_unusable"),
    "ConflictException": (_A, "sender_unusable"),
    "ValidationException": (_P, "message_refused"),
    "InternalServerException": (_U, "provider_failed"),
    "InternalFailure": (_U, "provider_failed"),
    "ServiceUnavailable": (_U, "provider_failed"),
}
"""By code, where no reason says it better."""

_BLOCKED_COUNTRY: Final = (_R, "country_not_served")
REASONS: Final[Mapping[tuple[str, str], Meaning]] = {
    ("AccessDeniedException", "ACCOUNT_DISABLED"): (_A, "account_blocked"),
    ("AccessDeniedException", "INSUFFICIENT_ACCOUNT_REPUTATION"): (_A, "account_blocked"),
    # Nothing leaves until a person raises the limit or the month ends.
    ("ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"): (_A, "quota_reached"),
    ("ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT"): (_R, "opted_out"),
    ("ConflictException", "DESTINATION_PHONE_NUMBER_NOT_VERIFIED"): (_P, "recipient_not_verified"),
    ("ConflictException", "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION"): _BLOCKED_COUNTRY,
    ("ConflictException", "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE"): (_R, "blocked"),
    ("ConflictException", "NO_ORIGINATION_IDENTITIES_FOUND"): _BLOCKED_COUNTRY,
    ("ValidationException", "COUNTRY_CODE_MISMATCH"): _BLOCKED_COUNTRY,
    ("ValidationException", "COUNTRY_NOT_ENABLED"): _BLOCKED_COUNTRY,
    ("ValidationException", "DESTINATION_COUNTRY_BLOCKED"): _BLOCKED_COUNTRY,
    ("ValidationException", "INTERNATIONAL_SENDING_NOT_SUPPORTED"): _BLOCKED_COUNTRY,
    ("ValidationException", "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY"): _BLOCKED_COUNTRY,
    ("ValidationException", "CHANNEL_NOT_ENABLED"): (_A, "sender_unusable"),
    ("ValidationException", "INVALID_ARN"): (_A, "sender_unusable"),
    ("ValidationException", "RESOURCE_NOT_ACCESSIBLE"): (_A, "sender_unusable"),
    ("ValidationException", "SENDER_ID_NOT_REGISTERED"): (_A, "sender_unusable"),
    ("ValidationException", "SENDER_ID_NOT_SUPPORTED"): (_A, "sender_unusable"),
    ("ValidationException", "SENDER_ID_REQUIRES_REGISTRATION"): (_A, "sender_unusable"),
    ("ValidationException", "MAXIMUM_SIZE_EXCEEDED"): (_P, "text_too_long"),
    ("ValidationException", "PRICE_OVER_THRESHOLD"): (_P, "price_too_high"),
}
"""By code and `Reason`."""

_FIELDS: Final[Mapping[str, Meaning]] = {
    "DestinationPhoneNumber": (_R, "address_unknown"),
    "MessageBody": (_P, "message_refused"),
    "OriginationIdentity": (_A, "sender_unusable"),
    "ConfigurationSetName": (_A, "sender_unusable"),
    "ProtectConfigurationId": (_A, "sender_unusable"),
}
"""Of a ValidationException, by the field that it is about."""

_LONGEST = 300


def of_answer(status: int, code: str, reason: str = "", fields: tuple[str, ...] = ()) -> Meaning:
    """What a refusal means: by code and reason, else the field at fault, else the code, else its HTTP status."""
    if (code, reason) in REASONS:
        return REASONS[code, reason]
    if code == "ValidationException":
        for name in fields:
            if name in _FIELDS:
                return _FIELDS[name]
    if code in CODES:
        return CODES[code]
    if status == 429:
        return _TH, "provider_throttled"
    if status in (401, 403):
        return _A, "credentials_refused"
    return (_P, "message_refused") if 400 <= status < 500 and status != 408 else (_U, "provider_failed")


def of_error(error: Exception) -> Outcome:
    """The outcome of a call that botocore ended with an error; raises what is no such error.

    Only codes and names go into the outcome: messages of AWS name numbers.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    if isinstance(error, ClientError):
        return _refused(error.response)
    if isinstance(error, BotoCoreError | ResponseParserError):
        failure, reason = _of_failure(error)
        return Outcome(False, None, failure, reason, type(error).__name__)
    raise error


def _refused(response: Any) -> Outcome:
    code = str(response.get("Error", {}).get("Code", "?"))
    reason = str(response.get("Reason", ""))
    fields = tuple(str(one.get("Name", "")) for one in response.get("Fields", ()))
    told = response.get("ResponseMetadata", {})
    failure, ours = of_answer(int(told.get("HTTPStatusCode", 0)), code, reason, fields)
    detail = " ".join(part for part in (code, reason, *fields) if part)[:_LONGEST]
    return Outcome(False, None, failure, ours, detail, _retry_after_s(told.get("HTTPHeaders", {})))


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    told = headers.get("retry-after", "")
    return float(told) if told.isdecimal() and len(told) < 8 else None


def _of_failure(error: Exception) -> Meaning:
    from botocore import exceptions as of

    never_left = (of.EndpointConnectionError, of.ConnectTimeoutError, of.ProxyConnectionError)
    no_keys = (of.NoCredentialsError, of.PartialCredentialsError, of.CredentialRetrievalError, of.TokenRetrievalError)
    no_login = (of.NoAuthTokenError, of.SSOError, of.LoginError, of.MetadataRetrievalError)
    no_service = (of.NoRegionError, of.InvalidRegionError, of.UnknownServiceError, of.EndpointProviderError)
    if isinstance(error, never_left) or "CERTIFICATE_VERIFY_FAILED" in str(error):
        return _TR, "not_connected"
    if isinstance(error, (*no_keys, *no_login)):
        return _A, "credentials_refused"
    if isinstance(error, no_service):
        return _A, "endpoint_wrong"
    if isinstance(error, of.ParamValidationError):
        return _P, "bad_request"
    return _U, "no_answer"
