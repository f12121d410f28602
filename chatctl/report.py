"""What an import did: counted for the summary, and each line that it could not use with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatctl.csvfile import BadLine


@dataclass(slots=True)
class Report:
    """Filled while the import goes on."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: list[BadLine] = field(default_factory=list)
    warnings: list[BadLine] = field(default_factory=list)
    """What is odd about lines that were used all the same."""

    def refuse(self, number: int, reason: str) -> None:
        """Note a line that is not used."""
        self.bad.append(BadLine(number, reason))

    def warn(self, number: int, reason: str) -> None:
        """Note what is odd about a line."""
        self.warnings.append(BadLine(number, reason))

    @property
    def summary(self) -> str:
        return f"{self.added} added, {self.changed} changed, {self.unchanged} unchanged, {len(self.bad)} bad"
