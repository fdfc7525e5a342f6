"""What a password must be."""

from __future__ import annotations

import re
import unicodedata

from disparo.domain.errors import InputError

SHORTEST, LONGEST = 12, 200
"""NIST SP 800-63B, 3.1.1.2: length counts, and no rules of composition. The upper end bounds the work of hashing."""

_ROOTS = frozenset(
    {
        *("senha", "password", "passwd", "admin", "administrador", "disparo", "agenda", "brasil", "mudar", "trocar"),
        *("qwerty", "qwertyuiop", "asdfgh", "asdfghjkl", "zxcvbn", "abc", "abcdef", "teste", "test", "letmein"),
        *("welcome", "bemvindo", "iloveyou", "teamo", "flamengo", "corinthians", "palmeiras", "saopaulo", "vasco"),
        *("gremio", "internacional", "cruzeiro", "santos", "segredo", "secret", "master", "root", "usuario", "user"),
        *("login", "senhasegura", "minhasenha", "mudarsenha", "trocarsenha", "novasenha", "senhaforte", "dragon"),
        *("monkey", "sunshine", "princess", "mudarsenhaagora", "qualquersenha", "umasenhaqualquer", "correcthorse"),
    }
)
_TAIL = re.compile(r"[\W\d_]+")
_KEYBOARD = (
    *("abcdefghijklmnopqrstuvwxyz", "01234567890123456789"),
    *("qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn"),
)


def normal_password(text: str) -> str:
    """As it is hashed, so that every keyboard makes the same of it (NFKC, as NIST SP 800-63B asks for)."""
    return unicodedata.normalize("NFKC", text)


def checked_password(text: str, *, email: str, name: str = "") -> str:
    """A new password in its normal form; InputError, which never says it, when it is too easy to guess."""
    password = normal_password(text)
    if len(password) < SHORTEST:
        raise InputError(f"senha: use {SHORTEST} letras ou mais; uma frase é fácil de lembrar")
    if len(password) > LONGEST:
        raise InputError(f"senha: use no máximo {LONGEST} letras")
    if _is_about(password, email, name):
        raise InputError("senha: não use o seu e-mail nem o seu nome")
    if _is_common(password):
        raise InputError("senha: esta é das primeiras que alguém tentaria; use uma frase sua")
    return password


def _is_about(password: str, email: str, name: str) -> bool:
    low, local = password.casefold(), email.casefold().partition("@")[0]
    words = [email.casefold(), *([local] if len(local) >= 4 else []), "".join(name.casefold().split())]
    low = low.replace(" ", "")
    return any(len(one) >= 4 and one in low and len(_TAIL.sub("", low.replace(one, ""))) < 4 for one in words)


def _is_common(password: str) -> bool:
    low = password.casefold()
    plain = _TAIL.sub("", low)
    if len(set(low)) < 5 or any(_runs_along(one, line) for one in (low, plain) if len(one) > 7 for line in _KEYBOARD):
        return True
    letters = _TAIL.sub("", low.replace("@", "a").replace("0", "o").replace("$", "s").replace("3", "e"))
    return any(_repeats(one, root) for one in (letters, plain) for root in _ROOTS)


def _runs_along(text: str, line: str) -> bool:
    """Whether it goes along a line of keys, from either end, and over again."""
    long = line * (len(text) // len(line) + 2)
    return text in long or text in long[::-1]


def _repeats(text: str, root: str) -> bool:
    """Whether it is nothing but a common word, once or more."""
    return bool(text) and len(text) % len(root) == 0 and text == root * (len(text) // len(root))
