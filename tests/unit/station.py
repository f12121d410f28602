"""A bridge node on tables in moto, without links and doors; its calls to AWS fail as often as a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar, cast
from xml.etree.ElementTree import Element

from bridge.elements import write
from bridge.errors import StreamError
from bridge.node import Node
from bridge.pushing import NodePusher
from bridge.session import Session
from bridge.settings import read
from bridge.stream import Stream
from bridge.tls import Certificates
from chat.presence import Status
from tests.unit.world import World

T = TypeVar("T")

SETTINGS = read(
    {
        "BRIDGE_CERTIFICATES": "/certificates",
        "DIRECTORY_TABLE": "directory",
        "CONNECTIONS_TABLE": "connections",
        "HISTORY_TABLE": "history",
        "SIGNING_SECRET": "signing",
        "WEBSOCKET_URL": "wss://chat.example.com/chat",
        "HTTP_URL": "https://chat.example.com",
        "CONNECTIONS_ENDPOINT": "https://chat.example.com/chat",
        "GRACE_QUEUE": "https://sqs.example.com/grace",
        "BRIDGE_NODE": "here",
    }
)
TAKES = 0.005
"""Seconds that a call takes."""


class Station(Node):
    """The node ``here``. Its clock moves when a test moves it."""

    def __init__(self, world: World, now: int) -> None:
        self.clock = now
        self.called: list[str] = []
        self.failures: dict[str, list[Exception]] = {}
        """What the next calls of a function fail with, by its name."""
        self.before: dict[str, Callable[[], None]] = {}
        """What happens while a function is called, ahead of its work."""
        super().__init__(
            replace(SETTINGS, node="here"),
            world.tables,
            lambda node: NodePusher(world.channel, world.grace, world.tables.connections, node=node.name),
            Certificates(dict),
            b"",
            clock=lambda: self.clock,
        )

    async def call(self, function: Callable[..., T], *arguments: Any) -> T:
        name = getattr(function, "__name__", "")
        self.called.append(name)
        await asyncio.sleep(TAKES)
        if name in self.before:
            self.before[name]()
        if self.failures.get(name):
            raise self.failures[name].pop(0)
        return function(*arguments)

    async def client(self, world: World, local: str, resource: str = "phone", *, present: bool = True) -> Client:
        """A client of a user; with ``present`` it is available."""
        stream = Client()
        stream.authenticated_at = self.clock
        stream.session = await self.bind(cast(Stream, stream), world.address(local), resource)
        if present:
            stream.session.available, stream.session.status = True, Status.AVAILABLE
            await self.register(stream.session)
        return stream

    async def register(self, session: Session) -> None:
        from bridge import broadcasts

        await broadcasts.register(session)

    async def idle(self) -> None:
        """Wait until nothing goes on in the background; in an hour it would be done."""
        async with asyncio.timeout(3600):
            while self._tasks:
                await asyncio.wait(self._tasks)


class Client:
    """The stream of a client, which keeps what it is sent."""

    has_room = True
    authenticated_at = 0

    def __init__(self) -> None:
        self.session: Session | None = None
        self.sent: list[str] = []
        self.error = ""
        """The condition with which it was ended."""

    def write(self, text: str) -> bool:
        self.sent.append(text)
        return True

    def send(self, found: Element) -> None:
        self.sent.append(write(found))

    def fail(self, error: StreamError) -> None:
        self.error = error.condition

    def close(self) -> None:
        self.error = "closed"

    def taken(self) -> list[str]:
        """What it has been sent since it was asked last."""
        sent, self.sent = self.sent, []
        return sent
