"""`/u/{token}`: where the unsubscribe link of a message leads (RFC 8058, RFC 2369)."""

from __future__ import annotations

import base64
import hashlib

from fastapi import APIRouter, Response

from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageId
from disparo.entrypoints.http.installation import Installation
from disparo.usecases.unsubscribe import unsubscribe

SOURCE = "link"


def router(house: Installation) -> APIRouter:
    """The routes; whoever has the link needs nothing else.

    Opening it changes nothing, as programs that look for harmful links open it, too. A POST unsubscribes, whether it is
    the page's button or a mail program's one click; what the POST says does not matter. No page has personal data.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/u/{token}", methods=["GET", "HEAD"])
    async def ask(token: str) -> Response:
        return _answer(_NOT_OURS, 404) if _message_of(house, token) is None else _answer(_ASK)

    @routes.post("/u/{token}")
    async def leave(token: str) -> Response:
        message_id = _message_of(house, token)
        if message_id is None:
            return _answer(_NOT_OURS, 404)
        try:
            await unsubscribe(house.store, message_id, house.clock.now(), SOURCE, house.events)
        except NotFoundError:  # of data that is no longer here
            return _answer(_NOT_OURS, 404)
        return _answer(_DONE)

    return routes


def _message_of(house: Installation, token: str) -> MessageId | None:
    try:
        return house.links.message_of(token)
    except NotFoundError:
        return None


def _answer(page: bytes, status: int = 200) -> Response:
    return Response(page, status, _HEADERS, media_type="text/html")


_STYLE = """
:root { color-scheme: light dark; --text: #1a1a1a; --ground: #fff; --soft: #4a4a4a; --line: #767676; }
@media (prefers-color-scheme: dark) {
  :root { --text: #f2f2f2; --ground: #161616; --soft: #c6c6c6; --line: #8d8d8d; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 0 auto; padding: 2.5rem 1.25rem; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
p { margin: 0 0 1rem; }
button { width: 100%; min-height: 3.5rem; padding: .75rem 1rem; border: 0; border-radius: .5rem; cursor: pointer;
  background: #0b5cad; color: #fff; font: inherit; font-weight: 600; }
button:hover { text-decoration: underline; }
button:focus-visible { outline: 3px solid var(--text); outline-offset: 3px; }
[lang=en] { color: var(--soft); }
section[lang=en] { margin-top: 2rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
section[lang=en] h2 { font-size: 1.125rem; margin: 0 0 .5rem; }
button [lang=en] { display: block; color: #fff; font-weight: 400; }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def _page(portuguese: tuple[str, str], english: tuple[str, str], form: str = "") -> bytes:
    """A page of a heading and a sentence in each language."""
    return f"""<!doctype html>
<html lang="pt-BR">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>{portuguese[0]}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{portuguese[0]}</h1>
<p>{portuguese[1]}</p>
{form}<section lang="en">
<h2>{english[0]}</h2>
<p>{english[1]}</p>
</section>
</main>
</body>
</html>
""".encode()


_ASK = _page(
    (
        "Parar de receber mensagens?",
        "Se você confirmar, não enviaremos mais nada a você: nem e-mail, nem WhatsApp, nem SMS.",
    ),
    (
        "Stop receiving messages?",
        "If you confirm with the button above, we will send you nothing more: no e-mail, no WhatsApp, no SMS.",
    ),
    # It is posted to the address of the page itself, whatever a proxy calls it.
    """<form method="post">
<button type="submit">Não quero mais receber <span lang="en">I want no more messages</span></button>
</form>
""",
)
_DONE = _page(
    (
        "Pronto: você não receberá mais mensagens nossas.",
        "Uma mensagem que já estava a caminho ainda pode chegar.",
    ),
    (
        "Done: you will get no more messages from us.",
        "One that was already on its way may still arrive.",
    ),
)
_NOT_OURS = _page(
    (
        "Este link não funciona",
        "Ele veio incompleto ou foi alterado. Abra-o de novo na mensagem que você recebeu, ou responda a ela com a "
        "palavra SAIR.",
    ),
    (
        "This link does not work",
        "It is incomplete or was changed. Open it again from the message that you got, or answer that message with the "
        "word STOP.",
    ),
)
