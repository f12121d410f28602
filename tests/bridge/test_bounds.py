"""Attacks: each is answered by the error that RFC 6120 names and ended, while others chat on as if nothing were."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from bridge.elements import local_name, qualified
from bridge.names import CLIENT, IDS, STREAM
from bridge.reader import MAX_DEPTH, MAX_EARLY_STANZA, MAX_PARTS, MAX_STANZA, Reader
from bridge.wire import MAX_UNSENT
from chat import trail
from localcloud.bridge import Bridge
from tests.bridge.attacks import Bystanders, header, until_ended
from tests.bridge.client import PATIENCE, NoStanza
from tests.bridge.conftest import LogIn
from tests.company import Company

MEGABYTE = 1024 * 1024


def laughs() -> bytes:
    names = "abcdefghij"
    lines = [f"<!ENTITY {name} '{f'&{names[at]};' * 10}'>" for at, name in enumerate(names[1:])]
    return f"<!DOCTYPE x [<!ENTITY a 'ha'>{''.join(lines)}]><stream:stream to='&j;'>".encode()


def attack(bridge: Bridge, company: Company, data: bytes) -> str:
    """The condition with which the bridge ends a new connection that sends this over TLS."""
    context = ssl.create_default_context(cafile=bridge.ca_file)
    plain = socket.create_connection(("127.0.0.1", bridge.ports.tls), PATIENCE)
    with context.wrap_socket(plain, server_hostname=company.domain) as wire:
        with suppress(OSError):  # it was ended before all was sent
            wire.sendall(data)
        return ended(wire)


def ended(wire: socket.socket) -> str:
    """The stream error that comes before the end of a connection; "" where it just ends."""
    reader, found = Reader(MEGABYTE), ""
    while True:
        try:
            data = wire.recv(65536)
        except ConnectionError:
            return found
        if not data:
            return found
        for event in reader.feed(data):
            if isinstance(event, Element) and event.tag == qualified(STREAM, "error"):
                found = local_name(event[0])


def resident(bridge: Bridge) -> int:
    """Bytes of memory that the bridge has."""
    status = Path(f"/proc/{bridge.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


@pytest.fixture
def bystanders(company: Company, log_in: LogIn) -> Iterator[Bystanders]:
    made = Bystanders(company, log_in)
    made.notice_nothing()
    yield made
    made.notice_nothing()


# Before the log-in.

FORBIDDEN = {
    "a document type": (b"<!DOCTYPE stream>", "restricted-xml"),
    "entities": (b"<!DOCTYPE x [<!ENTITY a 'b'>]>", "restricted-xml"),
    "an outer entity": (b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>", "restricted-xml"),
    "billion laughs": (laughs(), "restricted-xml"),
    "a comment": (b"<!-- hello -->", "restricted-xml"),
    "a processing instruction": (b"<?php hello ?>", "restricted-xml"),
    "another encoding": (b"<?xml version='1.0' encoding='ISO-8859-1'?>", "unsupported-encoding"),
    "a byte order mark": (b"\xef\xbb\xbf", "unsupported-encoding"),
    "no XML": (b"GET / HTTP/1.1\r\n\r\n", "not-well-formed"),
    "a long prolog": (b" " * 100_000, "not-well-formed"),
}
BEHIND = {
    "a comment": (b"<!-- hello -->", "restricted-xml"),
    "a processing instruction": (b"<?php hello ?>", "restricted-xml"),
    "an entity": (b"<message>&hello;</message>", "restricted-xml"),
    "Latin-1": (b"<message>\xe4</message>", "not-well-formed"),
    "a prefix of nothing": (b"<x:message/>", "bad-namespace-prefix"),
    "text": (b"hello", "bad-format"),
    "depth": (b"<a>" * (MAX_DEPTH + 1), "policy-violation"),
    "attributes": (b"<a " + b" ".join(b"a%d=''" % each for each in range(MAX_PARTS)) + b">", "policy-violation"),
    "a large stanza": (b"<a>" + b"x" * MAX_EARLY_STANZA, "policy-violation"),
    "an unfinished attribute of 10 MB": (b"<a b='" + b"x" * 10 * MEGABYTE, "policy-violation"),
    "a name of 1 MB": (b"<" + b"x" * MEGABYTE, "policy-violation"),
}


def test_what_may_not_stand_before_a_stream(bridge: Bridge, company: Company, bystanders: Bystanders) -> None:
    found = {name: attack(bridge, company, data + header(company.domain)) for name, (data, _) in FORBIDDEN.items()}
    assert found == {name: condition for name, (_, condition) in FORBIDDEN.items()}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_refused(encoding: str, bridge: Bridge, company: Company) -> None:
    text = header(company.domain).decode()
    assert attack(bridge, company, text.encode(encoding)) == "unsupported-encoding"


def test_what_may_not_stand_in_a_stream(bridge: Bridge, company: Company, bystanders: Bystanders) -> None:
    found = {name: attack(bridge, company, header(company.domain) + data) for name, (data, _) in BEHIND.items()}
    assert found == {name: condition for name, (_, condition) in BEHIND.items()}


def test_memory_stays_bounded(bridge: Bridge, company: Company, bystanders: Bystanders) -> None:
    attacks = [data + header(company.domain) for data, _ in FORBIDDEN.values()]
    attacks += [header(company.domain) + data[:MEGABYTE] for data, _ in BEHIND.values()]
    for data in attacks:
        attack(bridge, company, data)
    before = resident(bridge)
    for _ in range(3):
        for data in attacks:
            attack(bridge, company, data)
    assert resident(bridge) - before < 16 * MEGABYTE


# After it.


@pytest.mark.parametrize(
    ("data", "condition"),
    [
        (b"<message><body>" + b"x" * MAX_STANZA, "policy-violation"),
        (b"<message>" + b"<a>" * MAX_DEPTH, "policy-violation"),
        (b"<message>" + b"<a/>" * MAX_PARTS, "policy-violation"),
        (b"<message><!-- hello --></message>", "restricted-xml"),
        (b"<message from='alice@{}'/>", "invalid-from"),
        (b"<presence from='carol@{}/another'/>", "invalid-from"),
        (b"<iq from='{}' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", "invalid-from"),
    ],
    ids=["large", "deep", "parts", "comment", "another user", "another resource", "the server"],
)
def test_a_stanza_that_breaks_a_rule_ends_its_stream_alone(
    data: bytes, condition: str, company: Company, log_in: LogIn, bystanders: Bystanders
) -> None:
    carol = log_in("carol", "attack")
    with suppress(OSError):
        carol.send(data.replace(b"{}", company.domain.encode()))
    assert carol.error() == condition
    carol.until_closed()
    assert bystanders.alice.shown(carol.jid, "unavailable") is not None


def test_a_message_just_below_the_limit_is_a_stanza_error_at_most(company: Company, log_in: LogIn) -> None:
    carol = log_in("carol")
    sent = carol.message(company.at("alice"), "x" * (MAX_STANZA - 1000))
    assert carol.expect(f"{{{CLIENT}}}message", id=sent).get("type") == "error"
    assert carol.settled() == []


@pytest.mark.parametrize("by", ["bob@{}", "BOB@{}", "{}", "bob@{}/x"])
def test_an_archive_id_cannot_be_forged(by: str, company: Company, bystanders: Bystanders) -> None:
    claimed = by.replace("{}", company.domain if by.islower() else company.domain.upper())
    bystanders.alice.message(company.at("bob"), "mine", f"<stanza-id xmlns='{IDS}' id='forged' by='{claimed}'/>")
    found = bystanders.bob.body("mine").findall(qualified(IDS, "stanza-id"))
    assert [each.get("by") for each in found] == [company.at("bob")]
    assert found[0].get("id") != "forged"


def test_a_client_that_takes_nothing_is_cut_off(
    bridge: Bridge, company: Company, log_in: LogIn, bystanders: Bystanders
) -> None:
    carol = log_in("carol")
    carol._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    name = "x" * (MAX_STANZA - 1000)
    carol._socket.settimeout(PATIENCE)
    asked = f"<iq type='get' id='{name}'><ping xmlns='urn:xmpp:ping'/></iq>" * (20 * MAX_UNSENT // len(name))
    with pytest.raises((ConnectionError, ssl.SSLError)):
        carol.send(asked)
    logged = bridge.log.read_text().splitlines()
    person = trail.person(company.address("carol"))
    assert any("a client takes nothing" in line and person in line for line in logged)
    bystanders.notice_nothing()


def test_a_flood_is_slowed_and_others_are_served_meanwhile(
    company: Company, log_in: LogIn, bystanders: Bystanders
) -> None:
    carol = log_in("carol")
    ping = "<iq type='get' id='{}'><ping xmlns='urn:xmpp:ping'/></iq>"
    carol.send("".join(ping.format(number) for number in range(1600)))
    assert bystanders.chat() < PATIENCE / 4
    with pytest.raises(NoStanza):
        carol.wait(lambda found: found.get("id") == "1599", patience=0.5)
    carol.drop()


def test_what_is_no_tls_is_ended_at_once(bridge: Bridge, company: Company, bystanders: Bystanders) -> None:
    for port in (bridge.ports.tls, bridge.ports.websocket):
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as wire:
            wire.sendall(b"<stream:stream>" * 100)
            assert b"<" not in until_ended(wire)
