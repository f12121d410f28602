"""Work for one client that sends it much: a page of the archive, who is there, what came while it was away.

It waits until the client has taken what it was sent before, and the client can only say so while it is read. So such
work is done beside the reading, one after another.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from bridge.errors import StanzaError

if TYPE_CHECKING:
    from bridge.session import Session

logger = logging.getLogger(__name__)

MAX_TURNS = 20
"""Works that wait for others; a client that asks for more at once is refused."""

Work = Coroutine[Any, Any, None]


class Turns:
    """The works of one session. Each asks ``Outbox.room`` before it sends the next stanza."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._works: list[Work] = []
        self._waits: asyncio.Event | None = None
        self._is_working = False

    def add(self, work: Work) -> None:
        """Do work after what is being done."""
        self._works.append(work)
        if not self._is_working:
            self._is_working = True
            self._session.node.spawn(self._work())

    async def take(self, work: Work) -> None:
        """The same. Returns when all is done, or has to wait for the client: what the client sends next comes after it
        as far as can be.

        Raises:
            StanzaError: too much waits.
        """
        if len(self._works) >= MAX_TURNS:
            work.close()
            raise StanzaError("resource-constraint", f"{MAX_TURNS} requests are waiting; ask again later")
        outbox = self._session.outbox
        if outbox.waits is None:
            outbox.waits = asyncio.Event()
        waits = outbox.waits
        self.add(work)
        await waits.wait()

    async def _work(self) -> None:
        outbox = self._session.outbox
        try:
            while self._works:
                try:
                    await self._works.pop(0)
                except Exception:
                    logger.exception("work for a client failed", extra={"session": self._session.name})
        finally:
            self._is_working = False
            if outbox.waits is not None:
                outbox.waits.set()
                outbox.waits = None
