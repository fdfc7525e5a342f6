"""A forecast in words, for people who read it in the console."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from disparo.entrypoints.console.formats import Formats
from disparo.entrypoints.console.states import CHANNELS
from disparo.entrypoints.words import words

if TYPE_CHECKING:
    from disparo.simulation.forecast import Forecast
    from disparo.simulation.holdups import Holdup

Translate = Callable[..., str]
_LITTLE = 0.05
"""What takes less than this share of the open time holds nobody back."""


def sentences(found: Forecast, formats: Formats, _: Translate) -> Sequence[tuple[str, str]]:
    """What holds it back and what to change, with a tone for each."""
    return [*_sentences(found, formats, _)]


def _sentences(found: Forecast, formats: Formats, _: Translate) -> Iterator[tuple[str, str]]:
    if not found.messages:
        yield _("Nada será enviado: não há a quem."), "warn"
        return
    yield _what_holds(found, formats, _), "info"
    if found.expired:
        count = formats.number(found.expired)
        yield _("%(count)s mensagens não cabem no prazo e vencem sem sair: aumente o prazo.", count=count), "bad"
    if found.other_campaigns:
        names = ", ".join(found.other_campaigns)
        yield _("Contadas também as campanhas em andamento: %(names)s.", names=names), "info"


def _what_holds(found: Forecast, formats: Formats, _: Translate) -> str:
    first = found.holdups[0] if found.holdups else None
    waiting = found.share(found.waiting)
    if first is not None and found.share(first.lasting) >= max(_LITTLE, waiting):
        share = formats.percent(found.share(first.lasting))
        return _(
            "%(what)s é o que mais segura: %(share)s do tempo em horário aberto.",
            what=_holdup(first, formats, _),
            share=share,
        )
    if waiting >= _LITTLE:
        return _(
            "As esperas entre os passos são o que mais demora: %(share)s do tempo em horário aberto.",
            share=formats.percent(waiting),
        )
    if found.held_closed:
        return _(
            "Só o horário segura: mensagens prontas esperam %(time)s com tudo fechado.",
            time=formats.duration(found.held_closed),
        )
    return _("Nada segura: tudo sai assim que fica pronto.")


def _holdup(one: Holdup, formats: Formats, _: Translate) -> str:
    channel = CHANNELS[one.channel]
    book, _colon, window = one.reason.partition(":")
    if one.reason == "closed":
        return _("O horário de outros fusos ou feriados")
    if one.reason == "other_campaigns":
        return _("O limite do %(channel)s, dividido com outras campanhas,", channel=channel)
    if one.reason == "breaker":
        return _("A pausa de proteção do %(channel)s", channel=channel)
    limit = formats.number(one.limit or 0)
    known = {"limit": limit, "channel": channel, "window": words(window, _)}
    if book == "campaign":
        return _("O %(window)s desta campanha no %(channel)s (%(limit)s)", **known)
    return _("O %(window)s do remetente de %(channel)s (%(limit)s)", **known)
