"""Storing what clients send, in groups: while one is written the next one gathers, and none is acknowledged before.

Groups are written one after the other and delivered in the same order, so what a client is given comes in the order of
the archive: to this node's sessions at once, elsewhere once it is read who is there. A group that the store refuses is
tried again with the same ids until ``PATIENCE`` is over.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from chat import group_sending, ids
from chat.addresses import Address
from chat.group_sending import GROUP, Draft
from chat.presence import Connection
from chat.store import StoreBusy
from chat.tables.history import Thread

if TYPE_CHECKING:
    from bridge.node import Node

logger = logging.getLogger(__name__)

MAX_WAITING = 1000
"""Messages that wait for the store; clients are not read beyond them."""
PATIENCE = 20.0
"""Seconds for which a group is tried again before its senders are told that it was not stored."""
_PAUSE = 0.2
_KNOWN = 20_000
"""Threads whose newest message is remembered."""
ALONE_SECONDS = 60
"""Seconds for which it holds that a user was seen to be on this node alone."""
_NOT_ALONE = (inf, 0.0)


class NotStored(Exception):
    """The store did not take the message in time."""


class Delivery(Protocol):
    """Gives a stored message to those concerned."""

    def here(self) -> None:
        """To the sessions of this node."""

    def elsewhere(self, present: dict[Address, list[Connection]]) -> None:
        """To webmail and to other nodes, off the event loop; ``present`` are the connections of those concerned."""


class Storing:
    """The way of messages to the store."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._waiting: list[tuple[Draft, asyncio.Future[None], Delivery]] = []
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._known: OrderedDict[Thread, tuple[str, float]] = OrderedDict()
        """The newest message that this node stored of a thread, and when."""
        self._alone: dict[Address, tuple[float, float]] = {}
        """Since when a user has been seen to be on this node alone, and until when that holds."""
        self._last_id = ""
        self._delivering: asyncio.Task[None] | None = None
        self._busy = False

    def new_id(self) -> str:
        """An id above all that this node has made."""
        now = max(self._node.now(), ids.time_of(self._last_id) if self._last_id else 0)
        made = ids.new(now)
        while made <= self._last_id:  # a few of the same millisecond may come in another order
            now += 1
            made = ids.new(now)
        self._last_id = made
        return made

    async def add(self, draft: Draft, delivery: Delivery) -> asyncio.Future[None]:
        """Queue a message; the future is done once it is stored, and ``delivery`` is used after that.

        It waits while too many are queued. The future fails with NotStored.
        """
        while len(self._waiting) >= MAX_WAITING:
            self._room.clear()
            await self._room.wait()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((draft, future, delivery))
        self._wake.set()
        return future

    def is_alone(self, *addresses: Address) -> bool:
        """Whether these users have no connection but on this node, as far as was seen a moment ago."""
        now = asyncio.get_running_loop().time()
        return all(self._alone.get(address, _NOT_ALONE)[1] > now for address in addresses)

    def elsewhere(self, address: Address) -> None:
        """The user has been seen to have a connection elsewhere."""
        self._alone.pop(address, None)

    def forget(self) -> None:
        """Nothing holds any more of what was seen: pushes may have been missed."""
        self._alone.clear()

    @property
    def is_idle(self) -> bool:
        return not self._waiting and not self._busy and (self._delivering is None or self._delivering.done())

    async def run(self) -> None:
        """Write groups until it is cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                self._busy = True
                group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
                self._room.set()
                if await self._write([draft for draft, _, _ in group]):
                    for draft, future, delivery in group:
                        self._remember(draft)
                        if not future.done():
                            future.set_result(None)
                        self._give(delivery)
                    before, self._delivering = self._delivering, None
                    self._delivering = asyncio.create_task(self._deliver(group, before))
                else:
                    for _, future, _ in group:
                        if not future.done():
                            future.set_exception(NotStored())
                self._busy = False

    async def _write(self, drafts: list[Draft]) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        pause = _PAUSE
        while True:
            drafts = [draft if self._is_alone_still(draft) else replace(draft, alone=False) for draft in drafts]
            known = {draft.thread: newest for draft in drafts if (newest := self._newest(draft))}
            try:
                await self._node.call(group_sending.store, self._node.tables, drafts, known)
            except (StoreBusy, ClientError, BotoCoreError):
                logger.warning("a group was not stored", exc_info=True, extra={"messages": len(drafts)})
                if loop.time() + pause > deadline:
                    return False
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
            except Exception:  # what is wrong with one group must not end the way of all others
                logger.exception("a group cannot be stored")
                return False
            else:
                return True

    def _is_alone_still(self, draft: Draft) -> bool:
        return not draft.alone or self.is_alone(draft.message.sender, draft.message.recipient)

    def _newest(self, draft: Draft) -> str | None:
        """The newest message of the thread, where nobody else can have written to it since this node did."""
        known, at = self._known.get(draft.thread, ("", 0.0))
        message = draft.message
        since = max(self._alone.get(each, _NOT_ALONE)[0] for each in (message.sender, message.recipient))
        return known if known and draft.alone and since < at else None

    def _remember(self, draft: Draft) -> None:
        self._known.pop(draft.thread, None)
        self._known[draft.thread] = (draft.message.id, asyncio.get_running_loop().time())
        while len(self._known) > _KNOWN:
            self._known.popitem(last=False)

    async def _deliver(
        self, group: list[tuple[Draft, asyncio.Future[None], Delivery]], before: asyncio.Task[None] | None
    ) -> None:
        concerned: dict[Address, None] = {}
        for draft, _, _ in group:
            concerned[draft.message.sender] = None
            concerned |= dict.fromkeys(draft.alias.reached() if draft.alias else [draft.message.recipient])
        try:
            present = await self._node.call(
                group_sending.connections, self._node.tables, list(concerned), self._node.now()
            )
        except (StoreBusy, ClientError, BotoCoreError):
            logger.warning("nobody elsewhere was told of a group", exc_info=True)
            present = {}
        self._note_alone(present)
        if before is not None:
            await asyncio.wait([before])
        await self._node.call(self._tell, [delivery for _, _, delivery in group], present)

    def _give(self, delivery: Delivery) -> None:
        try:
            delivery.here()
        except Exception:
            logger.exception("a message was not delivered")

    def _tell(self, deliveries: list[Delivery], present: dict[Address, list[Connection]]) -> None:
        for delivery in deliveries:
            try:
                delivery.elsewhere(present)
            except Exception:
                logger.exception("a message was not pushed")

    def _note_alone(self, present: dict[Address, list[Connection]]) -> None:
        now = asyncio.get_running_loop().time()
        for address, connections in present.items():
            if any(each.is_web or each.node != self._node.name for each in connections):
                self._alone.pop(address, None)
            else:
                since, until = self._alone.get(address, _NOT_ALONE)
                self._alone[address] = (since if until > now else now, now + ALONE_SECONDS)
        if len(self._alone) > _KNOWN:
            self._alone.clear()
