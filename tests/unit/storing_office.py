"""A node that stores, with a store that is as busy as a test wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from bridge.node import Node
from bridge.storing import Storing
from chat import group_sending
from chat.addresses import Address
from chat.group_sending import Draft
from chat.presence import Connection
from chat.tables.history import Message, Thread
from tests.unit.world import NOW

ALICE, BOB, CAROL = (Address(local, "example.com") for local in ("alice", "bob", "carol"))


class FakeNode:
    """Stands for the tables: keeps the groups, and is busy as often as it is told."""

    name = "here"
    tables = None

    def __init__(self) -> None:
        self.clock = NOW
        self.groups: list[list[Draft]] = []
        self.known: list[dict[Thread, str]] = []
        self.tries = 0
        self.failures: list[Exception] = []
        """What the next tries fail with."""
        self.open = asyncio.Event()
        """While it is not set, the store does not answer."""
        self.open.set()
        self.present: dict[Address, list[Connection]] = {}

    def now(self) -> int:
        return self.clock

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        await asyncio.sleep(0.005)  # as DynamoDB takes
        if function is group_sending.store:
            _, drafts, known = arguments
            self.tries += 1
            await self.open.wait()
            if self.failures:
                raise self.failures.pop(0)
            self.groups.append(list(drafts))
            self.known.append(dict(known))
            return None
        if function is group_sending.connections:
            return {address: self.present.get(address, []) for address in arguments[1]}
        return function(*arguments)

    @property
    def stored(self) -> list[str]:
        return [draft.message.id for group in self.groups for draft in group]


@dataclass
class Given:
    """A delivery that notes itself."""

    name: str
    to_here: list[str]
    to_elsewhere: list[str] = field(default_factory=list)

    def here(self) -> None:
        self.to_here.append(self.name)

    def elsewhere(self, _present: dict[Address, list[Connection]]) -> None:
        self.to_elsewhere.append(self.name)


class Office:
    """A node that stores, and what was given to whom."""

    def __init__(self) -> None:
        self.node = FakeNode()
        self.storing = Storing(cast(Node, self.node))
        self.here: list[str] = []
        self.elsewhere: list[str] = []
        self.running = asyncio.create_task(self.storing.run())

    def draft(self, sender: Address = ALICE, recipient: Address = BOB, alone: bool = False) -> Draft:
        return Draft(Message(self.storing.new_id(), sender, recipient, "hello"), None, alone)

    async def send(self, sender: Address = ALICE, recipient: Address = BOB) -> asyncio.Future[None]:
        draft = self.draft(sender, recipient, self.storing.is_alone(sender, recipient))
        return await self.storing.add(draft, Given(draft.message.id, self.here, self.elsewhere))

    async def settled(self) -> None:
        while not self.storing.is_idle:
            await asyncio.sleep(0.01)
