"""What the secret of AWS End User Messaging holds: no keys, those are the process's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from disparo.domain.errors import InputError

TIME_TO_LIVE_S = 3600
"""How long a message may wait at AWS. Its own value, 72 hours, lets it arrive at night; within an hour of a closing
lane the hours are still believable."""
_TIMES_TO_LIVE = range(5, 259_201)

_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_IDENTITY = re.compile(r"[A-Za-z0-9_:/+-]{1,256}")
_NAME = re.compile(r"[A-Za-z0-9_:/-]{1,256}")
_TOPICS = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]{1,256}(?:\s*,\s*arn:[^\s,]+)*")
_ENDPOINT = re.compile(r"https://[^\s?#@]+|http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?/?")
_TYPES = re.compile("PROMOTIONAL|TRANSACTIONAL")


@dataclass(frozen=True, slots=True)
class AwsSmsCredentials:
    """From which identity messages leave, which configuration set tells what becomes of them, and by which topics."""

    region: str
    origination_identity: str
    configuration_set: str
    message_type: str = "PROMOTIONAL"
    topics: frozenset[str] = frozenset()
    """The topics of SNS that may call us. Anybody can make one that calls our address, so no other is believed."""
    protect_configuration: str | None = None
    time_to_live_s: int = TIME_TO_LIVE_S
    endpoint: str | None = None


def parse(name: str, fields: Mapping[str, str]) -> AwsSmsCredentials:
    """The secret `name`; InputError that names it and the field at fault. Fields that are not known are ignored."""

    def like(key: str, shape: re.Pattern[str], wanted: str) -> str | None:
        value = fields.get(key, "").strip()
        if value and not shape.fullmatch(value):
            raise InputError(f"segredo {name}: {key} não é {wanted}; corrija")
        return value or None

    def required(key: str, shape: re.Pattern[str], wanted: str) -> str:
        value = like(key, shape, wanted)
        if value is None:
            raise InputError(f"segredo {name}: falta {key}; preencha com {wanted}")
        return value

    waits = like("time_to_live_s", re.compile("[0-9]{1,6}"), "um número de segundos")
    if waits is not None and int(waits) not in _TIMES_TO_LIVE:
        raise InputError(f"segredo {name}: time_to_live_s não é um número de 5 a 259200; corrija")
    topics = like("topic_arn", _TOPICS, "o ARN de um tópico do SNS (ou vários, separados por vírgula)")
    return AwsSmsCredentials(
        required("region", _REGION, "uma região como sa-east-1"),
        required("origination_identity", _IDENTITY, "o número, sender ID ou pool que envia"),
        required("configuration_set", _NAME, "o nome do conjunto de configuração, sem o qual não há recibos"),
        like("message_type", _TYPES, "PROMOTIONAL nem TRANSACTIONAL") or "PROMOTIONAL",
        frozenset(one.strip() for one in (topics or "").split(",") if one.strip()),
        like("protect_configuration", _NAME, "o id de uma configuração de proteção"),
        TIME_TO_LIVE_S if waits is None else int(waits),
        like("endpoint", _ENDPOINT, "um endereço https"),
    )
