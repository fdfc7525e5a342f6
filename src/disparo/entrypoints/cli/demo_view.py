"""The demonstration as it is seen on a terminal while it runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from disparo.entrypoints.cli.charts import LOOKS
from disparo.entrypoints.cli.demo_summary import StepCount, step_counts
from disparo.entrypoints.cli.demo_words import ANSWERS, sender_words, telling
from disparo.entrypoints.cli.moments import in_zone, shown
from disparo.entrypoints.words import words

if TYPE_CHECKING:
    from disparo.domain.campaign import Campaign
    from disparo.simulation.demo_story import Happening, Story

_LEFT = "·"
_ENDED = "░"
_BESIDE_BAR = 56
_BESIDE_EVENTS = 16


class DemoView:
    """Clock, steps, senders and the latest events; read from the story whenever the screen is drawn again."""

    def __init__(self, story: Story, campaign: Campaign, console: Console) -> None:
        self._story, self._campaign, self._console = story, campaign, console
        self._notable: deque[str] = deque(maxlen=20)
        self._answers: deque[str] = deque(maxlen=20)

    def happened(self, one: Happening) -> None:
        """Something happened."""
        lines = self._answers if one.kind in ANSWERS else self._notable
        lines.append(telling(one, self._campaign.place.zone))

    def render(self) -> Group:
        """The whole view, no wider than the terminal and no higher."""
        return Group(self._headline(), Text(), self._steps(), Text(), self._senders(), Text(), *self._events())

    def _headline(self) -> Text:
        now = in_zone(self._story.now, self._campaign.place.zone) or self._story.now
        line = Text("Disparo", "bold")
        line.append(f"  {self._campaign.name}", "default")
        clock = shown(now)
        line.append(" " * max(2, min(self._width, 120) - len(line) - len(clock)))
        line.append(clock, "bold cyan")
        return line

    @property
    def _width(self) -> int:
        return self._console.width

    def _steps(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
        table.add_column("passo")
        table.add_column("")
        for title in ("enviadas", "lidas", "resp.", "saíram", "falhas"):
            table.add_column(title, justify="right")
        room = max(8, min(self._width, 120) - _BESIDE_BAR)
        for one in step_counts(self._campaign, self._story.tally):
            counts = (one.sent, one.read, one.replied, one.opted_out, one.failed_total)
            cells = [Text(str(count) if count else "–", "" if count else "dim") for count in counts]
            name = f"{one.number} {words(one.channel)}"
            table.add_row(Text(name), _progress(one, room), *cells)
        return table

    def _senders(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis")
        for channel, state in self._story.senders.items():
            text, style = sender_words(state, self._story, self._campaign.place.zone)
            block, colour = LOOKS[channel]
            table.add_row(Text(f"{block} {words(channel)}", colour), Text(text, style))
        return table

    def _events(self) -> list[Text]:
        room = max(3, min(13, self._console.height - _BESIDE_EVENTS))
        answers = max(1, room // 3)
        return [
            *_latest(self._notable, room - answers, ""),
            Text(),
            *_latest(self._answers, answers, "dim"),
        ]


def _latest(lines: Iterable[str], room: int, style: str) -> list[Text]:
    """The last of these lines, in always the same room."""
    shown_lines = [Text(line, style, no_wrap=True, overflow="ellipsis") for line in list(lines)[-room:]]
    return shown_lines + [Text()] * (room - len(shown_lines))


def _progress(one: StepCount, room: int) -> Text:
    """Sent, ended without being sent, and left; of all that the step might send."""
    block, colour = LOOKS[one.channel]
    total = max(1, one.rows)
    sent, ended = round(one.sent * room / total), round(one.ended * room / total)
    sent = max(sent, min(one.sent, 1))
    ended = min(ended, room - sent)
    line = Text(block * sent, colour)
    line.append(_ENDED * ended, "dim")
    line.append(_LEFT * (room - sent - ended), "dim")
    return line
