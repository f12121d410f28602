"""Stream management without I/O (XEP-0198): what was sent and not acknowledged, and what was handled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MAX_UNACKED = 2000
"""Stanzas that wait for an acknowledgement; a client that lets more wait is cut off."""
MAX_UNACKED_BYTES = 3 * 512 * 1024
"""Bytes of them, fewer than may be unsent: after a resumption all are sent at once."""
WINDOW = 400
"""Stanzas that wait when nothing more is made for the client that could as well come later."""
WINDOW_BYTES = 1024 * 1024
ASK_EVERY = 20
"""Stanzas after which the client is asked for an acknowledgement, if it has not been since."""
_MODULUS = 1 << 32
"""Counters wrap around (XEP-0198 §4)."""


class TooHigh(Exception):
    """The other side acknowledged more than was sent."""


class TooMany(Exception):
    """More waits for an acknowledgement than is kept."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A stanza as it was sent, and the archive id of the message that it carries, or ""."""

    text: str
    archived: str = ""


class Acks:
    """The counters of one session that has stream management enabled."""

    def __init__(self) -> None:
        self._handled = 0
        self._acknowledged = 0
        self._waiting: list[Sent] = []  # an empty deque costs ten times as much
        self._bytes = 0
        self._since_asked = 0

    @property
    def handled(self) -> int:
        """How many stanzas of the client are dealt with: stored, or answered."""
        return self._handled

    @property
    def sent(self) -> int:
        return (self._acknowledged + len(self._waiting)) % _MODULUS

    @property
    def acknowledged(self) -> int:
        return self._acknowledged

    @property
    def has_room(self) -> bool:
        """Whether what waits is little enough for more to be made."""
        return len(self._waiting) < WINDOW and self._bytes < WINDOW_BYTES

    @property
    def is_unasked(self) -> bool:
        """Whether something waits that the client was not asked about."""
        return self._since_asked > 0

    def handle(self) -> None:
        """One stanza of the client has been dealt with."""
        self._handled = (self._handled + 1) % _MODULUS

    def send(self, sent: Sent) -> bool:
        """Note a stanza as sent; returns whether it is time to ask for an acknowledgement.

        Raises:
            TooMany: the client acknowledges nothing.
        """
        if len(self._waiting) >= MAX_UNACKED or self._bytes > MAX_UNACKED_BYTES:
            raise TooMany
        self._waiting.append(sent)
        self._bytes += len(sent.text)
        self._since_asked += 1
        return self._since_asked >= ASK_EVERY or (bool(sent.archived) and self._since_asked == 1)

    def asked(self) -> None:
        """The client has been asked for an acknowledgement."""
        self._since_asked = 0

    def acknowledge(self, count: int) -> list[Sent]:
        """The client has handled ``count`` stanzas in all; returns those of which this is news.

        Raises:
            TooHigh: so many were never sent.
        """
        news = (count - self._acknowledged) % _MODULUS
        if news > len(self._waiting):
            raise TooHigh
        done = self._waiting[:news]
        del self._waiting[:news]
        self._bytes -= sum(len(each.text) for each in done)
        self._acknowledged = count % _MODULUS
        return done

    def unacknowledged(self) -> Iterator[Sent]:
        """What is to be sent again after a resumption, oldest first."""
        return iter(self._waiting)

    def forget(self) -> None:
        """Nothing will be sent again."""
        self._waiting.clear()
        self._bytes = 0
