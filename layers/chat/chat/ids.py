"""Message ids: UUIDv7 (RFC 9562 §5.7), whose text sorts by the millisecond that it carries."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

MAX_SKEW = 60_000
"""Milliseconds that the time in a new message's id may differ from the server's."""

LATEST = 253_402_300_799_000
"""The last second of the year 9999, in ms since the epoch: what ``iso`` writes has four digits for the year."""

PATTERN = f"^{_UUID7.pattern}$"
"""The one spelling that is accepted: lower case, with hyphens."""


def new(now: int) -> str:
    """An id for the time ``now``, in ms since the epoch."""
    return _spell(now, secrets.randbits(74))


def derived(time: int, seed: str) -> str:
    """An id for a time, in ms since the epoch, that is always the same for the same ``seed``."""
    digest = hashlib.sha256(seed.encode(errors="surrogateescape")).digest()
    return _spell(time, int.from_bytes(digest) >> 182)


def lowest(time: int) -> str:
    """The id that sorts before every id of the millisecond ``time`` or later."""
    return _spell(max(time, 0), 0)


def is_id(text: str) -> bool:
    """Whether ``text`` is a UUIDv7 in the accepted spelling."""
    return _UUID7.fullmatch(text) is not None


def time_of(message_id: str) -> int:
    """The time that an id carries, in ms since the epoch."""
    return int(message_id[:8] + message_id[9:13], 16)


def iso(time: int) -> str:
    """A time in ms since the epoch as XEP-0082 writes it: ``2026-01-31T09:30:00.123Z``."""
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time % 1000:03d}Z"


def _spell(time: int, random: int) -> str:
    value = (time & (1 << 48) - 1) << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
