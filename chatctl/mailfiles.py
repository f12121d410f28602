"""The messages of Maildir folders and mbox files, one at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, pairwise
from pathlib import Path

from chatctl.csvfile import BadFile

_BEGIN = b"From "
_WHO = rb"(?:[^\s@]+@\S+|MAILER-DAEMON|-)"
_SEPARATOR = re.compile(rb"From (?:\S.*\d\d:\d\d|" + _WHO + rb"\s.*\d{4}\s*$)")
"""Begins the next message behind an empty line: with a time or a year, so that a sentence does not (RFC 4155, appendix
A)."""
_WHOLE_SEPARATOR = re.compile(rb"From \S+\s+(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s.*\d\d:\d\d")
"""The same without an empty line in front."""
_SHORT_SEPARATOR = re.compile(rb"From " + _WHO + rb"?\s*$|" + _SEPARATOR.pattern)
"""The same in files whose first message begins without a time: with a sender and nothing behind."""
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|>From ")
"""How the line begins that follows: that of a header."""
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
"""A line of a message that would begin the next one, as mboxrd has it; mboxo is read the same."""


_NOT_MAIL = re.compile(
    r"(?:.*[./])?(?:drafts?|templates|outbox|trash|deleted (?:items|messages)|junk(?: e-?mail)?|spam)(?:\..*)?",
    re.IGNORECASE,
)
"""Folders below a Maildir whose messages nobody sent, or nobody wanted."""
_NOT_KEPT = re.compile(r":2,[A-Za-z]*[DT]")
"""Files of a Maildir with the flag of a draft, or of a message that is deleted."""


class Format(StrEnum):
    """How messages are kept."""

    MAILDIR = "maildir"
    MBOX = "mbox"


@dataclass(frozen=True, slots=True)
class Found:
    """A message, or with ``problem`` what cannot be read."""

    where: str
    content: bytes = field(repr=False)
    size: int
    """Bytes of what it was read from, for the progress."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of messages, or a file of them."""

    path: Path
    format: Format

    @property
    def size(self) -> int:
        """Bytes of all messages."""
        if self.format is Format.MBOX:
            return self.path.stat().st_size
        return sum(_size(file) for file, is_kept in _maildir_files(self.path) if is_kept)

    @property
    def left_out(self) -> int:
        """How many files of a Maildir are drafts, deleted, or in a folder for such."""
        if self.format is Format.MBOX:
            return 0
        return sum(not is_kept for _, is_kept in _maildir_files(self.path))

    def messages(self) -> Iterator[Found]:
        """Its messages, in the order of their names or as they stand in the file."""
        return _mbox(self.path) if self.format is Format.MBOX else _maildir(self.path)


def sources(paths: Iterable[Path], format: Format | None) -> list[Source]:  # noqa: A002  # as the option is called
    """What there is under these paths: Maildir folders, with all folders below them, and mbox files.

    Raises:
        BadFile: one is neither; tells which.
        OSError: one cannot be read.
    """
    return [Source(path, format or _guess(path)) for path in paths]


def _guess(path: Path) -> Format:
    if path.is_dir():
        if next(_maildir_files(path), None) or any(_is_maildir(Path(each)) for each, _, _ in os.walk(path)):
            return Format.MAILDIR
        raise BadFile(f"{path} is not a Maildir: it has no folders named cur and new, nor has any folder in it.")
    with path.open("rb") as file:
        if file.read(len(_BEGIN)) in (_BEGIN, b""):
            return Format.MBOX
    raise BadFile(f"{path} is not an mbox file: its first line does not begin with From and a space.")


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _maildir_files(path: Path) -> Iterator[tuple[Path, bool]]:
    """The messages of a Maildir and all folders in it; what is in ``tmp`` is not delivered yet.

    Beside each, whether it was sent and kept: no draft, not deleted, and in no folder for such.
    """
    for folder, names, _ in os.walk(path):
        names.sort()
        is_mail = not any(map(_NOT_MAIL.fullmatch, Path(folder).relative_to(path).parts))
        if _is_maildir(Path(folder)):
            for part in ("cur", "new"):
                for file in sorted((Path(folder) / part).iterdir()):
                    if not file.name.startswith("."):
                        yield file, is_mail and not _NOT_KEPT.search(file.name)


def _maildir(path: Path) -> Iterator[Found]:
    for file, is_kept in _maildir_files(path):
        if not is_kept or not file.is_file():
            continue
        try:
            content = file.read_bytes()
        except OSError as error:  # a mail client may rename it meanwhile
            yield Found(str(file), b"", 0, error.strerror or str(error))
        else:
            yield Found(str(file), content, len(content))


def _mbox(path: Path) -> Iterator[Found]:
    lines: list[bytes] = []
    number = before = 0
    separator = None
    with path.open("rb") as file:
        is_blank = True
        for line, following in pairwise(chain(file, [b""])):
            if separator is None and is_blank and line.startswith(_BEGIN):
                separator = _SEPARATOR if _SEPARATOR.match(line) else _SHORT_SEPARATOR
                number, lines = 1, [line]
            elif separator and _FIELD.match(following) and (separator if is_blank else _WHOLE_SEPARATOR).match(line):
                yield _unpacked(path, number, lines)
                number += 1
                lines = [line]
            elif separator:
                lines.append(line)
            else:
                before += len(line.strip())
            is_blank = line in (b"\n", b"\r\n")
    if before:
        yield Found(str(path), b"", 0, f"{before:,} bytes before a line that begins with From and a space")
    if lines:
        yield _unpacked(path, number, lines)


def _unpacked(path: Path, number: int, lines: list[bytes]) -> Found:
    content = b"".join(lines[1:])
    return Found(f"{path}, message {number}", _QUOTED.sub(rb"\1", content), len(lines[0]) + len(content))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
