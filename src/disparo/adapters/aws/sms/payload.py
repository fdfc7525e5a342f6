"""Our message as a request of SendTextMessage (AWS End User Messaging SMS and voice API, version 2)."""

from __future__ import annotations

from typing import Any

from disparo.adapters.aws.sms.credentials import AwsSmsCredentials
from disparo.ports.channel import Outgoing

CONTEXT_KEY = "disparo_id"
"""Under which our id travels in Context and comes back in every event."""
LONGEST_BODY = 1600
"""Characters of MessageBody."""


def request(message: Outgoing, credentials: AwsSmsCredentials) -> dict[str, Any]:
    """The parameters of the call."""
    parameters: dict[str, Any] = {
        "DestinationPhoneNumber": message.address,
        "OriginationIdentity": credentials.origination_identity,
        "MessageBody": message.content.text,
        "MessageType": credentials.message_type,
        "ConfigurationSetName": credentials.configuration_set,
        "TimeToLive": credentials.time_to_live_s,
        "Context": {CONTEXT_KEY: str(message.id)},
    }
    if credentials.protect_configuration is not None:
        parameters["ProtectConfigurationId"] = credentials.protect_configuration
    return parameters
