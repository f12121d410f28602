"""Writing again what a node watches, and which sessions it has: before that expires, and after the link was down."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bridge import broadcasts
from bridge.background import for_each
from bridge.company import watch
from bridge.errors import StreamError
from bridge.session import Session
from chat.errors import TooManyConnections

if TYPE_CHECKING:
    from bridge.node import Node

RENEW_SECONDS = 3600
"""Seconds after which everything is written again, long before it expires."""
AFTER_GRACE_SECONDS = 45
"""Seconds after which everything is written once more when the link is back: a grace period that had begun may have
removed it meanwhile."""
_AT_ONCE = 8


class Renewal:
    """What one node writes again. What fails of it is logged, and tried the next time."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._later: asyncio.Task[None] | None = None

    async def keep(self) -> None:
        """Renew again and again."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            await self.renew()

    async def renew(self) -> None:
        """Tell the tables what the node watches, and which sessions it has."""
        node = self._node
        await for_each(list(node.companies), self._watch, _AT_ONCE)
        await for_each((each for each in node.all_sessions() if each.registered), self._register, _AT_ONCE)

    def renew_after_grace(self) -> None:
        """Renew once a grace period that began before now is over."""
        if self._later is not None:
            self._later.cancel()
        self._later = self._node.spawn(self._after_grace())

    async def _after_grace(self) -> None:
        if await self._node.pause(AFTER_GRACE_SECONDS):
            await self.renew()

    async def _watch(self, domain: str) -> None:
        node = self._node
        await node.call(watch, node.tables, domain, node.name, node.now())

    async def _register(self, session: Session) -> None:
        try:
            await broadcasts.register(session)
        except TooManyConnections as error:  # others have come while the tables did not know it
            session.expel(StreamError("resource-constraint", error.message))
