"""Remarks on what AWS does with the present values; facts from AWS's documentation and from trying it."""

from __future__ import annotations

from collections.abc import Iterator

from disparo.settings.cloud import VISIBILITY_FACTOR
from disparo.settings.model import Settings
from disparo.settings.notice import Advice

_FUNCTIONS = 4
_UNRESERVED_MINIMUM = 100  # AWS keeps this much of the account's quota out of every reservation
_TICK_S = 60
_LONGEST_RETENTION_S = 1_209_600
_DAY_S = 86_400
_LONGEST_REQUEST_S = 30  # API Gateway waits no longer for a function (quotas of HTTP APIs)
_LOOKS_OF_A_CLICK = 2  # at the time that was picked, and for others when it is taken


def cloud_advice(settings: Settings) -> Iterator[Advice]:
    """What is odd about the sizes of functions, tables and queues."""
    yield _billing(settings)
    yield _autoscaling(settings)
    yield _visibility(settings)
    yield _retention(settings)
    yield _schedule(settings)
    yield _calendars(settings)
    yield _reserved(settings)
    yield from _provisioned(settings)
    yield from _replicas(settings)
    yield Advice(
        "note",
        "alarms",
        "os alarmes do documento não têm dimensões: o da fila (AWS/SQS) nunca dispara e os de AWS/Lambda "
        "somam todas "
        "as funções da conta. Use um alarme por função, e QueueName no da DLQ. O documento diz «10 erros em "
        "5 minutos», mas com dois períodos de 300 s são 10 minutos.",
    )


def _billing(settings: Settings) -> Advice:
    key, mode = "dynamodb_billing_mode", settings.dynamodb_billing_mode
    if mode == "ON_DEMAND":
        return Advice(
            "note",
            key,
            "ON_DEMAND é o nome do documento, mas o Terraform só conhece PAY_PER_REQUEST e PROVISIONED; "
            "aceitamos e traduzimos para PAY_PER_REQUEST.",
        )
    return Advice("ok", key, f"{mode} é um nome que o Terraform conhece.")


def _autoscaling(settings: Settings) -> Advice:
    key = "dynamodb_autoscaling_enabled"
    on_demand = settings.billing_mode() == "PAY_PER_REQUEST"
    if settings.dynamodb_autoscaling_enabled and on_demand:
        return Advice(
            "warning",
            key,
            "autoscaling não tem efeito: uma tabela sob demanda não tem capacidade a ajustar. Use false, ou "
            'dynamodb_billing_mode = "PROVISIONED".',
        )
    if not settings.dynamodb_autoscaling_enabled and not on_demand:
        return Advice("warning", key, "com PROVISIONED e sem autoscaling, a capacidade fica fixa no mínimo; use true.")
    return Advice("ok", key, "combina com dynamodb_billing_mode.")


def _visibility(settings: Settings) -> Advice:
    key, seconds = "visibility_timeout_seconds", settings.visibility_timeout_seconds
    timeout = settings.lambda_timeout_send
    wanted = VISIBILITY_FACTOR * timeout
    if seconds < timeout:
        return Advice(
            "error",
            key,
            f"{seconds} s é menos que lambda_timeout_send = {timeout} s, e a AWS recusa ligar a fila à "
            "função; "
            f"deixe fora ou use {wanted}.",
        )
    if seconds < wanted:
        return Advice(
            "warning",
            key,
            f"{seconds} s é menos que {VISIBILITY_FACTOR} x {timeout} = {wanted} s: a fila pode entregar de "
            "novo o que "
            "ainda está sendo enviado; deixe fora ou aumente.",
        )
    if seconds > wanted:
        return Advice(
            "note",
            key,
            f"{seconds} s é mais que {VISIBILITY_FACTOR} x {timeout} = {wanted} s (os 1800 do documento só "
            "valem para "
            "300 s): depois de uma falha a mensagem espera mais que o preciso; deixe fora para calcular.",
        )
    return Advice("ok", key, f"{seconds} s = {VISIBILITY_FACTOR} x {timeout} s.")


def _retention(settings: Settings) -> Advice:
    key, seconds = "message_retention_seconds", settings.message_retention_seconds
    if seconds == _LONGEST_RETENTION_S:
        return Advice(
            "warning",
            key,
            "14 dias é o máximo também da DLQ, e o prazo conta desde o primeiro envio: o que esperou 13 "
            "dias na fila "
            "fica um dia na DLQ. Use 345600 (4 dias) na fila principal.",
        )
    return Advice("ok", key, f"{seconds / _DAY_S:g} dias, menos que os 14 da DLQ.")


def _schedule(settings: Settings) -> Advice:
    key, seconds = "lambda_timeout_schedule", settings.lambda_timeout_schedule
    overlap = -(-seconds // _TICK_S)
    if overlap > 1:
        return Advice(
            "note",
            key,
            f"com {seconds} s e um disparo por minuto, até {overlap} execuções podem coincidir; é inofensivo, pois "
            "cada tarefa tem um papel no livro e as outras voltam logo. Não reserve concorrência 1: o tick e os passos "
            "correm lado a lado.",
        )
    return Advice("ok", key, f"{seconds} s cabem em um disparo por minuto.")


def _calendars(settings: Settings) -> Advice:
    key, seconds = "calendar_timeout_s", settings.calendar_timeout_s
    room = min(settings.lambda_timeout_api, _LONGEST_REQUEST_S)
    if _LOOKS_OF_A_CLICK * seconds >= room:
        return Advice(
            "warning",
            key,
            f"quem escolhe um horário pode esperar duas vezes {seconds:g} s por uma agenda lenta, e a resposta tem de "
            f"sair em {room} s (lambda_timeout_api, e 30 s do API Gateway); use menos de {room / 2:g}.",
        )
    return Advice("ok", key, f"duas vezes {seconds:g} s cabem nos {room} s de uma resposta.")


def _reserved(settings: Settings) -> Advice:
    key, each = "reserved_concurrent_executions", settings.reserved_concurrent_executions
    if each == 0:
        return Advice("ok", key, "0: nenhuma reserva, as funções dividem a cota da conta.")
    total = _FUNCTIONS * each
    return Advice(
        "warning",
        key,
        f"{each} em {_FUNCTIONS} funções são {total}, e a AWS guarda {_UNRESERVED_MINIMUM} sem reserva: a "
        "conta precisa "
        f"de cota {total + _UNRESERVED_MINIMUM}, e contas novas têm 10. Use 0 para não reservar.",
    )


def _provisioned(settings: Settings) -> Iterator[Advice]:
    key, warm = "provisioned_concurrent_executions", settings.provisioned_concurrent_executions
    reserved = settings.reserved_concurrent_executions
    if warm and 0 < reserved < warm:
        yield Advice(
            "error",
            key,
            f"{warm} é mais que reserved_concurrent_executions = {reserved}, e a AWS recusa; diminua um ou "
            "aumente o "
            "outro.",
        )
    elif warm:
        yield Advice(
            "note",
            key,
            f"{warm} instâncias quentes valem só num alias que é chamado (não em $LATEST) e são a maior "
            "parte da conta "
            "de PROD; só a função api as merece.",
        )


def _replicas(settings: Settings) -> Iterator[Advice]:
    if settings.replica_regions:
        yield Advice(
            "note",
            "replica_regions",
            "cada réplica é cobrada como outra tabela, e gravações condicionais só valem dentro de uma região: rode as "
            "funções em uma só, e use a réplica como reserva.",
        )
