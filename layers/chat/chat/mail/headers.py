"""Headers of messages and their parts: fields (RFC 5322 §2.2), encoded words (RFC 2047), parameters (RFC 2231).

Every pattern here takes time in proportion to what it is given, however that was made.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from chat.mail import charsets, transfer

MAX_HEADER = 256 * 1024
"""Bytes of a header that are read; most mail servers take less."""
MAX_PARAMETERS = 200
"""In one field; a file name in pieces has no more."""

_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)")
_LINE = re.compile(rb"[^\n]*+(?:\n|\Z)")
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_LINE_END = re.compile(r"\r?\n")
ENCODED_WORD = r"=\?[!->@-~]{1,80}\?[bBqQ]\?[^?]*+\?="
_WORD = re.compile(r"=\?([!->@-~]{1,80})\?([bBqQ])\?([^?]*+)\?=")
_PARAMETER = re.compile(r'[;\s]([^\s=;"]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)(?:"|\Z)|([^;]*+))', re.DOTALL)
_CONTINUED = re.compile(r"(.+?)(?:\*(\d{1,3}))?(\*)?", re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a header, in their order: name in lower case, value unfolded and otherwise as it came."""

    fields: tuple[tuple[str, str], ...] = ()

    def first(self, name: str) -> str:
        """The value of the first field of that name, or ""."""
        return next((value for each, value in self.fields if each == name), "")

    def all(self, name: str) -> list[str]:
        return [value for each, value in self.fields if each == name]


@dataclass(frozen=True, slots=True)
class Parametrised:
    """A value with parameters: a content type or a disposition."""

    value: str
    """In lower case."""
    parameters: dict[str, str] = field(default_factory=dict)


def parse(raw: bytes, start: int, end: int, limit: int = MAX_HEADER) -> tuple[Fields, int]:
    """The header that begins at ``start``, and where the body begins. Of a header of more than ``limit`` bytes those
    fields are left out that are not wholly in them.

    A line that is no field ends it, as an empty one does, unless a field follows: that is a line broken on the way.
    """
    fields: list[tuple[str, str]] = []
    at = start
    while at < end and at - start <= limit:
        found = _FIELD.match(raw, at, end)
        if found:
            at = found.end()
            if at - start <= limit:
                value = _LINE_END.sub("", charsets.decode(found[2]))
                fields.append((found[1].decode("ascii").lower(), value.strip()))
            continue
        line = _LINE.match(raw, at, end)
        following = line.end() if line else end
        if raw[at:following] in (b"\n", b"\r\n"):
            return Fields(tuple(fields)), following
        if not _FIELD.match(raw, following, end):
            return Fields(tuple(fields)), at
        at = following
    empty = _EMPTY_LINE.search(raw, max(start, at - 1), end)
    return Fields(tuple(fields)), empty.end() if empty else end


def words(text: str) -> str:
    """``text`` with its encoded words decoded, wherever they stand: senders put them between quotes, too."""
    pieces: list[str] = []
    charset, pending, at = "", b"", 0
    for found in _WORD.finditer(text):
        between = text[at : found.start()]
        if (at and between.strip()) or (not at and between) or found[1].lower() != charset:
            pieces.append(charsets.decode(pending, charset))
            pieces.append("" if at and not between.strip() else between)
            charset, pending = found[1].lower(), b""
        content = found[3].encode("utf-8", "replace")
        pending += (
            transfer.base64(content) if found[2] in "bB" else binascii.a2b_qp(content.replace(b" ", b"_"), header=True)
        )
        at = found.end()
    pieces += charsets.decode(pending, charset.partition("*")[0]), text[at:]
    return "".join(pieces)


def parametrised(text: str) -> Parametrised:
    """A value and its parameters by name in lower case, from a field as mailers write it, or should not."""
    value = re.match(r"[^;\s]*+", text)
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, found in enumerate(_PARAMETER.finditer(text)):
        if count >= MAX_PARAMETERS:
            break
        content = _ESCAPED.sub(r"\1", found[2]) if found[2] is not None else found[3].strip()
        name = _CONTINUED.fullmatch(found[1].lower())
        if name and (name[2] or name[3]):
            pieces.setdefault(name[1], {}).setdefault(int(name[2] or 0), (content, bool(name[3])))
        else:
            plain.setdefault(found[1].lower(), words(content))
    joined = {name: _joined(each) for name, each in pieces.items()}
    return Parametrised(value[0].lower() if value else "", plain | joined)


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    """A parameter's value from its pieces, up to the first that is missing."""
    charset = ""
    content = b""
    for number in range(len(pieces)):
        if number not in pieces:
            break
        text, is_encoded = pieces[number]
        if number == 0 and is_encoded and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        content += unquote_to_bytes(text) if is_encoded else text.encode("utf-8", "replace")
    return charsets.decode(content, charset)
