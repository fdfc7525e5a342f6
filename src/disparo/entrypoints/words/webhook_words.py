"""What the codes of endpoints and deliveries are called."""

from __future__ import annotations

from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "enabled": "ativo",
    "disabled": "desativado",
    "pending": "a entregar",
    "delivered": "entregue",
    "failed": "falhou",
}

REASONS: Mapping[str, str] = {
    "gone": "o endereço respondeu que não existe mais (410)",
    "failing": "nada chegou por cinco dias",
    "by_hand": "desativado por uma pessoa",
}

FAULTS: Mapping[str, str] = {
    "not_connected": "não foi possível conectar",
    "timed_out": "não respondeu a tempo",
    "no_answer": "a conexão caiu antes da resposta",
    "endpoint_refused": "o nome leva a uma rede interna, e nada é enviado para lá",
    "endpoint_unusable": "o endereço não pode ser usado",
    "secret_unreadable": "o segredo não abre com a chave desta instalação; gere outro",
}
