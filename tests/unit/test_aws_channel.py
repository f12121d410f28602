from __future__ import annotations

import json
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from chat.aws import metrics
from chat import ids
from chat.addresses import Address
from chat.aws.channel import ApiGatewayChannel, QueuedGrace
from chat.frames.base import MessageFrame
from chat.frames.events import MessageEvent, TypingEvent
from chat.push import Gone, Target
from chat.tables.history import Message
from tests.unit.world import NOW, World


class GoneException(ClientError):
    """As the client makes it from the service's description."""


class FakeApi:
    """``@connections``, which answers each post as it is told."""

    class exceptions:  # noqa: N801  # the client's name
        GoneException = GoneException

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.posts: list[tuple[str, bytes]] = []

    def post_to_connection(self, ConnectionId: str, Data: bytes) -> None:  # noqa: N803  # the API's names
        if self._error:
            raise self._error
        self.posts.append((ConnectionId, Data))


class FakeQueue:
    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def send_message(self, **message: Any) -> None:
        self.messages.append(message)


def post(api: FakeApi) -> bool:
    return ApiGatewayChannel(lambda: cast(Any, api)).post("page", b"{}")


def test_a_frame_is_posted_to_its_connection() -> None:
    api = FakeApi()
    assert post(api)
    assert api.posts == [("page", b"{}")]


def test_a_message_that_webmail_takes_counts_as_delivered(capsys: pytest.CaptureFixture[str], world: World) -> None:
    world.pusher.channel = ApiGatewayChannel(lambda: cast(Any, FakeApi()))
    alice = world.address("alice")
    world.tables.connections.add_link("node", "link", NOW, NOW // 1000 + 60)
    message = MessageFrame.model_validate(Message(ids.new(NOW), alice, alice, "hello"))
    typing = TypingEvent(contact=str(alice), sender=str(alice), active=True)
    metrics.write()
    capsys.readouterr()
    for event in (MessageEvent(message=message), typing):
        world.pusher.deliver(event, [Target(alice, "web:page"), Target(alice, "xmpp:node:phone")], NOW)
    metrics.write()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["FramesPushed"] for line in lines if "FramesPushed" in line] == [[4]]
    assert [(line["Door"], line["Deliveries"]) for line in lines if "Deliveries" in line] == [("web", [1])]


def test_a_connection_that_is_not_there_is_gone() -> None:
    with pytest.raises(Gone):
        post(FakeApi(GoneException({"Error": {"Code": "GoneException", "Message": ""}}, "PostToConnection")))


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "LimitExceededException", "Message": ""}}, "PostToConnection"),
        EndpointConnectionError(endpoint_url="https://api.company.example"),
    ],
)
def test_a_connection_that_takes_nothing_now_is_not_gone(error: Exception) -> None:
    assert not post(FakeApi(error))


def test_a_lost_connection_comes_back_from_the_queue_after_its_grace_period() -> None:
    queue = FakeQueue()
    grace = QueuedGrace(lambda: cast(Any, queue), "https://sqs.company.example/grace")
    grace.schedule(Address("alice", "company.example"), "web:page")
    [message] = queue.messages
    assert json.loads(message["MessageBody"]) == {"address": "alice@company.example", "ref": "web:page"}
    assert (message["QueueUrl"], message["DelaySeconds"]) == ("https://sqs.company.example/grace", 10)


def test_a_bridge_node_without_links_comes_back_from_the_queue_after_its_grace_period() -> None:
    queue = FakeQueue()
    QueuedGrace(lambda: cast(Any, queue), "https://sqs.company.example/grace").schedule_node("node-1")
    [message] = queue.messages
    assert (json.loads(message["MessageBody"]), message["DelaySeconds"]) == ({"node": "node-1"}, 10)


def test_a_bridge_node_that_missed_a_push_comes_back_from_the_queue_sooner() -> None:
    queue = FakeQueue()
    QueuedGrace(lambda: cast(Any, queue), "https://sqs.company.example/grace").schedule_catch_up(
        "node-1", 1_767_258_000_000
    )
    [message] = queue.messages
    assert json.loads(message["MessageBody"]) == {"node": "node-1", "missed_since": 1_767_258_000_000}
    assert message["DelaySeconds"] == 5
