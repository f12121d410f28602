"""Files that users share by HTTP upload (XEP-0363): what may be uploaded, and where it is.

A slot is the right to upload one file. The link that goes into messages is ours, ``/files/<id>/<name>`` below the HTTP
API. It is a capability: whoever has it may read the file, because clients fetch links without logging in. So the id
carries 192 random bits, and it fits its name alone: a link cannot be passed on under the name of another kind of file.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from urllib.parse import quote

from chat.addresses import Address, domain_name
from chat.errors import BadAddress, BadField, BadText, ChatError
from chat.texts import check_text

MAX_FILE = 50 * 1024 * 1024
"""Bytes of a file."""
MAX_NAME = 255
"""Bytes of a file name in UTF-8: what file systems allow (``NAME_MAX``)."""
MAX_TYPE = 255
"""Characters of a content type (RFC 6838 §4.2: 127 each for type and subtype)."""
UPLOAD_LIFETIME = 300_000
"""Milliseconds from asking for a slot to the beginning of the upload."""

_RANDOM_BYTES = 24
_TOKEN = re.compile(r"[\w-]{32}", re.ASCII)
_SEPARATORS = "/\\"
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, line ends, and those that turn the direction of text, by which ``exe.jpg`` is made to be seen."""
_WORD = r"[\w!#$%&'*+.^`|~-]+"
_TYPE = re.compile(
    rf"{_WORD}/{_WORD}"
    rf'([ \t]*;[ \t]*{_WORD}=({_WORD}|"[\w !#-\[\]-~]*"))*',
    re.ASCII,
)
"""A media type with its parameters (RFC 9110 §8.3.1)."""
_INERT = re.compile(
    r"image/(avif|bmp|gif|heic|heif|jpeg|png|webp)|audio/[\w.+-]+|video/[\w.+-]+|application/pdf", re.ASCII
)
"""What runs no script in the browser of who opens it."""
_ANYTHING = "application/octet-stream"


class FileTooLarge(ChatError):
    """A file over the limit of an upload. ``limit`` and ``given`` are given, in bytes."""

    code = "file_too_large"
    status = 413


class UnknownFile(ChatError):
    """No file is under that link, or not any more."""

    code = "unknown_file"
    status = 404


@dataclass(frozen=True, slots=True)
class Slot:
    """The right to upload one file."""

    key: str
    """Where it goes in the bucket."""
    path: str
    """Where it can be read, below the URL of the HTTP API."""
    size: int
    """Bytes; neither more nor fewer can be uploaded."""
    content_type: str
    """What the upload has to carry; empty where the client named none."""
    expires_at: int
    """When the upload must have begun, in ms."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that a link names; whether it was uploaded is not known yet."""

    key: str
    name: str


def slot(sender: Address, name: str, size: int, content_type: str, now: int) -> Slot:
    """A slot for a file of ``size`` bytes, with ``content_type`` or "" for none, to be used within 5 minutes.

    Raises:
        BadField, BadText: the name or the type; tells which, the limit and what was given.
        FileTooLarge: more than 50 MiB.
    """
    name = _one_spelling(name)
    _check_name(name)
    if size < 1:
        raise BadField(f"size is {size}, allowed are 1 to {MAX_FILE}", field="size", limit=MAX_FILE, given=size)
    if size > MAX_FILE:
        raise FileTooLarge(f"the file has {size} bytes, allowed are {MAX_FILE}", limit=MAX_FILE, given=size)
    _check_type(content_type)
    token = secrets.token_urlsafe(_RANDOM_BYTES)
    path = f"/files/{token}.{sender.domain}/{quote(name, safe='')}"
    return Slot(_key(sender.domain, token, name), path, size, content_type, now + UPLOAD_LIFETIME)


def locate(file_id: str, name: str) -> File:
    """The file that a link with this id and name leads to.

    Raises:
        UnknownFile: no link looks like that.
    """
    token, _, domain = file_id.partition(".")
    name = _one_spelling(name)
    try:
        _check_name(name)
        if not _TOKEN.fullmatch(token) or domain_name(domain) != domain:
            raise BadField("id is not one of a file", field="id")
    except (BadAddress, BadField, BadText) as error:
        raise UnknownFile("no file is under this link") from error
    return File(_key(domain, token, name), name)


def disposition(name: str) -> str:
    """The Content-Disposition that makes a browser save the file under its name (RFC 6266 §4.3, RFC 8187)."""
    plain = re.sub(r"[^ !#$&+\-.\w()\[\]{}@=~^`,;]", "_", name, flags=re.ASCII)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def served_type(content_type: str) -> str:
    """The type that a file is served with: its own where no browser runs anything of that type."""
    media = content_type.partition(";")[0].strip().lower()
    return media if _INERT.fullmatch(media) else _ANYTHING


def _key(domain: str, token: str, name: str) -> str:
    """The domain comes first, so that one domain's files can be told from another's."""
    return f"{domain}/{token}/{hashlib.sha256(name.encode()).hexdigest()}"


def _one_spelling(name: str) -> str:
    """The name with every ``%25`` as ``%``: an HTTP API decodes all escapes of a path but that one."""
    while "%25" in name:
        name = name.replace("%25", "%")
    return name


def _check_name(name: str) -> None:
    check_text(name, "name")
    size = len(name.encode())
    if not name.strip(" ."):
        raise BadField(f"{name!a} is not a file name", field="name")
    if size > MAX_NAME:
        raise BadField(f"name has {size} bytes, allowed are 1 to {MAX_NAME}", field="name", limit=MAX_NAME, given=size)
    found = next((each for each in name if each in _SEPARATORS), None) or _INVISIBLE.search(name)
    if found:
        character = found if isinstance(found, str) else found[0]
        raise BadField(f"name has the character U+{ord(character):04X}, which no file name may have", field="name")


def _check_type(content_type: str) -> None:
    size = len(content_type)
    if size > MAX_TYPE:
        raise BadField(
            f"content type has {size} characters, allowed are {MAX_TYPE}",
            field="content_type",
            limit=MAX_TYPE,
            given=size,
        )
    if content_type and not _TYPE.fullmatch(content_type):
        raise BadField(f"{content_type!a} is not a content type", field="content_type")
