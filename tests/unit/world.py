"""A small company to test the rules on: tables in moto, and fakes of the two edges that are not ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any, cast

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from chat import blocking, connecting, directory, ids, messages
from chat.addresses import Address
from chat.callers import Caller
from chat.directory import NewUser
from chat.entries import Alias, Profile, User
from chat.items import Item
from chat.presence import Connection, Status, connections_in, derive
from chat.push import Gone, Pusher
from chat.store import Store
from chat.tables import Tables
from chat.tables.history import Message, Thread

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-central-1"
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
PASSWORD = "correct horse"
NOW = 1_767_258_000_000
"""2026-01-01T09:00:00Z, in ms."""


def no_wait(_seconds: float) -> None:
    """Try again at once: no table of the tests is busy."""


class RecordingClient:
    """A DynamoDB client that notes its calls and makes them one at a time: a write is atomic, which moto's is not."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client
        self._lock = RLock()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.before: Callable[[str, dict[str, Any]], None] = lambda *_: None
        """Called ahead of each operation."""

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._client, name)
        if not callable(attribute):
            return attribute

        def call(**request: Any) -> Any:
            self.before(name, request)
            with self._lock:
                self.calls.append((name, request))
                return attribute(**request)

        return call

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]


class FakeChannel:
    """Keeps what is posted. Connections in ``gone`` do not exist; those in ``deaf`` take nothing."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.gone: set[str] = set()
        self.deaf: set[str] = set()

    def post(self, connection_id: str, frame: bytes) -> bool:
        if connection_id in self.gone:
            raise Gone(connection_id)
        if connection_id in self.deaf:
            return False
        self.posts.append((connection_id, json.loads(frame)))
        return True

    def to(self, connection_id: str) -> list[dict[str, Any]]:
        """The frames that a connection took."""
        return [frame for target, frame in self.posts if target == connection_id]

    def receivers(self) -> list[str]:
        """The connections that took something, sorted."""
        return sorted(target for target, _ in self.posts)


class FakeGrace:
    """Keeps whose connections, and which nodes, it was asked to come back to."""

    def __init__(self) -> None:
        self.scheduled: list[tuple[Address, str]] = []
        self.nodes: list[str] = []
        self.missed: list[tuple[str, int]] = []
        """The nodes that did not take a push, and since when."""

    def schedule(self, address: Address, ref: str) -> None:
        self.scheduled.append((address, ref))

    def schedule_node(self, node: str) -> None:
        self.nodes.append(node)

    def schedule_catch_up(self, node: str, since: int) -> None:
        self.missed.append((node, since))


@dataclass
class World:
    """One domain of its own, so that tests do not meet."""

    domain: str
    client: RecordingClient
    tables: Tables
    channel: FakeChannel = field(default_factory=FakeChannel)
    grace: FakeGrace = field(default_factory=FakeGrace)

    def __post_init__(self) -> None:
        self.pusher = Pusher(self.channel, self.grace, self.tables.connections)
        directory.create_domain(self.tables, self.domain)

    @classmethod
    def on(cls, client: DynamoDBClient, domain: str, directory: str, connections: str, history: str) -> World:
        recording = RecordingClient(client)
        tables = Tables.named(Store(cast("DynamoDBClient", recording), no_wait), directory, connections, history)
        return cls(domain, recording, tables)

    def address(self, local: str) -> Address:
        return Address(local, self.domain)

    def addresses(self, *locals_: str) -> list[Address]:
        return [self.address(local) for local in locals_]

    def add(self, *locals_: str, now: int = NOW) -> None:
        """Add users who have no password."""
        users = [NewUser(self.address(local), Profile(local.title())) for local in locals_]
        directory.add_users(self.tables, self.domain, users, now)

    def alias(self, local: str, *members: str) -> Address:
        address = self.address(local)
        directory.save_alias(self.tables, address, local.title(), self.addresses(*members))
        return address

    def web(self, local: str, connection_id: str = "", now: int = NOW) -> Caller:
        """A webmail connection of a user."""
        connection = connecting.open_web(self.tables, self.address(local), connection_id or f"{local}-page", now)
        return Caller(self.address(local), connection.ref)

    def xmpp(
        self,
        local: str,
        node: str = "node",
        resource: str = "phone",
        *,
        status: Status = Status.AVAILABLE,
        now: int = NOW,
        lifetime: int = HOUR,
    ) -> Caller:
        """An XMPP resource of a user."""
        expires = (now + lifetime) // 1000
        connection = Connection(f"xmpp:{node}:{resource}", status, now, expires)
        self.tables.connections.open(self.address(local), connection, now, expires)
        return Caller(self.address(local), connection.ref)

    def send(self, caller: Caller, recipient: str, body: str = "hello", at: int = NOW) -> Message:
        """Send a message at a time."""
        return self.send_as(caller, ids.new(at), recipient, body, at).message

    def send_as(
        self, caller: Caller, message_id: str, recipient: str, body: str = "hello", now: int = NOW
    ) -> messages.Sent:
        """Send a message under an id."""
        return messages.send(self.tables, self.pusher, caller, message_id, self.address(recipient), body, now)

    def block(self, local: str, *contacts: str, now: int = NOW) -> frozenset[str]:
        """Have a user block contacts."""
        return blocking.block(self.tables, self.address(local), self.addresses(*contacts), now)

    def connections(self, local: str) -> dict[str, Connection]:
        return {each.ref: each for each in connections_in(self.tables.connections.of(self.address(local)))}

    def presence(self, local: str) -> Status:
        return derive(self.connections(local).values())

    def thread(self, one: str, other: str) -> Thread:
        return Thread.between(self.address(one), self.address(other))

    def stored(self, thread: Thread) -> list[Message]:
        return self.tables.history.messages(thread, limit=1000)[0]


def user(world: World, local: str) -> User:
    found = world.tables.directory.user(world.address(local))
    assert found
    return found


def alias(world: World, local: str) -> Alias:
    found = world.tables.directory.alias(world.address(local))
    assert found
    return found


def empty(*tables: str) -> None:
    """Delete every item of these tables, or of all: moto looks at each item of a table in each query."""
    stored = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
    for name in tables or stored:
        stored[name].items.clear()


def item_of(*connections: Connection) -> Item:
    """The attributes of a presence item with these connections, as the table keeps them."""
    return {
        each.ref: {name: value for name, value in each.attribute().items() if value is not None} for each in connections
    }


def everything(entries: Sequence[object]) -> int:
    """A frame that has room for all."""
    return len(entries)


def room_for(count: int) -> Callable[[Sequence[object]], int]:
    """A frame that has room for so many."""
    return lambda entries: min(count, len(entries))
