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
:root { color-scheme: light dark; --page: #f4f1ec; --text: #1c2731; --ground: #ffffff; --soft: #465360; --line: #ddd7cd;
  --accent: #0d6353; --accent-over: #0a4f43; --on-accent: #fff; --shadow: 0 1px 2px #1c273114, 0 12px 32px #1c273112; }
@media (prefers-color-scheme: dark) {
  :root { --page: #10161a; --text: #edf1f4; --ground: #182027; --soft: #b2bec8; --line: #2f3b45;
    --accent: #79d4bf; --accent-over: #9be3d2; --on-accent: #06231d; --shadow: none; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); overflow-wrap: break-word;
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { width: calc(100% - 2rem); max-width: 34rem; margin: clamp(1rem, 5vw, 3.5rem) auto;
  padding: clamp(1.25rem, 5vw, 2.5rem);
  background: var(--ground); border: 1px solid var(--line); border-radius: 1.25rem; box-shadow: var(--shadow); }
h1 { font-size: clamp(1.375rem, 1.2rem + 1.2vw, 1.75rem); line-height: 1.2; letter-spacing: -.015em; margin: 0 0 1rem;
  text-wrap: balance; }
p { margin: 0 0 1rem; }
button { width: 100%; min-height: 3.5rem; padding: .75rem 1rem; border: 0; border-radius: .75rem; cursor: pointer;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; line-height: 1.35; }
button:hover { background: var(--accent-over); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
[lang=en] { color: var(--soft); }
section[lang=en] { margin-top: 2rem; padding-top: 1.5rem; border-top: 1px solid var(--line); font-size: .9375rem; }
section[lang=en] h2 { font-size: 1rem; line-height: 1.3; margin: 0 0 .5rem; }
section[lang=en] p { margin: 0; }
button [lang=en] { display: block; color: inherit; font-weight: 400; font-size: .9375rem; }
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
