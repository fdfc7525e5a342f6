"""What turns a template and a contact's variables into the message that the contact gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from disparo.domain.template import Content, Template


class CompiledTemplate(Protocol):
    """A checked template, ready to be rendered many times; safe to share between threads."""

    def variables(self) -> frozenset[str]:
        """The variables that the template reads and does not set itself, optional ones included."""
        ...

    def render(self, variables: Mapping[str, str]) -> Content:
        """The message for one contact; the same variables always give the same content.

        Names are looked up as they are written. A value that is blank counts as missing. Raises `RenderError`
        and nothing else: what comes back never has a hole where a variable should be. The size of the result
        is bounded, but whether the channel can carry it is `check_size`'s to say.
        """
        ...


class Renderer(Protocol):
    """Compiles templates. Pure computation: no clock, no files, no network; the caller keeps the result."""

    def compile(self, template: Template) -> CompiledTemplate:
        """Check every part and make it ready; raises `TemplateError` naming template, part and line."""
        ...
