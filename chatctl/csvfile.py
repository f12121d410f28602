"""CSV files as people export them: UTF-8 with a header line; every line keeps its number for what is said about it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

UNSTRIPPED = "password"
"""The column whose white space is meant."""


class BadFile(Exception):
    """The file as a whole cannot be used; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a kind of file may have, in the order of its documentation."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        return self.required + self.optional


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number in the file, and its fields by column."""

    number: int
    fields: dict[str, str]


@dataclass(frozen=True, slots=True, order=True)
class BadLine:
    """A line that is not used, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds."""

    lines: list[Line] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)


def read(path: Path, columns: Columns) -> Content:
    """All lines of a file, empty ones left out. A line that is not CSV, or has too few or many fields, is a bad one.

    Raises:
        BadFile: not UTF-8, empty, or a column is missing, unknown or there twice.
        OSError: it cannot be read.
    """
    rows = _rows(_decode(path))
    _, header = next(rows, (0, None))
    if header is None:
        raise BadFile(f"{path} is empty; its first line has to name the columns: {', '.join(columns.known)}.")
    names = _names(path, header, columns)
    content = Content()
    for number, row in rows:
        if isinstance(row, csv.Error):
            content.bad.append(BadLine(number, f"is not CSV: {row}"))
        elif len(row) != len(names):
            content.bad.append(BadLine(number, f"has {len(row)} fields, the header has {len(names)}"))
        else:
            fields = {name: text if name == UNSTRIPPED else text.strip() for name, text in zip(names, row, strict=True)}
            content.lines.append(Line(number, fields))
    return content


def _decode(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadFile(f"{path} is not UTF-8: line {line} has the byte 0x{content[error.start]:02X}.") from error


def _rows(text: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """The rows that are not empty, or what is wrong with them, each with the number of its first line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, error
            continue
        if any(field.strip() for field in row):
            yield number, row


def _names(path: Path, header: Sequence[str] | csv.Error, columns: Columns) -> list[str]:
    if isinstance(header, csv.Error):
        raise BadFile(f"{path}: the header is not CSV: {header}.")
    names = [name.strip().lower() for name in header]
    unknown = [name for name in names if name not in columns.known]
    missing = [name for name in columns.required if name not in names]
    known = f"columns are {', '.join(columns.known)}, separated by commas"
    if unknown:
        raise BadFile(f"{path}: the header has the unknown column {unknown[0]!a}; {known}.")
    if missing:
        raise BadFile(f"{path}: the header has no column {missing[0]}; {known}.")
    if len(set(names)) < len(names):
        raise BadFile(f"{path}: the header has a column twice.")
    return names
