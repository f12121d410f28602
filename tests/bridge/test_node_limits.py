"""A node's own limits: the time until somebody is logged in, and the connections of one address."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from websockets.exceptions import InvalidStatus

from bridge.elements import local_name
from localcloud.bridge import Bridge
from localcloud.endpoints import Endpoints
from tests.bridge.attacks import header, until_ended
from tests.bridge.client import PATIENCE, Ended, XmppClient
from tests.bridge.conftest import DOMAINS
from tests.bridge.framed import FramedClient
from tests.company import PASSWORD, Company, until

LOG_IN_SECONDS = 3
PER_IP = 8
Wires = Callable[[int], socket.socket]


@pytest.fixture(scope="module")
def small(stack: Endpoints, bridge: Bridge) -> Iterator[Bridge]:
    """A node with small limits."""
    made = Bridge(
        stack,
        bridge.folder,
        DOMAINS,
        node="small",
        BRIDGE_LOG_IN_SECONDS=str(LOG_IN_SECONDS),
        BRIDGE_CONNECTIONS_PER_IP=str(PER_IP),
    )
    made.start()
    yield made
    made.stop()


@pytest.fixture
def wires() -> Iterator[Wires]:
    """Opens connections without TLS, which end with the test."""
    with ExitStack() as opened:
        yield lambda port: opened.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))


def client_hello(domain: str) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=domain)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def test_whoever_does_not_log_in_has_to_go(small: Bridge, company: Company, wires: Wires) -> None:
    """Silence on either port, half a handshake on either, a stream without a log-in, a log-in without a resource."""
    began = time.monotonic()
    ports = small.ports
    silent = [wires(ports.starttls), wires(ports.tls)]
    halfway = [wires(ports.starttls), wires(ports.tls)]
    halfway[0].sendall(header(company.domain) + b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    for wire in halfway:
        wire.sendall(client_hello(company.domain))
    clients = [
        XmppClient(ports.starttls, company.domain, str(small.ca_file)),
        XmppClient(ports.tls, company.domain, str(small.ca_file), direct=True),
    ]
    assert local_name(clients[1].log_in("alice", PASSWORD)) == "success"
    for client in clients:
        assert client.error() == "connection-timeout"
        client.close()
    for wire in (*silent, *halfway):
        until_ended(wire)
    assert LOG_IN_SECONDS - 0.5 < time.monotonic() - began < PATIENCE
    until(lambda: serves(small, company))


def test_a_handshake_that_is_given_up_leaves_nothing_behind(small: Bridge, company: Company, wires: Wires) -> None:
    """More often than one address may connect at once: each has made room."""
    for number in range(3 * PER_IP):
        wire = wires(small.ports.tls)
        if number % 2:
            wire.sendall(client_hello(company.domain))
            wire.recv(1)
        wire.sendall(b"garbage")
        wire.shutdown(socket.SHUT_WR)
        until_ended(wire)
    until(lambda: serves(small, company))


def test_one_address_may_open_so_many_connections(small: Bridge, company: Company, wires: Wires) -> None:
    first: list[socket.socket] = []

    def all_open() -> bool:
        """Connections of earlier tests may take a moment to end."""
        for wire in first:
            wire.close()
        first[:] = [wires(small.ports.starttls) for _ in range(PER_IP)]
        return all(is_answered(wire, header(company.domain)) for wire in first)

    until(all_open)
    assert until_ended(wires(small.ports.tls)) == b""
    with pytest.raises(InvalidStatus, match="503"):
        FramedClient(small.ports.websocket, company.domain, str(small.ca_file))
    for wire in first:
        wire.close()
    until(lambda: serves(small, company))


def is_answered(wire: socket.socket, data: bytes) -> bool:
    try:
        wire.sendall(data)
        return bool(wire.recv(10))
    except ConnectionError:
        return False


def serves(node: Bridge, company: Company) -> bool:
    """Whether the node takes another client."""
    try:
        client = XmppClient(node.ports.starttls, company.domain, str(node.ca_file))
    except (Ended, OSError):
        return False
    client.close()
    return True
