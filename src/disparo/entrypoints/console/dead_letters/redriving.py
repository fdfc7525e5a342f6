"""Sending dead letters again: some, or all of a filter part by part, and those that might be a second message apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.errors import InputError, NotFoundError
from disparo.entrypoints.console.dead_letters.advice import REFUSALS
from disparo.entrypoints.console.dead_letters.chosen import PATH, Chosen
from disparo.entrypoints.console.dead_letters.listing import PAGE, Letter, letters
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.own_path import link
from disparo.entrypoints.console.shell import Console
from disparo.usecases import dead_letters as usecase
from disparo.usecases.dead_letters import FORCIBLE, RedriveReport, Refusal
from disparo.usecases.messages import MessageHistory

AT_ONCE = 1_000
"""Messages of a filter that one request looks at: about a second, in which others are answered. The page goes on."""
MOST_PICKED = 200


@dataclass(frozen=True, slots=True)
class Done:
    """How far a redrive of a filter has come."""

    redriven: int
    left: Counter[Refusal]

    @classmethod
    def of(cls, form: Form) -> Done:
        """As the form before tells it; it decides nothing."""
        left: Counter[Refusal] = Counter()
        for told in form.all("left"):
            code, _, count = told.partition(":")
            if code in set(Refusal) and count.isascii() and count.isdecimal():
                left[Refusal(code)] += int(count[:9])
        return cls(_number(form.get("redriven")), left)

    def and_then(self, report: RedriveReport) -> Done:
        """With one more part."""
        return Done(self.redriven + report.redriven, self.left + Counter(why for _, why in report.refused))


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    house = console.house

    @routes.post("/redrive", name="dead_letters.redrive_by_page")
    async def redrive(request: Request) -> Response:
        """Make them due again: those that are ticked, or of the filter as many as one request may take."""
        form = await read_form(request)
        chosen, force = Chosen.of({name: form.get(name) for name in form.values}), form.get("force") == "1"
        if force and form.get("sure") != "1":
            raise InputError("marque que sabe: a pessoa pode receber a mesma mensagem duas vezes")
        if form.get("scope") == "all":
            return await _all(console, request, form, chosen, force)
        picked = list(dict.fromkeys(form.all("id")))[:MOST_PICKED]
        if not picked:
            _ = console.words(request).gettext
            return console.redirect(request, chosen.path(), _("Escolha ao menos uma."), "warn")
        report = await usecase.redrive(house.store, picked, house.clock.now(), force=force)
        request.state.audit = {"redriven": report.redriven, "refused": len(report.refused), "force": force}
        left = [message_id for message_id, why in report.refused if why in FORCIBLE]
        onward = _review(chosen, left) if left else chosen.path()
        return _told(console, request, onward, Done(0, Counter()).and_then(report))

    @routes.get("/review", name="dead_letters.page_of_left")
    async def review(
        request: Request,
        picked: Annotated[list[str] | None, Query(alias="id", max_length=MOST_PICKED)] = None,
    ) -> Response:
        """Those that were left out, by why; what a person may decide otherwise can be ticked."""
        chosen, now = Chosen.of(request.query_params), house.clock.now()
        if picked:
            records = [found.record for one in picked[:PAGE] if (found := await _perhaps(console, one)) is not None]
            more = False
        else:
            latest = await usecase.latest(house.store, await chosen.wanted(house.store), None, PAGE)
            records, more = list(latest.records), latest.after is not None
        refusals = await usecase.prospects(house.store, records, now)
        shown = await letters(house.store, records, refusals)
        groups = _by_refusal(shown)
        return console.page(
            request,
            "dead_letters/review.html",
            chosen=chosen,
            groups=[(why, found) for why, found in groups if why in FORCIBLE],
            never=[(why, found) for why, found in groups if why is not None and why not in FORCIBLE],
            free=[one for one in shown if one.refusal is None],
            refusals=REFUSALS,
            more=more,
            count=chosen.count(await usecase.summary(house.store, None)) if more else len(shown),
        )

    return routes


async def _all(console: Console, request: Request, form: Form, chosen: Chosen, force: bool) -> Response:
    """The next part of a filter; the page that it answers with asks for the one after."""
    house = console.house
    wanted = await chosen.wanted(house.store)
    report = await usecase.redrive_some(
        house.store, wanted, house.clock.now(), AT_ONCE, after=form.get("after") or None, force=force
    )
    done = Done.of(form).and_then(report)
    request.state.audit = {**chosen.fields, "redriven": report.redriven, "refused": len(report.refused), "force": force}
    if report.after is None:
        onward = chosen.path("/review") if done.left.keys() & FORCIBLE else chosen.path()
        return _told(console, request, onward, done)
    total = _number(form.get("total")) or chosen.count(await usecase.summary(house.store, None)) + done.redriven
    return console.page(
        request, "dead_letters/going_on.html", chosen=chosen, done=done, after=report.after, total=total, force=force,
        looked=done.redriven + done.left.total(),
    )  # fmt: skip


def _told(console: Console, request: Request, onward: str, done: Done) -> Response:
    """Say what was done, and what was left out and why."""
    words, formats = console.words(request), console.formats(request)
    parts = [words.ngettext("%(number)s recolocada na fila.", "%(number)s recolocadas na fila.", done.redriven,
                            number=formats.number(done.redriven))]  # fmt: skip
    for why, count in done.left.most_common():
        title = words.gettext(REFUSALS[why][0])
        text = words.gettext("%(count)s de fora: %(why)s.", count=formats.number(count), why=title)
        parts.append(text)
    return console.redirect(request, onward, " ".join(parts), "warn" if done.left else "good")


def _review(chosen: Chosen, ids: Sequence[str]) -> str:
    path = chosen.path("/review")
    return "&".join([link(path, {"id": ids[0]}), *(link("", {"id": one})[1:] for one in ids[1:PAGE])])


async def _perhaps(console: Console, message_id: str) -> MessageHistory | None:
    try:
        return await usecase.show(console.house.store, message_id)
    except NotFoundError:
        return None


def _by_refusal(shown: Sequence[Letter]) -> list[tuple[Refusal | None, list[Letter]]]:
    groups: dict[Refusal | None, list[Letter]] = {}
    for one in shown:
        groups.setdefault(one.refusal, []).append(one)
    return list(groups.items())


def _number(text: str) -> int:
    return int(text[:9]) if text.isascii() and text.isdecimal() else 0
