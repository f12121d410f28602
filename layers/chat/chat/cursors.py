"""Opaque page cursors: a position, bound to the user and the question that it was given for.

A cursor grants nothing: what it may reach is computed from the caller each time, and the cursor only says where to go
on. The binding turns a cursor of another user or question into an error instead of a strange page.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from chat.errors import BadCursor
from chat.ids import is_id

MAX_CURSOR = 1024
"""Characters; a position is a key or an id, a few hundred bytes at most."""


def encode(position: str, *binding: str) -> str:
    """A cursor for ``position``, valid with the same ``binding`` (caller, route, parameters) alone."""
    return base64.urlsafe_b64encode(json.dumps([_digest(binding), position]).encode()).decode().rstrip("=")


def decode(cursor: str | None, *binding: str) -> str | None:
    """The position in ``cursor``; None without a cursor, at the beginning.

    Raises:
        BadCursor: not a cursor, or not for this binding.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        digest, position = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if digest != _digest(binding) or not isinstance(position, str):
            raise ValueError(digest)
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise BadCursor("cursor was not given for this request") from error
    return position


def decode_id(cursor: str | None, *binding: str) -> str | None:
    """The message id in ``cursor``.

    Raises:
        BadCursor: not a cursor, not for this binding, or not of an id.
    """
    position = decode(cursor, *binding)
    if position is not None and not is_id(position):
        raise BadCursor("cursor was not given for this request")
    return position


def _digest(binding: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(binding).encode("utf-8", "surrogatepass")).hexdigest()[:16]
