"""The settings that pages offer to change, in groups, with their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from disparo.domain.contact import Channel
from disparo.entrypoints.console.words import mark

HOME = "/console/settings"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting as a form has it. `kind`: number, text, area, switch or choice; `empty` is what no value means."""

    name: str
    label: str
    hint: str = ""
    kind: str = "number"
    suffix: str = ""
    optional: bool = False
    options: Sequence[tuple[str, str]] = ()
    least: float | None = None
    most: float | None = None
    step: str = ""
    empty: str = ""

    @property
    def attrs(self) -> Mapping[str, object]:
        """What the input has besides."""
        if self.kind == "number":
            found = {"min": self.least, "max": self.most, "step": self.step or "1", "inputmode": "decimal"}
        else:
            found = {"maxlength": int(self.most) if self.most else None}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    title: str
    lead: str
    fields: Sequence[Field]
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of settings that can be changed."""

    key: str
    title: str
    lead: str
    groups: Sequence[Group]

    @property
    def fields(self) -> Sequence[Field]:
        """All of them."""
        return [field for group in self.groups for field in group.fields]

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"{HOME}/{self.key}"


_WINDOWS = {
    "burst": (mark("Por minuto"), mark("em quaisquer 60 segundos")),
    "hourly": (mark("Por hora"), mark("em quaisquer 60 minutos")),
    "daily": (mark("Por dia"), mark("em quaisquer 24 horas")),
}
_NAMES = {Channel.WHATSAPP: "WhatsApp", Channel.EMAIL: mark("E-mail"), Channel.SMS: "SMS"}
_DAYS, _KEPT = mark("dias"), mark("guarda")


def _limits(channel: Channel) -> Group:
    fields = [
        Field(
            f"rate_limit_{channel}_{window}",
            label,
            hint,
            optional=True,
            least=1,
            most=1_000_000_000,
            empty=mark("sem limite"),
        )
        for window, (label, hint) in _WINDOWS.items()
    ]
    return Group(_NAMES[channel], "", fields, channel)


LIMITS = Topic(
    "limits",
    mark("Limites e tentativas"),
    mark("Quanto cada canal pode enviar, e o que acontece quando um envio falha."),
    (
        *(_limits(channel) for channel in Channel),
        Group(
            mark("Novas tentativas"),
            mark("Depois de uma falha passageira."),
            (
                Field("max_retries", mark("Tentativas depois da primeira"), least=0, most=100),
                Field(
                    "backoff_strategy",
                    mark("Como a espera cresce"),
                    kind="choice",
                    options=(("exponential", mark("Multiplica: 1, 2, 4, 8 s")), ("linear", mark("Soma: 1, 2, 3, 4 s"))),
                ),
                Field("initial_backoff_ms", mark("Primeira espera"), suffix="ms", least=0, most=3_600_000),
                Field(
                    "backoff_multiplier",
                    mark("Multiplicador"),
                    mark("Só quando a espera multiplica."),
                    least=1,
                    most=10,
                    step="any",
                ),
                Field(
                    "jitter",
                    mark("Espalhar ao acaso"),
                    mark("Para que as tentativas não venham todas no mesmo instante."),
                    kind="switch",
                ),
            ),
        ),
        Group(
            mark("Pausa de proteção"),
            mark("Quando um provedor falha seguidamente, ele descansa e depois é testado com uma mensagem."),
            (
                Field("circuit_breaker_threshold", mark("Falhas seguidas que a abrem"), least=1, most=10_000),
                Field("circuit_breaker_timeout_ms", mark("Quanto dura"), suffix="ms", least=1, most=86_400_000),
                Field(
                    "sender_recovery_minutes",
                    mark("Volta ao ritmo cheio em"),
                    suffix="min",
                    least=0,
                    most=1_440,
                    step="any",
                ),
            ),
        ),
    ),
)

GENERAL = Topic(
    "general",
    mark("Empresa e respostas"),
    mark("Como a empresa se apresenta a quem recebe."),
    (
        Group(
            mark("Empresa"),
            "",
            (
                Field(
                    "company_name",
                    mark("Nome da empresa"),
                    mark("Quem convida, nas páginas de agendamento."),
                    kind="text",
                    optional=True,
                    most=80,
                ),
                Field(
                    "opt_out_answer",
                    mark("Resposta a quem pede para sair"),
                    mark("Enviada uma única vez a quem escreve PARAR ou algo assim; igual para todos."),
                    kind="area",
                    most=300,
                ),
            ),
        ),
    ),
)

ALARMS = Topic(
    "alarms",
    mark("Alarmes"),
    mark("A partir de quando alguém é avisado. Para quem, dizem alarm_webhook_url e alarm_email, nos arquivos."),
    (
        Group(
            mark("Falhas e demora"),
            mark("Por tantos períodos seguidos acima do limiar."),
            (
                Field("alarm_period_s", mark("Duração do período"), suffix="s", least=60, most=3_600),
                Field("alarm_periods", mark("Períodos seguidos"), least=1, most=12),
                Field("alarm_errors", mark("Erros num período"), least=0, most=1_000_000_000, step="any"),
                Field("alarm_latency_ms", mark("Tempo médio de envio"), suffix="ms", least=1, most=3_600_000),
                Field("alarm_failed_percent", mark("Mensagens que falham"), suffix="%", least=0, most=100, step="any"),
            ),
        ),
        Group(
            mark("O que está parado"),
            "",
            (
                Field("alarm_dead_letters", mark("Cartas mortas"), mark("Com mais do que isto, avisa."), least=0),
                Field(
                    "alarm_breaker_minutes",
                    mark("Provedor em pausa por"),
                    suffix="min",
                    least=0,
                    most=1_440,
                    step="any",
                ),
                Field("alarm_calendar_minutes", mark("Calendário ilegível por"), suffix="min", least=10, most=1_440),
                Field(
                    "alarm_no_tick_minutes", mark("Nenhum worker por"), suffix="min", least=1, most=1_440, step="any"
                ),
                Field("alarm_disk_percent", mark("Disco cheio acima de"), suffix="%", least=1, most=100, step="any"),
            ),
        ),
    ),
)


def _kept(name: str, label: str, hint: str) -> Field:
    """For how many days something is kept; blank keeps it."""
    return Field(name, label, hint, suffix=_DAYS, optional=True, least=1, most=36_500, empty=_KEPT)


PRIVACY = Topic(
    "privacy",
    mark("Retenção e privacidade"),
    mark("O que se guarda de cada pessoa e por quanto tempo, e como atender um pedido dela (LGPD)."),
    (
        Group(
            mark("Por quanto tempo"),
            mark("Em branco, guarda até que alguém apague."),
            (
                _kept(
                    "contact_retention_days",
                    mark("Contatos parados"),
                    mark("Apaga quem não teve nada desde então: mensagem, resposta ou reunião."),
                ),
                _kept(
                    "message_retention_days",
                    mark("Histórico de mensagens"),
                    mark("Depois do fim da campanha; os números ficam."),
                ),
                _kept("inbox_retention_days", mark("Conversas resolvidas"), mark("Depois de tratadas.")),
                Field(
                    "import_retention_days",
                    mark("Planilhas importadas"),
                    mark("O arquivo e o relatório das linhas recusadas."),
                    suffix=_DAYS,
                    least=0,
                    most=36_500,
                ),
                Field(
                    "audit_retention_days",
                    mark("Auditoria"),
                    mark("Ao menos 365 dias."),
                    suffix=_DAYS,
                    optional=True,
                    least=365,
                    most=36_500,
                    empty=_KEPT,
                ),
            ),
        ),
    ),
)

TOPICS = {topic.key: topic for topic in (LIMITS, GENERAL, ALARMS, PRIVACY)}
PAGE_OF = {field.name: topic.path for topic in TOPICS.values() for field in topic.fields} | {
    "business_hours": f"{HOME}/hours"
}
"""Where a setting is changed."""
