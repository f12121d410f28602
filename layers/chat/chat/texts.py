"""Text from outside: what a message body may contain, and the previews made of it."""

from __future__ import annotations

import json
import re
import unicodedata

from chat.errors import BadText, BodyTooLarge, EmptyBody

MAX_BODY = 16 * 1024
"""Bytes of a body in UTF-8."""
MAX_BODY_AS_JSON = 28 * 1024
"""Bytes of a body as JSON writes it, so that every frame which carries it stays under 32 KB."""
PREVIEW = 100
"""Characters of a message that lists show."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 §2.2 leaves out of ``Char``; the same text goes to XMPP clients. (Its complement takes
5 ms to compile.)"""
_JOINED = re.compile("[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""What belongs to the character in front of it, beside marks (UAX #29 §3)."""
_FLAG_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff]*$")
_LONGEST = 200
"""Code points of what people see as one character that are looked back for."""


def check_text(text: str, field: str) -> str:
    """``text``, if every character may stand in XML 1.0.

    Raises:
        BadText: names the field, the character and where it stands.
    """
    found = _NOT_XML.search(text)
    if found:
        raise BadText(f"{field} has the character U+{ord(found[0]):04X} at {found.start()}, which XML 1.0 forbids")
    return text


def check_body(body: str) -> str:
    """``body``, if it can be sent.

    Raises:
        EmptyBody: nothing but white space.
        BodyTooLarge: more than 16 KiB, or more than 28 KiB once quotes and line ends are escaped.
        BadText: a character that XML 1.0 forbids.
    """
    check_text(body, "body")
    if not body.strip():
        raise EmptyBody("body is empty")
    size = len(body.encode())
    if size > MAX_BODY:
        raise BodyTooLarge(f"body has {size} bytes, allowed are {MAX_BODY}", limit=MAX_BODY, given=size)
    size = len(json.dumps(body, ensure_ascii=False).encode())
    if size > MAX_BODY_AS_JSON:
        raise BodyTooLarge(
            f"body has {size} bytes as JSON, allowed are {MAX_BODY_AS_JSON}", limit=MAX_BODY_AS_JSON, given=size
        )
    return body


def preview(body: str) -> str:
    """The beginning of ``body`` on one line, at most 100 characters."""
    line = " ".join(body.lstrip()[: PREVIEW * 4].split())
    return line if len(line) <= PREVIEW else line[: PREVIEW - 1] + "…"


def whole(text: str, at: int) -> int:
    """Where to cut ``text`` at ``at`` or before it, so that no character as people see it is parted."""
    first = max(0, at - _LONGEST)
    while first < at < len(text) and not _begins_character(text, at):
        at -= 1
    return at


def _begins_character(text: str, at: int) -> bool:
    if _JOINED.match(text, at) or unicodedata.category(text[at]).startswith("M") or text[at - 1] == "\u200d":
        return False
    if not "\U0001f1e6" <= text[at] <= "\U0001f1ff":
        return True
    letters = _FLAG_LETTERS.search(text[max(0, at - _LONGEST) : at])
    return letters is None or len(letters[0]) % 2 == 0
