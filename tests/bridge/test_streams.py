"""Streams: to whom they are opened, which certificate they show, in what order things are negotiated, how they end."""

from __future__ import annotations

import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as connect_websocket
from websockets.typing import Subprotocol

from bridge.elements import local_name
from bridge.names import BIND, CLIENT, SM, STREAM, TLS
from localcloud.bridge import Bridge
from tests.bridge.client import PATIENCE, Ended, XmppClient
from tests.bridge.conftest import DOMAINS, LogIn
from tests.bridge.framed import FramedClient
from tests.company import PASSWORD, Company

HEADER = f"<stream:stream to='{{}}' version='1.0' xmlns='{CLIENT}' xmlns:stream='{STREAM}'>"
Connect = Callable[..., XmppClient]


@pytest.fixture
def connect(bridge: Bridge, company: Company) -> Iterator[Connect]:
    """A connection that nobody has logged in over."""
    opened: list[XmppClient] = []

    def connect_to(domain: str = "", *, tls: bool = True) -> XmppClient:
        opened.append(XmppClient(bridge.ports.starttls, domain or company.domain, str(bridge.ca_file), tls=tls))
        return opened[-1]

    yield connect_to
    for client in opened:
        client.close()


@pytest.fixture
def authenticated(connect: Connect) -> XmppClient:
    """A connection over which alice has logged in, without a resource."""
    client = connect()
    client.log_in("alice", PASSWORD)
    return client


# To whom.


def test_a_domain_that_is_not_served_is_unknown(bridge: Bridge, company: Company) -> None:
    with socket.create_connection(("127.0.0.1", bridge.ports.starttls), PATIENCE) as plain:
        plain.sendall(HEADER.format("nowhere.example").encode())
        text = plain.makefile().read()
    assert "<host-unknown" in text
    assert text.endswith("</stream:stream>")


def test_a_domain_in_capitals_is_the_same(bridge: Bridge, company: Company) -> None:
    with socket.create_connection(("127.0.0.1", bridge.ports.starttls), PATIENCE) as plain:
        plain.sendall(HEADER.format(company.domain.upper()).encode() + b"</stream:stream>")
        text = plain.makefile().read()
    assert f'from="{company.domain}"' in text
    assert "<starttls" in text


@pytest.mark.parametrize(
    ("header", "condition"),
    [
        (f"<stream:stream to='{{}}' xmlns='{CLIENT}' xmlns:stream='urn:other'>", "invalid-namespace"),
        (f"<stream:other to='{{}}' xmlns='{CLIENT}' xmlns:stream='{STREAM}'>", "bad-format"),
        ("<stream to='{}'>", "invalid-namespace"),
    ],
)
def test_a_stream_has_its_name_and_namespace(header: str, condition: str, bridge: Bridge, company: Company) -> None:
    with socket.create_connection(("127.0.0.1", bridge.ports.starttls), PATIENCE) as plain:
        plain.sendall(header.format(company.domain).encode())
        assert f"<{condition}" in plain.makefile().read()


def test_whoever_is_logged_in_stays_in_the_domain(connect: Connect, company: Company) -> None:
    client = connect()
    assert local_name(client.ask_sasl("auth", f"\0alice\0{PASSWORD}".encode(), "PLAIN")) == "success"
    client.domain = next(domain for domain in DOMAINS if domain != company.domain)
    with pytest.raises(Ended):
        client.open()
    assert client.error() == "host-unknown"


# Which certificate.


def shown(context: ssl.SSLContext, plain: socket.socket, name: str | None) -> list[str]:
    """The hosts that the certificate names which a client is shown."""
    with context.wrap_socket(plain, server_hostname=name) as secure:
        found: Any = secure.getpeercert()
        assert found
        return [value for kind, value in found["subjectAltName"] if kind == "DNS"]


@pytest.fixture
def trusting(bridge: Bridge) -> ssl.SSLContext:
    """Takes a certificate of the bridge's authority for any host."""
    context = ssl.create_default_context(cafile=bridge.ca_file)
    context.check_hostname = False
    return context


def starttls(bridge: Bridge, domain: str) -> socket.socket:
    plain = socket.create_connection(("127.0.0.1", bridge.ports.starttls), PATIENCE)
    plain.sendall(f"{HEADER.format(domain)}<starttls xmlns='{TLS}'/>".encode())
    received = b""
    while b"<proceed" not in received:
        received += plain.recv(4096)
    return plain


def test_the_certificate_is_that_of_the_host_that_is_named(
    bridge: Bridge, company: Company, trusting: ssl.SSLContext
) -> None:
    plain = socket.create_connection(("127.0.0.1", bridge.ports.tls), PATIENCE)
    assert company.domain in shown(trusting, plain, company.domain)


def test_without_a_name_it_is_that_of_the_domain_that_the_stream_is_to(
    bridge: Bridge, company: Company, trusting: ssl.SSLContext
) -> None:
    assert company.domain in shown(trusting, starttls(bridge, company.domain), None)


def test_old_versions_of_tls_are_refused(bridge: Bridge, trusting: ssl.SSLContext) -> None:
    trusting.maximum_version = trusting.minimum_version = ssl.TLSVersion.TLSv1_2
    trusting.set_ciphers("AES256-SHA:AES128-SHA256")  # no forward secrecy
    plain = socket.create_connection(("127.0.0.1", bridge.ports.tls), PATIENCE)
    with pytest.raises(ssl.SSLError):
        shown(trusting, plain, None)
    plain.close()


def test_what_was_sent_in_the_clear_behind_starttls_is_thrown_away(bridge: Bridge, company: Company) -> None:
    """RFC 6120 §5.4.3.3: else somebody between could put words into an authenticated stream."""
    plain = socket.create_connection(("127.0.0.1", bridge.ports.starttls), PATIENCE)
    injected = f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>{HEADER}"
    plain.sendall(f"{HEADER.format(company.domain)}<starttls xmlns='{TLS}'/>{injected}".encode())
    received = b""
    while b"<proceed" not in received:
        received += plain.recv(4096)
    assert received.endswith(b"/>")
    context = ssl.create_default_context(cafile=bridge.ca_file)
    with context.wrap_socket(plain, server_hostname=company.domain) as secure:
        secure.sendall(f"{HEADER.format(company.domain)}</stream:stream>".encode())
        text = secure.makefile().read()
    assert text.startswith("<?xml")
    assert "<failure" not in text
    assert text.count("<mechanisms") == 1


# In what order.


def names(features: Element) -> list[str]:
    return [local_name(each) for each in features]


def test_features_follow_the_order_of_negotiation(connect: Connect, company: Company) -> None:
    assert names(connect(tls=False).features) == ["starttls"]
    client = connect()
    assert names(client.features) == ["mechanisms", "sasl-channel-binding"]
    client.log_in("alice", PASSWORD)
    assert names(client.features) == ["bind", "session", "sm", "ver", "csi", "c"]


def test_tls_begins_once(connect: Connect) -> None:
    client = connect()
    client.send(f"<starttls xmlns='{TLS}'/>")
    assert client.error() == "unsupported-stanza-type"


@pytest.mark.parametrize("early", ["<presence/>", "<message/>", "<iq type='get' id='1'/>", f"<enable xmlns='{SM}'/>"])
def test_nothing_is_taken_before_the_log_in(early: str, connect: Connect) -> None:
    client = connect()
    client.send(early)
    assert client.error() == "not-authorized"
    client.until_closed()


@pytest.mark.parametrize("early", ["<presence/>", "<message/>", "<iq type='get' id='1'/>", f"<enable xmlns='{SM}'/>"])
def test_nothing_is_taken_before_a_resource_is_bound(early: str, authenticated: XmppClient) -> None:
    authenticated.send(early)
    assert authenticated.error() == "not-authorized"


def test_nobody_logs_in_twice(authenticated: XmppClient) -> None:
    authenticated.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>")
    assert authenticated.error() == "policy-violation"


def test_a_resource_is_made_for_who_names_none(authenticated: XmppClient, company: Company) -> None:
    bare, _, resource = authenticated.bind().partition("/")
    assert bare == company.at("alice")
    assert len(resource) >= 8


@pytest.mark.parametrize("resource", ["x" * 257, "ä" * 129])
def test_a_resource_has_a_limit(resource: str, authenticated: XmppClient) -> None:
    assert authenticated.bind(resource) == ""
    assert authenticated.bind("phone")


def test_a_resource_is_bound_once(log_in: LogIn) -> None:
    alice = log_in("alice", "phone")
    answer = alice.ask("set", f"<bind xmlns='{BIND}'/>")
    assert answer.get("type") == "error"


def test_an_element_that_is_no_stanza_ends_the_stream(log_in: LogIn) -> None:
    alice = log_in("alice")
    alice.send("<hello xmlns='urn:x'/>")
    assert alice.error() == "unsupported-stanza-type"


# How they end.


def test_the_end_of_a_stream_is_answered(log_in: LogIn, bridge: Bridge) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    alice.send("</stream:stream>")
    alice.until_closed()
    assert bob.shown(alice.jid, "unavailable") is not None


def test_a_web_socket_is_closed_in_order(bridge: Bridge, company: Company) -> None:
    client = FramedClient(bridge.ports.websocket, company.domain, str(bridge.ca_file))
    client.send("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")
    client.until_closed()
    client.close()


@pytest.mark.parametrize(
    ("frame", "condition"),
    [
        ("<presence xmlns='jabber:client'>", "not-well-formed"),
        ("<!DOCTYPE a><a/>", "restricted-xml"),
        ("<presence xmlns='jabber:client'/><presence xmlns='jabber:client'/>", "not-well-formed"),
        (b"<presence xmlns='jabber:client'>\xff</presence>", "not-well-formed"),
        ("<a xmlns='urn:x'>" + "x" * 11_000 + "</a>", "policy-violation"),
    ],
)
def test_a_frame_that_is_no_stanza_ends_the_stream(
    frame: str | bytes, condition: str, bridge: Bridge, company: Company
) -> None:
    client = FramedClient(bridge.ports.websocket, company.domain, str(bridge.ca_file))
    client.socket.send(frame, text=True)
    assert client.error() == condition
    client.until_closed()
    client.close()


# The door for pages.


def get(bridge: Bridge, path: str) -> tuple[int, str, bytes]:
    context = ssl.create_default_context(cafile=bridge.ca_file)
    url = f"https://localhost:{bridge.ports.websocket}{path}"
    try:
        with urllib.request.urlopen(url, context=context, timeout=PATIENCE) as answer:
            return answer.status, answer.headers["Access-Control-Allow-Origin"], answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, "", error.read()


def test_host_meta_names_the_web_socket_to_any_page(bridge: Bridge) -> None:
    url = f"wss://localhost:{bridge.ports.websocket}/xmpp-websocket"
    status, origin, body = get(bridge, "/.well-known/host-meta.json")
    assert (status, origin, json.loads(body)["links"][0]["href"]) == (200, "*", url)
    assert url.encode() in get(bridge, "/.well-known/host-meta")[2]


def test_there_is_nothing_else(bridge: Bridge) -> None:
    assert get(bridge, "/")[0] == 404
    assert get(bridge, "/xmpp-websocket")[0] in (400, 426)


def test_a_web_socket_without_the_subprotocol_is_refused(bridge: Bridge) -> None:
    context = ssl.create_default_context(cafile=bridge.ca_file)
    url = f"wss://localhost:{bridge.ports.websocket}/xmpp-websocket"
    for subprotocols in (None, [Subprotocol("chat")]):
        with (
            pytest.raises(InvalidStatus) as caught,
            connect_websocket(url, ssl=context, subprotocols=subprotocols, proxy=None),
        ):
            pass
        assert caught.value.response.status_code == 400
