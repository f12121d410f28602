"""A node that stores, with a store that is as busy as a test wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from bridge.node import Node
from bridge.storing import Storing
from bridge.telling import Present
from chat import group_sending
from chat.addresses import Address
from chat.group_sending import Draft
from chat.presence import Connection
from chat.push import Target
from chat.store import StoreBusy
from chat.tables.history import Message, Thread
from tests.unit.world import NOW

ALICE, BOB, CAROL = (Address(local, "example.com") for local in ("alice", "bob", "carol"))


class FakeNode:
    """Stands for the tables: keeps the groups, and is busy as often as it is told."""

    name = "here"
    tables = None
    settings = SimpleNamespace(http_url="")
    storing: Storing

    def __init__(self) -> None:
        self.clock = NOW
        self.groups: list[list[Draft]] = []
        self.known: list[dict[Thread, str]] = []
        self.tries = 0
        self.failures: list[Exception | Callable[[list[Draft]], Exception] | None] = []
        """What the next tries fail with; None for one that works."""
        self.open = asyncio.Event()
        """While it is not set, the store does not answer."""
        self.open.set()
        self.present: dict[Address, list[Connection]] = {}
        self.unreadable = 0
        """How often it cannot be read who is there."""
        self.unpushable = 0
        """How often a push cannot be made, nor be noted as missed."""
        self.link = SimpleNamespace(up=asyncio.Event())
        self.link.up.set()
        self.pusher = SimpleNamespace(deliver=self._deliver)
        self.pushed: dict[str, list[str]] = {}
        """The messages pushed to each connection, in order."""

    def _deliver(self, event: Any, targets: set[Target], _now: int) -> None:
        if self.unpushable:
            self.unpushable -= 1
            raise StoreBusy
        for target in targets:
            self.pushed.setdefault(target.ref, []).append(event)

    def now(self) -> int:
        return self.clock

    async def pause(self, seconds: float) -> bool:
        await asyncio.sleep(seconds)
        return True

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        await asyncio.sleep(0.005)  # as DynamoDB takes
        if function is group_sending.store:
            _, drafts, known, _ = arguments
            self.tries += 1
            await self.open.wait()
            if self.failures and (failure := self.failures.pop(0)) is not None:
                raise failure(drafts) if callable(failure) else failure
            self.groups.append(list(drafts))
            self.known.append(dict(known))
            return None
        if function is group_sending.connections:
            if self.unreadable:
                self.unreadable -= 1
                raise StoreBusy
            return {address: self.present.get(address, []) for address in arguments[1]}
        return function(*arguments)

    @property
    def stored(self) -> list[str]:
        return [draft.message.id for group in self.groups for draft in group]


@dataclass
class Given:
    """A delivery that notes itself, and is pushed to the connections of who gets it that are not here."""

    draft: Draft
    to_here: list[str]
    again: bool = False
    """Whether its sender has had it stored over another session."""

    async def was_sent_again(self) -> bool:
        return self.again

    def here(self) -> None:
        self.to_here.append(self.draft.message.id)

    def elsewhere(self, present: Present) -> tuple[Any, set[Target]] | None:
        recipient = self.draft.message.recipient
        connections = (each for each in present.get(recipient, ()) if each.node != "here")
        return self.draft.message.id, {Target(recipient, each.ref) for each in connections}


class Office:
    """A node that stores, and what was given to whom."""

    def __init__(self) -> None:
        self.node = FakeNode()
        self.storing = Storing(cast(Node, self.node))
        self.node.storing = self.storing
        self.here: list[str] = []
        self.running = asyncio.create_task(self.storing.run())

    def draft(self, sender: Address = ALICE, recipient: Address = BOB, alone: bool = False) -> Draft:
        return Draft(Message(self.storing.new_id(), sender, recipient, "hello"), None, alone)

    async def send(self, sender: Address = ALICE, recipient: Address = BOB) -> asyncio.Future[None]:
        await self.storing.room()
        draft = self.draft(sender, recipient, self.storing.alone.are(sender, recipient))
        return self.storing.add(draft, Given(draft, self.here))

    async def settled(self) -> None:
        while not self.storing.is_idle:
            await asyncio.sleep(0.01)
