"""Where a scenario takes place, and what it does there again and again."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from chat import connecting, ids
from chat.presence import GRACE, Connection, Status, connections_in
from chat.tokens import Signer
from chatctl.client import ChatConnection
from localcloud.bridge import Bridge
from tests.bridge.client import XmppClient
from tests.company import PASSWORD, Company, now, until
from tests.mailing import Mailbox

STALE = "stale-{}"
"""A connection whose end nobody has reported."""


@dataclass
class Ground:
    """Where a scenario takes place: a domain of its own, on a stack with a bridge node."""

    company: Company
    bridge: Bridge
    client: Callable[[str], Any]
    """Of the stack's cloud, with an administrator's rights."""
    patience: Callable[[Callable[[], object]], None] = until
    until_over: ExitStack = field(default_factory=ExitStack)
    """Closes what a scenario has opened."""

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(self.company.stack)

    def fresh(self, function: str) -> None:
        """Have a function start anew, which then reads what it keeps."""
        lambdas = self.client("lambda")
        pages = lambdas.get_paginator("list_functions").paginate()
        found = next(each for page in pages for each in page["Functions"] if f"-{function}-" in each["FunctionName"])
        lambdas.update_function_configuration(FunctionName=found["FunctionName"], Timeout=found["Timeout"])

    def stale(self, local: str, *, watching: str = "") -> str:
        """Register a webmail connection that is gone; returns its ref."""
        name, long_ago = STALE.format(secrets.token_hex(4)), now() - 3 * GRACE
        address, tables = self.company.address(local), self.company.tables
        connection = connecting.open_web(tables, address, name, long_ago)
        if watching:
            tables.connections.watch(address, connection.ref, frozenset([watching]), now() // 1000 + 600)
        return connection.ref

    def connections(self, local: str) -> list[Connection]:
        """The connections that somebody has."""
        return connections_in(self.company.tables.connections.of(self.company.address(local)))

    def is_lost(self, local: str, ref: str) -> bool:
        return all(each.leaving is not None for each in self.connections(local) if each.ref == ref)

    def link(self, *resources: str, node: str = "") -> tuple[str, ChatConnection]:
        """A link of a bridge node of its own, on which bob has these resources."""
        name = node or f"n-{secrets.token_hex(4)}"
        secret = self.client("secretsmanager").get_secret_value(SecretId=self.company.stack.signing_secret)
        signer = Signer([json.loads(secret["SecretString"])["newest"]])
        opened = ChatConnection(self.company.stack.websocket_url, signer.node_ticket(name, now()))
        self.until_over.callback(opened.close)
        tables = self.company.tables
        self.patience(lambda: tables.connections.links(name, now()))
        bob = self.company.address("bob")
        for each in resources:
            connecting.open_xmpp(tables, name, bob, each, Status.AVAILABLE, 0, "", frozenset(), now())
        return name, opened

    def xmpp(self, local: str, resource: str = "") -> XmppClient:
        """An XMPP client that is there."""
        client = XmppClient(self.bridge.ports.starttls, self.company.domain, str(self.bridge.ca_file))
        self.until_over.callback(client.close)
        client.log_in(local, PASSWORD)
        client.bind(resource)
        client.presence()
        client.ask("get", "<ping xmlns='urn:xmpp:ping'/>")
        return client

    def send(self, connection: ChatConnection, recipient: str, body: str = "hello", **fields: Any) -> dict[str, Any]:
        fields = {"id": ids.new(now())} | fields
        return connection.ask("send", recipient=self.company.at(recipient), body=body, **fields)

    def grace(self, **message: Any) -> None:
        """Have a grace period end now."""
        self.client("sqs").send_message(QueueUrl=self.company.stack.grace_queue, MessageBody=json.dumps(message))


Scenario = Callable[[Ground], None]


def came(connection: ChatConnection, event: str, **fields: Any) -> bool:
    """Whether an event has come, in a frame of its own or in one to a node."""
    with suppress(TimeoutError):
        while True:
            frame = json.loads(connection.socket.recv(0.2))
            connection.events.append(frame.get("event") if isinstance(frame.get("event"), dict) else frame)
    wanted = {"event": event} | fields
    return any(each.items() >= wanted.items() for each in connection.events)
