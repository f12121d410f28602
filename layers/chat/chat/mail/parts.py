"""How a message is put together: its parts, by where they stand in it (RFC 2046 §5.1).

A part is a range of the raw message, and nothing is copied until its content is asked for. So a message needs little
more memory than its bytes and its files. The time is in proportion to its size, times the depth, which is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from chat.mail import headers, transfer
from chat.mail.headers import Fields, Parametrised

MAX_PARTS = 1000
MAX_DEPTH = 20

_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}", re.ASCII)
"""RFC 6838 §4.2."""


@dataclass(slots=True)
class Part:
    """A part of a message, or the message itself."""

    raw: bytes = field(repr=False)
    start: int
    """Where its body begins."""
    end: int
    fields: Fields
    type: Parametrised
    disposition: Parametrised
    children: list[Part] = field(default_factory=list)
    """Empty where it is no multipart."""

    @property
    def name(self) -> str:
        """The name that it has as a file, as it was given, or ""."""
        return self.disposition.parameters.get("filename") or self.type.parameters.get("name", "")

    @property
    def is_attachment(self) -> bool:
        return self.disposition.value == "attachment"

    def content(self) -> bytes:
        """What it holds, decoded."""
        return transfer.decode(memoryview(self.raw)[self.start : self.end], self._encoding)

    def beginning(self, limit: int) -> tuple[bytes, bool]:
        """The first bytes of what it holds, ``limit`` at most, whole lines if it is cut, and whether there are more."""
        cut = min(self.end, self.start + limit * 3)  # of three bytes at least one is left
        content = transfer.decode(memoryview(self.raw)[self.start : cut], self._encoding)
        if cut == self.end and len(content) <= limit:
            return content, False
        return content[: content.rfind(b"\n", 0, limit) + 1 or limit], True

    @property
    def _encoding(self) -> str:
        return self.fields.first("content-transfer-encoding").partition(";")[0]


def take_apart(raw: bytes, start: int) -> tuple[Part, list[str]]:
    """The message that begins at ``start``, and notes of what was not looked at."""
    taking = _Taking(raw)
    return taking.part(start, len(raw), "text/plain", 0), taking.notes


class _Taking:
    """Taking one message apart."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.notes: list[str] = []
        self._count = 0

    def part(self, start: int, end: int, default: str, depth: int) -> Part:
        fields, body = headers.parse(self.raw, start, end)
        kind = headers.parametrised(fields.first("content-type"))
        if not _TYPE.fullmatch(kind.value):  # RFC 2045 §5.2
            kind = Parametrised(default, kind.parameters)
        disposition = headers.parametrised(fields.first("content-disposition"))
        part = Part(self.raw, body, end, fields, kind, disposition)
        if kind.value.startswith("multipart/"):
            self._open(part, depth)
        return part

    def _open(self, part: Part, depth: int) -> None:
        default = "message/rfc822" if part.type.value == "multipart/digest" else "text/plain"
        boundary = part.type.parameters.get("boundary", "").rstrip()
        if depth >= MAX_DEPTH:
            self._note(f"parts inside more than {MAX_DEPTH} others were not read")
            return
        for start, end in _pieces(self.raw, boundary, part.start, part.end) if boundary else ():
            self._count += 1
            if self._count > MAX_PARTS:
                self._note(f"it has more than {MAX_PARTS:,} parts; the others were not read")
                return
            part.children.append(self.part(start, end, default, depth + 1))
        if not part.children:
            part.type = Parametrised("text/plain", part.type.parameters)

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)


def _pieces(raw: bytes, boundary: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the parts between a boundary's lines begin and end. A last line that is missing is taken as there."""
    line = b"--" + re.escape(boundary.encode("utf-8", "replace"))
    delimiter = re.compile(line + rb"(?<=[\r\n]" + line + rb")(--)?[ \t]*+(?:\r\n|[\r\n]|\Z)")
    begin = None
    for found in delimiter.finditer(raw, start, end):
        if begin is not None:
            yield begin, _before_line_end(raw, begin, found.start())
        if found[1]:
            return
        begin = found.end()
    if begin is not None:
        yield begin, end


def _before_line_end(raw: bytes, start: int, at: int) -> int:
    """The line end before a boundary belongs to the boundary."""
    line_end = 2 if raw[at - 2 : at] == b"\r\n" else 1
    return max(start, at - line_end)
