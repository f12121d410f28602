"""The stanzas of a client that are being dealt with: they count as handled in the order in which they came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Token:
    """One stanza."""

    __slots__ = ("is_done",)

    def __init__(self) -> None:
        self.is_done = False


class Handling:
    """Which stanzas are not done yet. ``handled`` is called for each, once it and all before it are."""

    def __init__(self, handled: Callable[[], None]) -> None:
        self._handled = handled
        self._unfinished: list[Token] = []
        self._settled: asyncio.Future[None] | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left."""
        return not self._unfinished

    def begin(self) -> Token:
        """A stanza has come."""
        token = Token()
        self._unfinished.append(token)
        return token

    def finish(self, token: Token) -> None:
        """It is stored, or answered."""
        token.is_done = True
        while self._unfinished and self._unfinished[0].is_done:
            self._unfinished.pop(0)
            self._handled()
        self._tell()

    def forget(self) -> None:
        """What has come until now is not counted."""
        self._unfinished.clear()
        self._tell()

    async def settle(self) -> None:
        """Wait until nothing is left."""
        while self._unfinished:
            if self._settled is None:
                self._settled = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._settled)

    def _tell(self) -> None:
        if self._settled is not None and not self._unfinished:
            self._settled.set_result(None)
            self._settled = None
