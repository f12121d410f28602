"""Telling webmail and other nodes of what was stored here: to each connection in the order of the archive, to several
at once, and so that storing waits where telling does not keep up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from bridge.background import until_done
from chat import group_sending, shared_files, trail
from chat.addresses import Address
from chat.frames.events import Event, MessageEvent
from chat.group_sending import Draft
from chat.presence import Connection
from chat.push import Target
from chat.store import StoreBusy
from chat.trail import Step

if TYPE_CHECKING:
    from bridge.node import Node

logger = logging.getLogger(__name__)

MAX_UNTOLD = 5
"""Groups that wait to be told; nothing more is stored meanwhile."""
_AT_ONCE = 8
"""Connections and nodes that are pushed to at the same time."""
_PAUSES = (0.2, 0.5, 1, 2, 4, 8, 16)
"""Seconds after which a push is tried again that could not be made, or noted as missed."""

Present = dict[Address, list[Connection]]


class Delivery(Protocol):
    """Gives a stored message to those concerned."""

    def here(self) -> None:
        """To the sessions of this node."""

    def elsewhere(self, present: Present) -> tuple[Event, set[Target]] | None:
        """What is pushed to whom in webmail and on other nodes; ``present`` are the connections of those concerned."""

    async def was_sent_again(self) -> bool:
        """Whether its sender, whose session has ended, has had it stored over another one."""


class Telling:
    """The groups that were stored and not told yet."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._last: asyncio.Task[None] | None = None
        self._untold = 0
        self._room = asyncio.Event()
        self._room.set()
        self._slots = asyncio.Semaphore(_AT_ONCE)

    @property
    def is_idle(self) -> bool:
        return self._untold == 0

    async def room(self) -> None:
        """Wait while too many groups are untold."""
        await self._room.wait()

    def add(self, group: Sequence[tuple[Draft, Delivery]]) -> None:
        """Tell of a group, after those before."""
        self._untold += 1
        if self._untold >= MAX_UNTOLD:
            self._room.clear()
        self._last = asyncio.create_task(self._tell(group, self._last))
        self._last.add_done_callback(self._told)

    def _told(self, task: asyncio.Task[None]) -> None:
        self._untold -= 1
        self._room.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("a group was not told", exc_info=error)

    async def _tell(self, group: Sequence[tuple[Draft, Delivery]], before: asyncio.Task[None] | None) -> None:
        present = await self._present([draft for draft, _ in group])
        if before is not None:
            await asyncio.wait([before])
        pushes: dict[str, list[tuple[Event, set[Target]]]] = {}
        for _, delivery in group:
            for way, event, targets in self._ways(delivery, present):
                pushes.setdefault(way, []).append((event, targets))
        await asyncio.gather(*(self._push(each) for each in pushes.values()))
        await self._tell_of_files([draft for draft, _ in group])

    async def _tell_of_files(self, drafts: Sequence[Draft]) -> None:
        """Tell open pages of files that messages share."""
        node = self._node
        shared = [
            each
            for draft in drafts
            for each in shared_files.entries(draft.message, draft.alias, node.settings.http_url)
        ]
        if shared:
            from chat.mail.telling import tell  # no other message needs it

            async with self._slots:
                await node.call(tell, node.tables, node.pusher, shared, node.now())

    async def _present(self, drafts: Sequence[Draft]) -> Present:
        """Who is there of those whom messages concern, as it is after they were stored."""
        concerned: dict[Address, None] = {}
        for draft in drafts:
            concerned[draft.message.sender] = None
            concerned |= dict.fromkeys(draft.alias.reached() if draft.alias else [draft.message.recipient])
        node = self._node
        read = partial(node.call, group_sending.connections, node.tables, list(concerned), node.now())
        present = await until_done(read, node.pause, "reading who is there") or {}
        node.storing.alone.note(present)
        return present

    def _ways(self, delivery: Delivery, present: Present) -> list[tuple[str, Event, set[Target]]]:
        """The pushes of a message by the way that they take: a connection of webmail, or a node."""
        try:
            found = delivery.elsewhere(present)
        except Exception:
            logger.exception("a message was not pushed")
            found = None
        ways: dict[str, set[Target]] = {}
        event, targets = found or (None, ())
        for target in targets:
            way = ":".join(target.ref.split(":", 2)[:2])
            ways.setdefault(way, set()).add(target)
        return [(way, event, aims) for way, aims in ways.items() if event is not None]

    async def _push(self, pushes: list[tuple[Event, set[Target]]]) -> None:
        left = deque(pushes)
        for pause in (*_PAUSES, None):
            async with self._slots:
                if await self._node.call(self._deliver, left):
                    return
            if pause is None or not await self._node.pause(pause):
                logger.error("messages were not pushed", extra={"messages": len(left)})
                for event, targets in left:
                    _not_taken(event, targets)
                return

    def _deliver(self, left: deque[tuple[Event, set[Target]]]) -> bool:
        """Push, in order, and take out what has been; whether that was all."""
        try:
            while left:
                self._node.pusher.deliver(*left[0], self._node.now())
                left.popleft()
        except (StoreBusy, ClientError, BotoCoreError):
            logger.warning("a message was not pushed yet", exc_info=True)
            return False
        except Exception:  # what is wrong with one must not keep the others back
            logger.exception("a message cannot be pushed")
            _not_taken(*left.popleft())
            return self._deliver(left)
        return True


def _not_taken(event: Event, targets: set[Target]) -> None:
    if isinstance(event, MessageEvent):
        trail.note(Step.FAILED, event.message.id, to=sorted(trail.connection(each.owner, each.ref) for each in targets))
