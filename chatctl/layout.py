"""Plain columns: readable in a terminal, and in a pipe not cut off at its width."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

GAP = "  "


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows below their header, each column as wide as its widest text."""
    all_rows = [header, *rows]
    widths = [max(cell_len(row[number]) for row in all_rows) for number in range(len(header))]
    return "\n".join(GAP.join(map(_fill, row, widths)).rstrip() for row in all_rows)


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Names and what they are, one pair a line; pairs without text are left out."""
    width = max(cell_len(name) for name, _ in pairs)
    return "\n".join(f"{_fill(name, width)}{GAP}{text}" for name, text in pairs if text)


def _fill(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
