"""Names and types of the files that come with a mail, fit to be saved and shown anywhere."""

from __future__ import annotations

import re
import unicodedata
from mimetypes import MimeTypes

from chat.files import MAX_NAME
from chat.mail.charsets import one_line

_ANYTHING = "application/octet-stream"
_SEPARATORS = re.compile(r"[/\\]")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
"""What Windows allows in no name."""
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\s*\..*)?", re.IGNORECASE)
"""Its devices, with or without an extension."""
_MAX_EXTENSION = 20
_KNOWN = MimeTypes()
"""Python's own table alone: what a machine adds to it must not change what a mail is indexed as."""
_PREFERRED = {"text/plain": ".txt", "message/rfc822": ".eml", "text/calendar": ".ics", "image/jpeg": ".jpg"}


def file_name(given: str, content_type: str) -> str:
    """The name that a file gets: what is ``given``, without path and without what misleads, at most 255 bytes in UTF-8;
    made of the type where nothing is left."""
    name = unicodedata.normalize("NFC", one_line(given, 4 * MAX_NAME))
    name = _FORBIDDEN.sub("_", _SEPARATORS.split(name.rstrip("/\\ "))[-1]).strip(" .")
    if not name:
        return "attachment" + _extension(content_type)
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return _short(name)


def file_type(declared: str, name: str) -> str:
    """A file's type, in lower case: as declared, and by its name where that says nothing."""
    if declared not in (_ANYTHING, "application/unknown", "application/x-unknown"):
        return declared
    return _KNOWN.guess_type(name, strict=True)[0] or _ANYTHING


def _extension(content_type: str) -> str:
    return _PREFERRED.get(content_type) or _KNOWN.guess_extension(content_type) or ".bin"


def _short(name: str) -> str:
    if len(name.encode()) <= MAX_NAME:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > _MAX_EXTENSION:
        stem, extension = name, ""
    ending = f".{extension}" if extension else ""
    room = MAX_NAME - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .") + ending
