"""All settings in one value, and how the rest of the program reads them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self, cast

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from disparo.domain.contact import Channel
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.policies.circuit_breaker import BreakerPolicy
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import RetryPolicy
from disparo.settings.accounts import AccountSettings
from disparo.settings.agenda import AgendaSettings
from disparo.settings.alarms import AlarmSettings
from disparo.settings.channels import ChannelSettings, SenderSettings
from disparo.settings.cloud import CloudSettings
from disparo.settings.kinds import Doubt
from disparo.settings.mcp_server import McpServerSettings
from disparo.settings.privacy import PrivacySettings
from disparo.settings.running import RunningSettings, SandboxSettings
from disparo.settings.sending import SendingSettings
from disparo.settings.webhooks import WebhookSettings

GROUPS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("Installation", RunningSettings),
    ("Sending", SendingSettings),
    ("Channels", ChannelSettings),
    ("Agenda", AgendaSettings),
    ("Accounts", AccountSettings),
    ("Assistants", McpServerSettings),
    ("Alarms", AlarmSettings),
    ("Privacy", PrivacySettings),
    ("Webhooks", WebhookSettings),
    ("Sandbox", SandboxSettings),
    ("AWS", CloudSettings),
)
CROSS_CHECK = "cross_check"

# Source document, "Configuração Padrão (Brasil)".
_LUNCH = {"start": "12:00", "end": "13:00"}
_HOLIDAYS = (
    *("2024-12-25", "2024-01-01", "2024-04-21", "2024-09-07"),
    *("2024-10-12", "2024-11-02", "2024-11-15", "2024-11-20"),
)
# Between the answer of a provider and the end of the claim there must be time to write the outcome down.
_LEASE_MARGIN_S = 5


class Settings(
    CloudSettings,
    PrivacySettings,
    McpServerSettings,
    WebhookSettings,
    SandboxSettings,
    AlarmSettings,
    AccountSettings,
    AgendaSettings,
    ChannelSettings,
    SendingSettings,
    RunningSettings,
):
    """Every setting, checked; `Settings()` is the profile `dev`.

    Names are those of the source document, durations carry their unit last. Immutable. `load_settings` is the
    way to one that says where its values came from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def limits(self, channel: Channel) -> Limits:
        """The limits of a channel; None in a field is no limit."""
        return Limits(
            burst=getattr(self, f"rate_limit_{channel}_burst"),
            hourly=getattr(self, f"rate_limit_{channel}_hourly"),
            daily=getattr(self, f"rate_limit_{channel}_daily"),
        )

    def limits_of(self, sender: SenderSettings) -> Limits:
        """The limits of a sender: its own (`"none"` is none at all), and of its channel where it says nothing."""
        own = {name: getattr(sender, name) for name in ("burst", "hourly", "daily") if name in sender.model_fields_set}
        return replace(self.limits(sender.channel), **own)

    def retry_policy(self) -> RetryPolicy:
        """How often and after what waits a failed attempt is repeated."""
        return RetryPolicy(
            max_retries=self.max_retries,
            strategy=self.backoff_strategy,
            initial=timedelta(milliseconds=self.initial_backoff_ms),
            multiplier=self.backoff_multiplier,
            jitter=self.jitter,
        )

    def breaker_policy(self) -> BreakerPolicy:
        """When a provider is left alone, and for how long."""
        return BreakerPolicy(
            threshold=self.circuit_breaker_threshold,
            timeout=timedelta(milliseconds=self.circuit_breaker_timeout_ms),
        )

    def doubt_policy(self, channel: Channel) -> Doubt:
        """What becomes of a message of this channel whose outcome stays unknown."""
        return cast(Doubt, getattr(self, f"doubt_policy_{channel}"))

    def hours_document(self) -> dict[str, Any]:
        """The hours as the document's JSON: `business_hours` as it stands, else one made of its three parts.

        A new dict each time. The lunch break is left out where it would not lie inside the hours.
        """
        if self.business_hours is not None:
            return copy.deepcopy(self.business_hours)
        start, end = self.business_hours_start, self.business_hours_end
        document: dict[str, Any] = {
            "timezone": self.business_hours_timezone,
            "workingDays": [1, 2, 3, 4, 5],
            "startTime": start,
            "endTime": end,
            "holidays": list(_HOLIDAYS),
        }
        if start < _LUNCH["start"] and (_LUNCH["end"] < end or end < start):  # or it ends on the next day
            document["lunchBreak"] = dict(_LUNCH)
        return document

    def hours(self) -> BusinessHours:
        """The hours in which contacts are messaged that no campaign has hours for."""
        return parse_business_hours(self.hours_document())

    @model_validator(mode="after")
    def _agree(self) -> Self:
        faults = tuple((name, getattr(self, name), text) for name, text in self._disagreements())
        if faults:
            message = "; ".join(f"{name}: {text}" for name, _, text in faults)
            raise PydanticCustomError(CROSS_CHECK, "{message}", {"message": message, "faults": faults})
        return self

    def _disagreements(self) -> Iterator[tuple[str, str]]:
        """(setting, what to do) for every pair of values that cannot hold together."""
        least_s = self.send_timeout_s + _LEASE_MARGIN_S
        if self.lease_s <= least_s:
            yield (
                "lease_s",
                f"tem de ser mais que send_timeout_s + {_LEASE_MARGIN_S} = {least_s:g}, ou a reserva acabaria durante "
                "o envio; aumente lease_s ou diminua send_timeout_s",
            )
        for low, high in (
            ("sandbox_latency_ms_min", "sandbox_latency_ms_max"),
            ("autoscaling_read_min", "autoscaling_read_max"),
            ("autoscaling_write_min", "autoscaling_write_max"),
        ):
            if getattr(self, low) > getattr(self, high):
                yield low, f"não pode ser mais que {high} = {getattr(self, high)}; diminua este ou aumente o outro"
        if (self.oidc_issuer is None) != (self.oidc_client_id is None):
            yield "oidc_issuer", "vai junto com oidc_client_id; defina os dois, ou nenhum"
        elif self.oidc_issuer is not None and self.public_url is None:
            yield "oidc_issuer", "precisa de public_url, o endereço para o qual o provedor de contas manda de volta"
        if self.business_hours_start == self.business_hours_end:
            yield "business_hours_start", "é igual a business_hours_end, e o dia nunca abriria; mude um dos dois"
        elif self.business_hours_start == "24:00":
            yield "business_hours_start", "é o fim do dia; escreva de 0 a 23"
