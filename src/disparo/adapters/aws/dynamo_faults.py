"""What DynamoDB and the way to it answer when they do not do what was asked, and what that means for us.

Sources: Amazon DynamoDB developer guide, "Error handling with DynamoDB"; API reference, TransactWriteItems (reasons for
which a transaction is cancelled); botocore.exceptions.
"""

from __future__ import annotations

from enum import Enum
from typing import Any


class Fault(Enum):
    """What a failed try means."""

    CONDITION = "condition"  # nothing done: a condition does not hold
    BUSY = "busy"  # nothing done: throttled, or met a transaction; try again
    UNREACHED = "unreached"  # nothing done: the service was not reached; try again
    LOST = "lost"  # nobody knows whether it was done; try again
    ACCESS = "access"  # nothing done: no credentials, or not good enough
    MISSING = "missing"  # nothing done: there is no such table
    MISTAKE = "mistake"  # nothing done: the program asked for what DynamoDB never does
    UNKNOWN = "unknown"


WORTH_ANOTHER_TRY = frozenset({Fault.BUSY, Fault.UNREACHED, Fault.LOST})

_CODES = {
    Fault.CONDITION: {"ConditionalCheckFailedException"},
    Fault.BUSY: {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ReplicatedWriteConflictException",
    },
    Fault.LOST: {"InternalServerError", "ServiceUnavailable", "ServiceUnavailableException"},
    Fault.ACCESS: {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    },
    Fault.MISSING: {"ResourceNotFoundException"},
    Fault.MISTAKE: {"ValidationException", "IdempotentParameterMismatchException"},
}
_FAULT_OF_CODE = {code: fault for fault, codes in _CODES.items() for code in codes}
_BUSY_REASONS = {"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"}
_UNREACHED = {"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"}
_LOST = {
    "ConnectionClosedError",
    "ReadTimeoutError",
    "HTTPClientError",
    "IncompleteReadError",
    "ResponseStreamingError",
}
_NO_ACCESS = {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "TokenRetrievalError"}

WHAT_TO_DO = {
    Fault.BUSY: "o DynamoDB está recusando por excesso de pedidos: aumente a capacidade das tabelas ou espere",
    Fault.UNREACHED: "o DynamoDB não foi alcançado: confira a rede, a região (AWS_DEFAULT_REGION) e AWS_ENDPOINT_URL",
    Fault.LOST: "o DynamoDB não respondeu a tempo: confira a rede e o estado do serviço na região, e repita",
    Fault.ACCESS: "a AWS não aceitou as credenciais: confira AWS_PROFILE ou as chaves, e a permissão sobre as tabelas",
    Fault.MISSING: "não existe a tabela {table}: aplique o Terraform, ou confira table_prefix, o ambiente e a região",
}
"""For each fault that a person can do something about, the line that says what."""


def fault_of(error: Exception) -> Fault:
    """What an error of botocore means; told by name, so that botocore need not be imported for it."""
    response: dict[str, Any] | None = getattr(error, "response", None)
    if isinstance(response, dict) and "Error" in response:
        return _fault_of_answer(response)
    names = {kind.__name__ for kind in type(error).__mro__}
    for fault, kinds in ((Fault.UNREACHED, _UNREACHED), (Fault.LOST, _LOST), (Fault.ACCESS, _NO_ACCESS)):
        if names & kinds:
            return fault
    return Fault.UNKNOWN


def _fault_of_answer(response: dict[str, Any]) -> Fault:
    code = response["Error"].get("Code", "")
    if code == "TransactionCanceledException":
        return _fault_of_reasons({reason.get("Code", "None") for reason in response.get("CancellationReasons", ())})
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return _FAULT_OF_CODE.get(code, Fault.LOST if status >= 500 else Fault.UNKNOWN)


def _fault_of_reasons(reasons: set[str]) -> Fault:
    if "ValidationError" in reasons:
        return Fault.MISTAKE
    if "ConditionalCheckFailed" in reasons:
        return Fault.CONDITION
    return Fault.BUSY if reasons & _BUSY_REASONS else Fault.UNKNOWN
