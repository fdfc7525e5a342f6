"""What an operator should know about the present values, most of all where the source document errs.

The facts behind each text, and what we chose, are in docs/adr/0006-contradictions-of-the-source-document.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from disparo.settings.cloud_advice import cloud_advice
from disparo.settings.editable import HOURS_PARTS
from disparo.settings.load import LoadedSettings
from disparo.settings.notice import Advice
from disparo.settings.sending_advice import sending_advice
from disparo.settings.sources import Rank


def check_settings(loaded: LoadedSettings) -> tuple[Advice, ...]:
    """Every remark on the present values: sending first, then AWS, then where the values came from.

    Settings that cannot work never get here (`load_settings` refuses them); `error` is what AWS refuses.
    """
    return (
        *sending_advice(loaded.settings),
        *cloud_advice(loaded.settings),
        *_origins(loaded),
    )


def _origins(loaded: LoadedSettings) -> Iterator[Advice]:
    if loaded.sources["lambda_memory_ingest"].rank <= Rank.PROFILE:
        yield Advice(
            "note",
            "lambda_memory_ingest",
            f"o documento não dá a memória da função ingest; escolhemos {loaded.settings.lambda_memory_ingest} MB.",
        )
    if loaded.settings.business_hours is not None:
        for part in HOURS_PARTS:
            if loaded.sources[part].rank > Rank.DEFAULT:
                yield Advice(
                    "warning",
                    part,
                    f"sem efeito ({loaded.sources[part]}): business_hours vale no lugar "
                    f"({loaded.sources['business_hours']}).",
                )
    for name in sorted(loaded.edits):
        if loaded.sources[name].rank > Rank.CONSOLE:
            text = f"o que se mudou no console não tem efeito: {loaded.sources[name]} vale no lugar."
            yield Advice("warning", name, text)
    for name, source in loaded.ignored.items():
        yield Advice("note", name, f"não é uma configuração do disparo e foi ignorada ({source}).")
