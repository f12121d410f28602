"""A figure: what was measured, its reference from the same run, and whether it holds what was promised."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

_COLUMNS = "{:<52} {:>10} {:>10} {:>7}  {:<18} {}"


@dataclass(frozen=True)
class Figure:
    """One line of the table. ``ours`` and ``reference`` are in ``unit``."""

    name: str
    unit: str
    ours: float
    reference: float
    target: str
    held: bool
    measured: dict[str, float] = field(default_factory=dict)
    """What stands behind ``ours``, such as its value at each size; for the JSON file."""
    note: str = ""
    """What a reader of the table wants to know besides, such as the largest parts."""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.reference if self.reference else None

    @property
    def verdict(self) -> str:
        return "ok" if self.held else "SHORT"

    def line(self) -> str:
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        name = f"{self.name}, {self.unit}"
        columns = name, _number(self.ours), _number(self.reference), ratio, self.target, self.verdict
        return f"{_COLUMNS.format(*columns):<107}  {self.note}".rstrip()


def heading() -> str:
    """The table's first line."""
    return _COLUMNS.format("figure", "ours", "reference", "ratio", "target", "").rstrip()


def save(figures: Iterable[Figure], notes: Iterable[str], path: Path) -> None:
    """Write the table as JSON."""
    listed = [asdict(figure) | {"ratio": figure.ratio, "verdict": figure.verdict} for figure in figures]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"figures": listed, "notes": list(notes)}, indent=2) + "\n")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
