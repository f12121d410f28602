"""Storing what clients send, in groups: while one is written the next one gathers, and none is acknowledged before.

Groups are written one after the other and delivered in the same order, so what a client is given comes in the order of
the archive: to this node's sessions at once, elsewhere once it is read who is there. Where the store does not take a
message, its thread is set aside and tried again with the same ids, and other threads go on; after ``PATIENCE`` the
senders are told.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chat.aws import metrics
from bridge.alone import Alone
from bridge.telling import Delivery, Telling
from chat import group_sending, ids, trail
from chat import metrics as declared
from chat.addresses import Address
from chat.group_sending import GROUP, Draft
from chat.presence import XMPP
from chat.store import StoreBusy
from chat.tables.history import NotAllStored, Thread
from chat.trail import Step

if TYPE_CHECKING:
    from bridge.node import Node

logger = logging.getLogger(__name__)

MAX_WAITING = 1000
"""Messages that wait for the store; clients are not read beyond them."""
PATIENCE = 20.0
"""Seconds for which a message is tried again before its sender is told that it was not stored."""
_PAUSE = 0.2
_LONGEST_PAUSE = 2.0


class NotStored(Exception):
    """The store did not take the message in time."""


@dataclass(slots=True, eq=False)
class Item:
    """A message on its way to the store."""

    draft: Draft
    future: asyncio.Future[None]
    delivery: Delivery
    deadline: float
    is_given: bool = False
    """Whether it is stored and delivered, though rows that tell of it may still be missing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Messages of a group that the store did not take, by id."""

    missing: frozenset[str] = frozenset()
    unnoted: frozenset[str] = frozenset()
    """Stored, but for rows that tell of them."""
    is_hopeless: bool = False
    """Whether trying again would not help."""

    @property
    def refused(self) -> frozenset[str]:
        """All of which something is to be written again."""
        return self.missing | self.unnoted


def _id_of(item: Item) -> str:
    return item.draft.message.id


class Storing:
    """The way of messages to the store."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.alone = Alone(node)
        self._telling = Telling(node)
        self._waiting: deque[Item] = deque()
        self._aside: dict[Thread, deque[Item]] = {}
        """Threads of which a message was not taken, and what is to be stored of them, oldest first."""
        self._wake = asyncio.Event()
        self._wake_aside = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._last_id = ""
        self._busy = False
        self._writing: list[Item] = []

    def new_id(self) -> str:
        """An id above all that this node has made."""
        now = max(self._node.now(), ids.time_of(self._last_id) if self._last_id else 0)
        made = ids.new(now)
        while made <= self._last_id:  # a few of the same millisecond may come in another order
            now += 1
            made = ids.new(now)
        self._last_id = made
        return made

    async def room(self) -> None:
        """Wait while too many messages are queued. Ids are made after it, so that they rise in the queue."""
        while self._count() >= MAX_WAITING:
            self._room.clear()
            await self._room.wait()

    def add(self, draft: Draft, delivery: Delivery) -> asyncio.Future[None]:
        """Queue a message; the future is done once it is stored, and ``delivery`` is used after that.

        The future fails with NotStored.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.append(Item(draft, future, delivery, loop.time() + PATIENCE))
        self._wake.set()
        return future

    def pending(self, sender: Address, thread: Thread, mark: str) -> asyncio.Future[None] | None:
        """The future of a message that is on its way, by an extension that it has, or "" for none."""
        items = chain(self._waiting, self._writing, self._aside.get(thread, ())) if mark else ()
        found = (item for item in items if item.draft.thread == thread and item.draft.message.sender == sender)
        return next((item.future for item in found if mark in item.draft.message.extensions), None)

    @property
    def is_idle(self) -> bool:
        return not self._waiting and not self._busy and not self._aside and self._telling.is_idle

    async def run(self) -> None:
        """Write groups until it is cancelled."""
        aside = asyncio.create_task(self._run_aside())
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    self._busy = True
                    await self._telling.room()
                    group = self._writing = self._next_group()
                    self._settle(group, await self._write(group))
                    self._busy, self._writing = False, []
        finally:
            aside.cancel()

    def _count(self) -> int:
        return len(self._waiting) + sum(map(len, self._aside.values()))

    def _next_group(self) -> list[Item]:
        """What is written next; messages of threads that are set aside wait behind those before them."""
        group: list[Item] = []
        while self._waiting and len(group) < GROUP:
            item = self._waiting.popleft()
            if (before := self._aside.get(item.draft.thread)) is not None:
                before.append(item)
            else:
                group.append(item)
        self._room.set()
        return sorted(group, key=_id_of)

    async def _run_aside(self) -> None:
        """Try what was set aside again and again."""
        while True:
            await self._wake_aside.wait()
            self._wake_aside.clear()
            pause = _PAUSE
            while self._aside:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                await self._telling.room()
                group = await self._still_wanted(list(islice(chain.from_iterable(self._aside.values()), GROUP)))
                left = self._settle(group, await self._write(group, again=True))
                self._room.set()
                if len(left) < len(group):
                    pause = _PAUSE

    async def _still_wanted(self, group: list[Item]) -> list[Item]:
        """What of a group is to be stored; the rest has been sent again meanwhile, and is stored as that."""
        wanted: list[Item] = []
        repeated: list[Item] = []
        unsure: set[Thread] = set()
        for item in group:
            try:
                if item.draft.thread in unsure:
                    continue
                is_repeated = not item.is_given and await item.delivery.was_sent_again()
                (repeated if is_repeated else wanted).append(item)
            except (StoreBusy, ClientError, BotoCoreError):
                unsure.add(item.draft.thread)  # it could not be written either
        for item in repeated:
            if not item.future.done():
                item.future.set_result(None)
        self._set_aside(repeated, [])
        return sorted(wanted, key=_id_of)

    async def _write(self, items: Sequence[Item], *, again: bool = False) -> Outcome:
        if not items:
            return Outcome()
        drafts = [self._current(item.draft, again) for item in items]
        known = {draft.thread: newest for draft in drafts if (newest := self.alone.newest(draft))}
        everything = frozenset(draft.message.id for draft in drafts)
        try:
            await self._node.call(group_sending.store, self._node.tables, drafts, known, self._node.settings.http_url)
        except NotAllStored as error:
            logger.warning("a group was not stored whole", exc_info=True, extra={"messages": len(drafts)})
            return Outcome(error.missing, error.unnoted)
        except (StoreBusy, ClientError, BotoCoreError):
            logger.warning("a group was not stored", exc_info=True, extra={"messages": len(drafts)})
            return Outcome(everything)
        except Exception:  # what is wrong with one group must not end the way of all others
            logger.exception("a group cannot be stored")
            return Outcome(everything, is_hopeless=True)
        return Outcome()

    def _current(self, draft: Draft, again: bool) -> Draft:
        """The draft, as it can be written now: whoever was alone may not be any more."""
        message = draft.message
        if not draft.alone or (not again and self.alone.are(message.sender, message.recipient)):
            return draft
        return replace(draft, alone=False)

    def _settle(self, group: Sequence[Item], outcome: Outcome) -> list[Item]:
        """Acknowledge and deliver what is stored; returns what is to be tried again, which is set aside."""
        now = asyncio.get_running_loop().time()
        stuck: set[Thread] = set()
        left: list[Item] = []
        given: list[tuple[Draft, Delivery]] = []
        for item in group:
            thread, message_id = item.draft.thread, item.draft.message.id
            if not item.is_given and (thread in stuck or message_id in outcome.missing):
                if outcome.is_hopeless or now >= item.deadline:
                    self._refuse(item)
                else:
                    stuck.add(thread)
                    left.append(item)
                continue
            if not item.is_given:
                self._give(item)
                given.append((item.draft, item.delivery))
            if message_id in outcome.refused and not outcome.is_hopeless:
                left.append(item)
        if given:
            self._telling.add(given)
        self._set_aside(group, left)
        return left

    def _set_aside(self, group: Sequence[Item], left: Sequence[Item]) -> None:
        done = set(group).difference(left)
        for thread in {item.draft.thread for item in group}:
            before = self._aside.get(thread)
            kept = [item for item in before or () if item not in done]
            kept = kept or [item for item in left if item.draft.thread == thread]
            if kept:
                self._aside[thread] = deque(kept)
                self._wake_aside.set()
            elif before is not None:
                del self._aside[thread]

    def _refuse(self, item: Item) -> None:
        self._note(Step.REFUSED, item)
        if not item.future.done():
            item.future.set_exception(NotStored())

    def _give(self, item: Item) -> None:
        item.is_given = True
        metrics.note(declared.MESSAGES, of=declared.XMPP)
        self._note(Step.STORED, item)
        self.alone.remember(item.draft)
        if not item.future.done():
            item.future.set_result(None)
        try:
            item.delivery.here()
        except Exception:
            logger.exception("a message was not delivered", extra={"message_id": item.draft.message.id})

    def _note(self, step: Step, item: Item) -> None:
        message = item.draft.message
        sender = trail.connection(message.sender, f"{XMPP}{self._node.name}:{message.resource}")
        trail.note(step, message.id, sender=sender, origin=message.origin)
