"""What a reply means for the sequence it answers."""

from __future__ import annotations

import re
import unicodedata

_OPT_OUTS = frozenset(
    {
        "sair",
        "parar",
        "pare",
        "stop",
        "baja",
        "cancelar",
        "cancelar envio",
        "descadastrar",
        "remover",
        "nao quero mais receber",
        "nao quero receber",
        "unsubscribe",
    }
)


def is_opt_out(text: str) -> bool:
    """Whether a reply, taken as a whole, asks never to be messaged again ("SAIR", "Não quero mais receber.").

    Only whole answers count: "não pare!" or "quero sair às 15h" are conversation.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", plain)) in _OPT_OUTS
