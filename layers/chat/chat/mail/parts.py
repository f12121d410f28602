"""How a message is put together: its parts, by where they stand in it (RFC 2046 §5.1).

A part is a range of the raw message, and nothing is copied until its content is asked for. So a message needs little
more memory than its bytes and its files, and time in proportion to its size. The standard library's parser needs either
by the depth, and fails where that is a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from chat.mail import headers, transfer
from chat.mail.headers import Fields, Parametrised

MAX_PARTS = 1000
MAX_DEPTH = 20
MAX_SEARCHES = 5
"""How many times a message's bytes are searched for boundaries, those of parts inside others again and again."""
MAX_HEADERS = 1024 * 1024
"""Bytes of all headers of a message and its parts that are read."""

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
        self._left = MAX_HEADERS
        self._to_search = MAX_SEARCHES * len(raw)

    def part(self, start: int, end: int, default: str, depth: int) -> Part:
        limit = min(self._left, headers.MAX_HEADER)
        fields, body = headers.parse(self.raw, start, end, limit)
        self._left -= min(body - start, limit)
        if body - start > limit:
            self._note("a header is too long; what is beyond the limit was not read")
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
        self._to_search -= part.end - part.start
        if depth >= MAX_DEPTH or self._to_search < 0:
            self._note("parts inside too many others were not read")
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
    line = rb"\n--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*+\r?(?=\n|\Z)"
    begin = None
    for found in re.compile(line).finditer(raw, start - 1, end):
        if begin is not None:
            at = found.start()  # the line end before a boundary belongs to it
            at = at - 1 if raw[at - 1 : at] == b"\r" else at
            if begin < at:
                yield begin, at
        if found[1]:
            return
        begin = min(found.end() + 1, end)
    if begin is not None:
        yield begin, end
