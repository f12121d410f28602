"""Bridge nodes: their link is a connection of the same API, and gets one push for all sessions concerned."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chat import connecting, ids
from chat.presence import Status
from chat.tokens import Signer
from chatctl.client import ChatConnection, Refused
from localcloud.endpoints import Endpoints
from tests.company import Company, now, until


@pytest.fixture
def link(company: Company, stack: Endpoints, aws: Callable[[str], Any]) -> ChatConnection:
    """A link of the node ``n1``, on which bob has two resources."""
    return open_link(company, stack, aws, "n1", "phone", "tablet")


def open_link(
    company: Company, stack: Endpoints, aws: Callable[[str], Any], node: str, *resources: str
) -> ChatConnection:
    name = f"{node}-{company.domain}"
    secret = aws("secretsmanager").get_secret_value(SecretId=stack.signing_secret)["SecretString"]
    opened = ChatConnection(stack.websocket_url, Signer([json.loads(secret)["newest"]]).node_ticket(name, now()))
    until(lambda: company.tables.connections.links(name, now()))
    for resource in resources:
        connecting.open_xmpp(
            company.tables, name, company.address("bob"), resource, Status.AVAILABLE, 0, "", frozenset(), now()
        )
    return opened


def frame(link: ChatConnection, event: str, **fields: str) -> dict[str, Any]:
    """The next frame of the node that carries an event of this name with these fields."""
    while True:
        found: dict[str, Any] = json.loads(link.socket.recv(20))
        if found["event"].items() >= {"event": event, **fields}.items():
            return found


def test_a_message_is_one_push_for_all_resources_on_the_node(company: Company, link: ChatConnection) -> None:
    alice = company.connect("alice")
    assert alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="to your phone")["reached"] == 1
    found = frame(link, "message")
    assert found["event"]["message"]["body"] == "to your phone"
    assert sorted(each["resource"] for each in found["sessions"]) == ["phone", "tablet"]


def test_a_presence_change_is_one_push_for_the_domain(company: Company, link: ChatConnection) -> None:
    company.tables.connections.watch_all(company.domain, f"n1-{company.domain}", now() // 1000 + 600)
    alice = company.connect("alice")
    assert frame(link, "presence", address=company.at("alice"))["sessions"] == []
    alice.ask("presence", status="away")
    event = frame(link, "presence", address=company.at("alice"))["event"]
    assert event["status"] == "away"
    assert [(each["resource"], each["status"]) for each in event["resources"]] == [("webmail", "away")]


def test_a_renewed_link_takes_over(
    company: Company, stack: Endpoints, aws: Callable[[str], Any], link: ChatConnection
) -> None:
    alice = company.connect("alice")
    alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="over the old link")
    frame(link, "message")
    renewed = open_link(company, stack, aws, "n1")
    link.close()
    until(lambda: len(company.tables.connections.links(f"n1-{company.domain}", now())) == 1)
    assert alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="over the new link")["reached"] == 1
    assert frame(renewed, "message")["event"]["message"]["body"] == "over the new link"
    renewed.close()


def test_a_node_that_does_not_come_back_takes_its_sessions_with_it(company: Company, link: ChatConnection) -> None:
    alice, node = company.connect("alice"), f"n1-{company.domain}"
    company.tables.connections.watch_all(company.domain, node, now() // 1000 + 600)
    [seen] = alice.ask("watch", contacts=[company.at("bob")])["presence"]
    assert seen["status"] == "available"
    link.close()
    assert alice.event("presence", 40, address=company.at("bob"))["status"] == "offline"
    until(lambda: not company.tables.connections.domains_watched(node))
    assert company.tables.connections.sessions(node) == []


def test_a_node_that_did_not_take_a_push_is_told_by_the_grace_queue(
    company: Company, stack: Endpoints, aws: Callable[[str], Any], link: ChatConnection
) -> None:
    missed = {"node": f"n1-{company.domain}", "missed_since": now() - 1000}
    aws("sqs").send_message(QueueUrl=stack.grace_queue, MessageBody=json.dumps(missed))
    assert frame(link, "missed")["event"]["since"] == missed["missed_since"]


def test_of_nodes_that_missed_something_those_that_cannot_be_told_come_again(
    company: Company, aws: Callable[[str], Any], link: ChatConnection
) -> None:
    nodes = [f"{name}-{company.domain}" for name in ("n1", "away", "removed")]
    company.tables.connections.watch_all(company.domain, nodes[1], now() // 1000 + 600)
    records = [
        {"messageId": node, "body": json.dumps({"node": node, "missed_since": now() - 1000})}
        for node in reversed(nodes)
    ]
    names = (each["FunctionName"] for each in aws("lambda").list_functions()["Functions"])
    grace = next(name for name in names if "GraceFunction" in name)
    answer = aws("lambda").invoke(FunctionName=grace, Payload=json.dumps({"Records": records}))
    assert json.loads(answer["Payload"].read()) == {"batchItemFailures": [{"itemIdentifier": nodes[1]}]}
    assert frame(link, "missed")
    [mapping] = aws("lambda").list_event_source_mappings(FunctionName=grace)["EventSourceMappings"]
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_node_pings_and_has_no_other_route(link: ChatConnection) -> None:
    assert link.ask("ping")["ok"]
    with pytest.raises(Refused, match="unknown_action"):
        link.ask("contacts")
