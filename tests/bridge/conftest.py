"""The bridge beside the deployed stack, with the rights of its role, and XMPP clients of a test's own company."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pytest

from chat.tables import Tables
from chat.tables.directory import Credential
from localcloud.bridge import Bridge
from localcloud.endpoints import Endpoints
from tests.bridge.client import XmppClient, logged_in
from tests.bridge.throttle import Throttle, throttle_of
from tests.browser.wire import Wire as Link
from tests.browser.wire import wire_to
from tests.company import PASSWORD, Company

DOMAINS = [f"bridge-{number}.example" for number in range(400)]
"""Domains that have a certificate from the start: one for each test."""
_unused = iter(DOMAINS)


class LogIn(Protocol):
    def __call__(
        self,
        local: str,
        resource: str = "",
        *,
        bridge: Bridge | None = None,
        direct: bool = False,
        present: bool = True,
    ) -> XmppClient: ...


@pytest.fixture(scope="session")
def bridge(stack: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """A running node."""
    started = Bridge(stack, tmp_path_factory.mktemp("bridge"), DOMAINS, node="one")
    started.start()
    yield started
    started.stop()


@dataclass(frozen=True, slots=True)
class Second:
    """Another node of the same stack, whose link is renewed all the time, and whose ways a test can block."""

    node: Bridge
    link: Link
    """Between the node and the WebSocket API."""
    store: Throttle
    """Between the node and the tables."""


@pytest.fixture(scope="session")
def second(stack: Endpoints, bridge: Bridge) -> Iterator[Second]:
    """A second node."""
    with wire_to(stack) as link, throttle_of(stack.cloud) as store:
        started = Bridge(
            stack,
            bridge.folder,
            DOMAINS,
            node="two",
            BRIDGE_LINK_LIFETIME="2",
            WEBSOCKET_URL=link.endpoints.websocket_url,
            AWS_ENDPOINT_URL_DYNAMODB=store.url,
        )
        started.start()
        yield Second(started, link, store)
        started.stop()


@pytest.fixture
def company(stack: Endpoints, tables: Tables, credential: Credential) -> Iterator[Company]:
    """A domain of its own with alice, bob and carol, and a certificate."""
    made = Company(stack, tables, credential, next(_unused))
    made.add("alice", "bob", "carol")
    yield made
    made.close()


@pytest.fixture
def log_in(bridge: Bridge, company: Company) -> Iterator[LogIn]:
    """Log an XMPP client in; with ``present`` it sends initial presence, and has been shown everybody and given what
    was waiting for it."""
    clients: list[XmppClient] = []
    here = bridge

    def connect(
        local: str, resource: str = "", *, bridge: Bridge | None = None, direct: bool = False, present: bool = True
    ) -> XmppClient:
        at = bridge or here
        port = at.ports.tls if direct else at.ports.starttls
        client = logged_in(port, company.at(local), PASSWORD, str(at.ca_file), resource, direct=direct)
        clients.append(client)
        if present:
            client.presence()
            client.shown(client.jid)
            client.ask("get", "<ping xmlns='urn:xmpp:ping'/>")
        return client

    yield connect
    for client in clients:
        client.close()
