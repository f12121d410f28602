"""The stub in DynamoDB's place, which the XMPP benchmark measures over: it answers what the table itself answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from bench.xmpp_store import Dynamo
from chat import archive, connecting, directory, group_sending, ids, sessions
from chat.directory import NewUser
from chat.entries import Profile
from chat.group_sending import Draft
from chat.presence import Status
from chat.tables.directory import Credential
from chat.tables.history import XMPP, Message, Thread
from tests.unit.world import NOW, SECOND, World, empty

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NODE = "node-1"
_UNREAD = ("ConsumedCapacity", "ResponseMetadata", "ScannedCount")
_numbers = count(1)


class Noting:
    """A client that notes what it is asked and what it answers, as the JSON protocol has it."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client = client
        self.calls: list[tuple[str, Any, Any]] = []
        self.exceptions = client.exceptions

    def __getattr__(self, name: str) -> Any:
        def call(**request: Any) -> Any:
            answer = getattr(self._client, name)(**request)
            operation = "".join(part.capitalize() for part in name.split("_"))
            self.calls.append((operation, as_json(request), as_json(answer)))
            return answer

        return call


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=lambda raw: base64.b64encode(raw).decode()))


def plain(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what nobody reads, and without an order where there is none."""
    found = {name: value for name, value in answer.items() if name not in _UNREAD}
    responses = found.get("Responses", {})
    for items in responses.values():
        items.sort(key=lambda item: (item["pk"]["S"], item["sk"]["S"]))
    return {name: value for name, value in found.items() if value}


@pytest.fixture
def noting(dynamodb: DynamoDBClient) -> Noting:
    return Noting(dynamodb)


@pytest.fixture
def office(noting: Any, credential: Credential) -> Iterator[World]:
    """A company whose table's answers are noted from its first row on."""
    made = World.on(noting, f"bench{next(_numbers)}.example", "directory", "connections", "history")
    people = [NewUser(made.address(local), Profile(local), credential) for local in ("alice", "bob", "carol")]
    directory.add_users(made.tables, made.domain, people, NOW)
    yield made
    empty()


def log_in(world: World, local: str) -> None:
    address = world.address(local)
    sessions.count_try(world.tables, address, "192.0.2.1", NOW)
    assert sessions.verifiers(world.tables, address)
    sessions.succeeded(world.tables, address, "192.0.2.1")


def work(world: World) -> None:
    """What a node does for clients that the benchmark measures: they log in, appear, write and go."""
    tables, (alice, bob) = world.tables, (world.address("alice"), world.address("bob"))
    for local in ("alice", "bob"):
        log_in(world, local)
        tables.directory.settings(world.address(local))
        connecting.open_xmpp(tables, NODE, world.address(local), "phone", Status.AVAILABLE, 0, "", frozenset(), NOW)
    connecting.open_link(tables, NODE, "link", NOW)
    tables.connections.links(NODE, NOW)
    tables.connections.watch_all(world.domain, NODE, NOW)
    tables.directory.version(world.domain)
    assert list(tables.connections.online(world.domain)) == [alice, bob]
    assert len(list(tables.directory.all_users(world.domain))) == 3
    assert not list(tables.directory.all_aliases(world.domain))
    tables.connections.of_many([alice, bob], consistent=True)
    drafts = [
        Draft(Message(ids.lowest(NOW + number * SECOND), alice, bob, f"hello {number}", XMPP), alone=number > 1)
        for number in range(4)
    ]
    group_sending.store(tables, drafts[:2], {})
    group_sending.store(tables, drafts[2:], {Thread.between(alice, bob): drafts[1].message.id})
    group_sending.connections(tables, [alice, bob], NOW)
    tables.history.lasts([(alice, bob), (bob, alice)])
    tables.directory.set_delivered(bob, drafts[-1].message.id)
    tables.history.inbox(alice)
    assert archive.page(tables, alice, archive.Query(), archive.Paging(max=2)).count == 4
    assert archive.since(tables, bob, "", 10)
    connecting.close_xmpp(tables, NODE, alice, ["phone"], NOW)


def test_it_answers_what_the_table_answers(noting: Noting, office: World) -> None:
    work(office)
    stub = Dynamo()
    for number, (operation, request, answer) in enumerate(noting.calls):
        assert plain(stub.call(operation, request)) == plain(answer), (number, operation, request)
    assert {operation for operation, _, _ in noting.calls} >= {
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    }
