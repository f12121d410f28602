"""Bytes of a mail as text, whatever its charset is called, and text without what could mislead who reads it."""

from __future__ import annotations

import codecs
import re

_LABEL = re.compile(r"[\w.:-]{1,60}", re.ASCII)
_NOT_OF_MAIL = {
    "idna",
    "mbcs",
    "oem",
    "punycode",
    "raw-unicode-escape",
    "undefined",
    "unicode-escape",
    "unicode_escape",
}
"""Python's codecs that are no charsets, or are slow on purpose-made input."""
_MEANT = {
    "ascii": "",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin_1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
"""What senders mean by a charset: the larger one that they have (the Encoding Standard's labels, WHATWG)."""
_NAMES = {
    "iso-8859-8-i": "cp1255",
    "iso-8859-8-e": "cp1255",
    "ks-c-5601-1987": "cp949",
    "macintosh": "mac-roman",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "x-mac-roman": "mac-roman",
    "x-sjis": "cp932",
}
"""Names that Python does not know."""
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""Control characters, those that turn the direction of text, and what XML 1.0 §2.2 leaves out."""
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")


def decode(content: bytes, charset: str = "") -> str:
    """``content`` as text. A charset that is unknown, missing or cannot be right gives way to UTF-8, and that, where
    nothing but ASCII fits, to windows-1252, in which every byte is some character."""
    codec = _codec(charset) or "utf-8"
    try:
        return content.decode(codec)
    except UnicodeError:
        text = content.decode(codec, "replace")
    if codec == "utf-8" and text.replace("\ufffd", "").isascii():  # nothing in it but ASCII is UTF-8
        return content.decode("cp1252", "replace")
    return text


def visible(text: str) -> str:
    """``text`` without control characters, and its lines ended by U+000A."""
    return _HIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str, limit: int) -> str:
    """``text`` on one line, without control characters, at most ``limit`` characters of it."""
    line = " ".join(_HIDDEN.sub("", text[: limit * 8]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _codec(charset: str) -> str:
    """The codec for a charset's name, or "" where there is none."""
    label = charset.strip().strip("\"'").lower().replace("_", "-")
    if not _LABEL.fullmatch(label) or label in _NOT_OF_MAIL:
        return ""
    try:
        name = codecs.lookup(_NAMES.get(label, label)).name
        b"x".decode(name, "replace")  # some codecs are for other things than text
    except (LookupError, ValueError):
        return ""
    return "" if name in _NOT_OF_MAIL else _MEANT.get(name, name)
