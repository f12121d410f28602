"""What was not pushed to a node, as its link was down or a push was lost: read from the tables."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from bridge import envelopes, routing
from bridge.arrivals import alias_at
from bridge.background import for_each, until_done
from chat import archive, trail
from chat.addresses import Address
from chat.archive import Paging, Query
from chat.sync import OVERLAP

if TYPE_CHECKING:
    from bridge.node import Node

USERS_AT_ONCE = 8
"""Users whose archives are read at the same time; others wait, so that calls for clients find a thread."""
ROOM_SECONDS = 30
"""Seconds for which a page waits until a client has taken what it was sent before."""
_PAGE = 100
_MOST_PAGES = 20
"""Pages that are read for one user: 2,000 messages. Clients ask the archive for older ones."""


class Missed:
    """Catching up. Each reading is tried again until it succeeds."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._since: int | None = None
        self._is_busy = False

    def note(self, since: int) -> None:
        """Pushes may be missing since a time, in ms, though the link was up. Of notes that come while an earlier one is
        dealt with, the earliest time holds."""
        self._since = since if self._since is None else min(since, self._since)
        if not self._is_busy:
            self._is_busy = True
            self._node.spawn(self._work())

    async def _work(self) -> None:
        try:
            while self._since is not None:
                since, self._since = self._since, None
                await self.catch_up(since)
        finally:
            self._is_busy = False

    async def catch_up(self, since: int) -> None:
        """Read all replicas again, and give all sessions what was stored since a time, in ms, and they do not have."""
        node = self._node
        node.storing.alone.forget()
        await node.renewal.renew()
        await node.read_everything()
        owners = {session.address for session in node.all_sessions() if session.available}
        await for_each(owners, lambda owner: self._give(owner, since), USERS_AT_ONCE)

    async def _give(self, owner: Address, since: int) -> None:
        node = self._node
        query = Query(start=max(0, since - OVERLAP))
        after: str | None = None
        for _ in range(_MOST_PAGES):
            paging = Paging(after=after, before=None, max=_PAGE)
            read = partial(node.call, archive.page, node.tables, owner, query, paging)
            page = await until_done(read, node.pause, f"reading the archive of {trail.person(owner)}")
            if page is None:
                return
            for session in node.sessions_of(owner):
                with suppress(TimeoutError):  # who takes nothing for so long is cut off, or asks the archive
                    async with asyncio.timeout(ROOM_SECONDS):
                        await session.outbox.room()
            for message in page.messages:
                alias = alias_at(node, message.recipient)
                routing.give_missed(node, envelopes.of(message, alias is not None), owner)
            after = page.last
            if page.complete or after is None:
                return
