"""Forms that change settings: what they begin with, what of them is new, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from disparo.domain.errors import DisparoError, InputError
from disparo.entrypoints.console.forms import Form
from disparo.entrypoints.console.settings.topics import Field
from disparo.entrypoints.console.words import Words
from disparo.settings.configuration import NONE, Change, Configuration, SettingView, faults_of

SHOWN = "shown"
"""Hidden fields of a form: which settings could be changed in it, as a box that is off is not sent."""


def views_of(configuration: Configuration) -> Mapping[str, SettingView]:
    """Every setting by its name."""
    return {one.name: one for one in configuration.views()}


def form_of(fields: Sequence[Field], views: Mapping[str, SettingView]) -> Form:
    """A form as it is first shown."""
    return Form.of({field.name: field_text(views[field.name].written) or None for field in fields})


def field_text(value: object) -> str:
    """A value as a field has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else ""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def wanted_of(form: Form, fields: Sequence[Field], views: Mapping[str, SettingView]) -> dict[str, object]:
    """What a form changes: None takes a change back, as the value is what the files say anyway."""
    shown = set(form.all(SHOWN))
    wanted: dict[str, object] = {}
    for field in fields:
        view = views[field.name]
        if field.name not in shown or (said := form.get(field.name)) == field_text(view.written):
            continue
        wanted[field.name] = None if view.edited and said == field_text(view.beneath) else _value(field, said)
    return wanted


def _value(field: Field, said: str) -> object:
    if field.kind == "switch":
        return said == "1"
    if field.optional and field.kind == "number" and not said:
        return NONE
    return said


def failed(form: Form, error: DisparoError) -> Form:
    """The form with what is wrong at the fields that it is about."""
    if not isinstance(error, InputError):
        return form.failed(error)
    errors, general = dict(form.errors), list(form.general)
    for name, text in faults_of(error):
        if name in form.all(SHOWN):
            errors[name] = text
        else:
            general.append(f"{name}: {text}" if name else text)
    return replace(form, errors=errors, general=general)


def told_of(changes: Sequence[Change], views: Mapping[str, SettingView], words: Words) -> str:
    """What to say of changes: when they hold."""
    _ = words.gettext
    if not changes:
        return _("Nada mudou.")
    if all(views[one.name].live for one in changes):
        return _("Salvo: vale em segundos, sem reiniciar.")
    return _("Salvo: vale depois de reiniciar o disparo.")
