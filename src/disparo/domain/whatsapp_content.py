"""What only WhatsApp carries: a template that Meta approved, and answers to choose from.

The texts in both are Liquid sources in a `Template` and what one contact gets in a `Content`. Limits are those of the
WhatsApp Business Cloud API (messages, objects `template` and `interactive`), in characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

INTERACTIVE_TEXT_LIMIT: Final = 1024
"""Of the text above choices: one page says 4,096 for lists, the OpenAPI document 1,024; this satisfies both."""

MOST_BUTTONS: Final = 3
MOST_ROWS: Final = 10
BUTTON_ID_LIMIT: Final = 256
ROW_ID_LIMIT: Final = 200
MOST_APPROVED_BUTTONS: Final = 10

_BUTTON_TITLE, _ROW_TITLE, _ROW_DESCRIPTION, _LABEL = 20, 24, 72, 20
_HEADER, _PARAMETER, _LINK, _PAYLOAD = 60, 1024, 2000, 128
_BREAK: Final = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]| {4}")
_BLANK: Final = re.compile(r"\s")


class Flaw(NamedTuple):
    """Why WhatsApp would refuse a text: a code of `RenderError` and words for the operator."""

    reason: str
    problem: str


Rule = Callable[[str], Flaw | None]
"""What WhatsApp asks of a text."""

Rewrite = Callable[[str, Rule, str], str]
"""The new text of a part (`approved.body[1]`), given its rule and the old text."""


class MediaKind(StrEnum):
    """What an approved template may have above its body."""

    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


class ButtonKind(StrEnum):
    """Buttons of an approved template that take a parameter."""

    URL = "url"
    """Its value is put behind the address that was approved."""
    QUICK_REPLY = "quick_reply"
    """Its value comes back when the button is pressed."""


@dataclass(frozen=True, slots=True)
class HeaderMedia:
    """A file that Meta fetches from an https address."""

    kind: MediaKind
    link: str


@dataclass(frozen=True, slots=True)
class ApprovedButton:
    """The parameter of the button at `index` (0 is the first, buttons without a parameter counted)."""

    kind: ButtonKind
    value: str
    index: int


@dataclass(frozen=True, slots=True)
class Approved:
    """A template that Meta approved under this name and language, and what is put into its blanks.

    `header` has one text at most. `header_names` and `body_names` are the blanks' names, in the order of the texts, of
    a template made with named ones; they are empty when it has numbered ones.
    """

    name: str
    language: str
    header: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    header_media: HeaderMedia | None = None
    buttons: tuple[ApprovedButton, ...] = ()
    header_names: tuple[str, ...] = ()
    body_names: tuple[str, ...] = ()

    def rewritten(self, rewrite: Rewrite) -> Approved:
        """The same with every text rewritten."""
        media = self.header_media
        if media is not None:
            media = replace(media, link=rewrite("approved.header_media.link", _link_flaw, media.link))
        return replace(
            self,
            header=_each("approved.header", self.header_names, self.header, _at_most(_HEADER), rewrite),
            body=_each("approved.body", self.body_names, self.body, _at_most(_PARAMETER), rewrite),
            header_media=media,
            buttons=tuple(
                replace(one, value=rewrite(f"approved.buttons[{number}].value", _button_rule(one.kind), one.value))
                for number, one in enumerate(self.buttons, start=1)
            ),
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to choose; `id` comes back (`Reply.choice`) and is no Liquid."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """Answers under a text: up to three buttons, or with a `label` a list of up to ten rows that it opens."""

    options: tuple[Choice, ...]
    label: str | None = None

    def rewritten(self, rewrite: Rewrite) -> Choices:
        """The same with every text rewritten; a description that became empty is left out."""
        label = self.label
        if label is not None:
            label = rewrite("choices_label", _at_most(_LABEL), label)
        title_limit = _BUTTON_TITLE if self.label is None else _ROW_TITLE
        options = []
        for number, option in enumerate(self.options, start=1):
            title = rewrite(f"choices[{number}].title", _at_most(title_limit), option.title)
            description = option.description
            if description is not None:
                description = rewrite(f"choices[{number}].description", _description_flaw, description)
            options.append(replace(option, title=title, description=description or None))
        return replace(self, options=tuple(options), label=label)

    def flaw(self) -> Flaw | None:
        """Why these cannot stand together: ids are unique, titles of buttons too."""
        titles = (option.title for option in self.options) if self.label is None else ()
        for what, texts in (("o id", (option.id for option in self.options)), ("o title", titles)):
            for text, count in Counter(texts).items():
                if count > 1:
                    return Flaw("choices_repeat", f'{what} "{text}" está em {count} opções; deixe-os diferentes')
        return None


def is_fixed(source: str) -> bool:
    """Whether a source has no Liquid, so that everybody gets it as it stands."""
    return "{{" not in source and "{%" not in source


def _each(place: str, names: tuple[str, ...], texts: tuple[str, ...], rule: Rule, rewrite: Rewrite) -> tuple[str, ...]:
    parts = [f"{place}.{name}" for name in names] or [f"{place}[{number + 1}]" for number in range(len(texts))]
    return tuple(rewrite(part, rule, text) for part, text in zip(parts, texts, strict=True))


def _at_most(limit: int) -> Rule:
    """The rule of a parameter and of a title (Meta: no line break, no tab, no more than four spaces in a row)."""

    def flaw(text: str) -> Flaw | None:
        if not text.strip():
            return Flaw("empty_value", "ficou em branco, e o WhatsApp recusa")
        return _line_flaw(text, limit)

    return flaw


def _line_flaw(text: str, limit: int) -> Flaw | None:
    if _BREAK.search(text):
        return Flaw("bad_parameter", "o WhatsApp não aceita aí quebra de linha, tabulação nem 4 espaços seguidos")
    if len(text) > limit:
        return Flaw("parameter_too_long", f"tem {len(text)} letras; cabem {limit}")
    return None


def _description_flaw(text: str) -> Flaw | None:
    return _line_flaw(text, _ROW_DESCRIPTION)


def _suffix_flaw(text: str) -> Flaw | None:
    if _BLANK.search(text):
        return Flaw("bad_parameter", "um endereço não leva espaços; use o filtro url_encode")
    return _at_most(_LINK)(text)


def _link_flaw(text: str) -> Flaw | None:
    if not text.startswith("https://") or _BLANK.search(text):
        return Flaw("bad_parameter", "escreva o endereço de um arquivo, como https://exemplo.com/foto.jpg")
    return _at_most(_LINK)(text)


def _button_rule(kind: ButtonKind) -> Rule:
    return _suffix_flaw if kind is ButtonKind.URL else _at_most(_PAYLOAD)
