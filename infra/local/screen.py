"""What the demonstration shows: headings, lines, tables and verdicts; plain where there is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.model.essence import line

PLAIN_WIDTH = 110


class Screen:
    """The terminal, or a file or pipe: then without colours, in a fixed width."""

    def __init__(self, stream: TextIO | None = None) -> None:
        out = stream or sys.stdout
        if hasattr(out, "reconfigure"):
            out.reconfigure(errors="replace")  # a calendar may hold letters that this terminal cannot show
        self._chapters = 0
        self._console = Console(file=out, highlight=False, width=None if out.isatty() else PLAIN_WIDTH)

    def title(self, text: str) -> None:
        """The first line."""
        self._console.print(f"[bold]{safe(text)}[/bold]")

    def chapter(self, text: str) -> None:
        """The beginning of the story's next part."""
        self._chapters += 1
        self.heading(f"{self._chapters}  {text}")

    def heading(self, text: str) -> None:
        """What stands by itself."""
        self._console.print(f"\n[bold cyan]{safe(text)}[/bold cyan]")

    def say(self, text: str) -> None:
        """A sentence."""
        self._console.print(safe(text), soft_wrap=not self._console.is_terminal)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Rows of cells under their names, cut to the width of the screen; nothing where there is no row."""
        cells = [[line(cell) for cell in row] for row in rows]
        if not cells:
            return
        widths = _fitting([max(map(len, column)) for column in zip(columns, *cells, strict=True)], self._console.width)
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
        for name, width in zip(columns, widths, strict=True):
            table.add_column(name, width=width, no_wrap=True, overflow="ellipsis")
        for row in cells:
            table.add_row(*map(escape, row))
        self._console.print(table)

    def verdict(self, sentence: str, *, held: bool) -> None:
        """One promise and whether it held."""
        word, colour = ("held", "green") if held else ("NOT HELD", "bold red")
        self._console.print(f"  [{colour}]{word:>8}[/{colour}]  {safe(sentence)}")


def safe(text: str) -> str:
    """One line of anybody's text as it may be shown: no control characters, no markup."""
    return escape(line(text))


def _fitting(widths: list[int], room: int) -> list[int]:
    """The columns' widths, taken from the widest until all of them fit, with three blanks between two."""
    fitting = list(widths)
    while sum(fitting) + 3 * (len(fitting) - 1) > room and max(fitting) > 1:
        fitting[fitting.index(max(fitting))] -= 1
    return fitting
