"""A notice as a plain, readable page of an e-mail: its paragraphs, with links that can be clicked."""

from __future__ import annotations

import re
from html import escape

_URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
_BODY = "margin:0;padding:24px;background:#f4f5f7;color:#1f2430;font:16px/1.55 -apple-system,Segoe UI,Roboto,sans-serif"
_CARD = "max-width:560px;margin:0 auto;padding:28px;background:#ffffff;border-radius:12px"
_LINK = "color:#0b5cad;word-break:break-all"


def notice_html(text: str) -> str:
    """The text as HTML of its own style; everything in it is escaped, so that nobody's name becomes a tag."""
    paragraphs = (part.strip() for part in text.split("\n\n"))
    body = "".join(f'<p style="margin:0 0 16px">{_lines(part)}</p>' for part in paragraphs if part)
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        f'<body style="{_BODY}"><div style="{_CARD}">{body}</div></body></html>'
    )


def _lines(part: str) -> str:
    return "<br>".join(_linked(line) for line in part.splitlines())


def _linked(line: str) -> str:
    found: list[str] = []
    end = 0
    for match in _URL.finditer(line):
        url = escape(match[0], quote=True)
        found += [escape(line[end : match.start()]), f'<a href="{url}" style="{_LINK}">{url}</a>']
        end = match.end()
    return "".join([*found, escape(line[end:])])
