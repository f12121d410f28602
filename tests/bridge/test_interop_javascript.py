"""Clients written in JavaScript: @xmpp/client over every port, and strophe.js, which Converse.js is built on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest

from chat import ids
from localcloud.bridge import Bridge
from tests.bridge.conftest import LogIn
from tests.bridge.interop.programs import Script
from tests.company import PASSWORD, Company, now

MESSAGE = "<message type='chat' xmlns='jabber:client' to='{to}' id='{id}'><body>{body}</body></message>"
ROSTER = "<iq type='get' xmlns='jabber:client' id='roster'><query xmlns='jabber:iq:roster'/></iq>"
CARBONS = "<iq type='set' xmlns='jabber:client' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>"
ARCHIVE = "<iq type='set' xmlns='jabber:client' id='mam'><query xmlns='urn:xmpp:mam:2' queryid='q'/></iq>"
PRESENCE = "<presence xmlns='jabber:client'/>"


class Start(Protocol):
    def __call__(self, name: str, *arguments: str) -> Script: ...


@pytest.fixture
def start(bridge: Bridge) -> Iterator[Start]:
    """Start a client."""
    with ExitStack() as until_the_end:

        def run(name: str, *arguments: str) -> Script:
            made = Script(name, *arguments, ca_file=str(bridge.ca_file), password=PASSWORD)
            until_the_end.callback(made.close)
            return made

        yield run


def services(bridge: Bridge) -> dict[str, str]:
    """The addresses of the bridge's doors, as @xmpp/client has them."""
    ports = bridge.ports
    return {
        "starttls": f"xmpp://127.0.0.1:{ports.starttls}",
        "tls": f"xmpps://127.0.0.1:{ports.tls}",
        "websocket": f"wss://127.0.0.1:{ports.websocket}/xmpp-websocket",
    }


def chats(client: Script, company: Company, log_in: LogIn) -> None:
    """Roster, presence, chat with webmail both ways, carbons and archive of alice's client, as far as all have them."""
    carol, desk = company.connect("carol"), log_in("alice", "desk")
    desk.ask("set", "<enable xmlns='urn:xmpp:carbons:2'/>")
    roster = client.ask(ROSTER)
    assert [f'jid="{company.at(each)}"' in roster for each in ("bob", "carol")] == [True, True]
    client.do("send", xml=PRESENCE)
    client.stanza("<presence", f'from="{company.at("carol")}/webmail"')
    assert "carbons" in client.ask(CARBONS)
    client.do("send", xml=MESSAGE.format(to=company.at("carol"), id="m1", body="by XMPP"))
    message = carol.event("message")["message"]
    assert message["body"] == "by XMPP"
    desk.body("by XMPP")
    carol.ask("send", id=ids.new(now()), recipient=company.at("alice"), body="by webmail")
    live = client.stanza("<message", "by webmail")
    assert f'from="{company.at("carol")}/webmail"' in live
    desk.message(company.at("bob"), "from the desk")
    client.stanza("<sent", "from the desk")
    assert "<fin" in client.ask(ARCHIVE)
    for text in ("by XMPP", "by webmail", "from the desk"):
        client.stanza("<result", text)


@pytest.mark.parametrize(
    ("door", "mechanism"),
    [("starttls", "PLAIN"), ("tls", "SCRAM-SHA-1"), ("tls", "PLAIN"), ("websocket", "PLAIN")],
)
def test_xmpp_client_logs_in(bridge: Bridge, company: Company, start: Start, door: str, mechanism: str) -> None:
    client = start("xmpp-client.js", services(bridge)[door], company.domain, "alice", "phone", mechanism)
    assert client.event("online")["jid"] == f"{company.at('alice')}/phone"


@pytest.mark.parametrize(("door", "mechanism"), [("starttls", "SCRAM-SHA-1"), ("websocket", "SCRAM-SHA-1")])
def test_xmpp_client_chats_and_resumes(
    bridge: Bridge, company: Company, start: Start, log_in: LogIn, door: str, mechanism: str
) -> None:
    client = start("xmpp-client.js", services(bridge)[door], company.domain, "alice", "phone", mechanism)
    client.event("online")
    chats(client, company, log_in)
    bob = log_in("bob")
    client.do("cut")
    client.event("disconnected")
    bob.message(company.at("alice"), "meanwhile")
    bob.settled()
    client.event("resumed")
    client.stanza("<message", "meanwhile")
    client.do("send", xml=MESSAGE.format(to=company.at("bob"), id="m2", body="I am back"))
    bob.body("I am back")
    client.do("stop")
    client.event("stopped")
    bob.shown(f"{company.at('alice')}/phone", "unavailable")


def test_a_wrong_password_is_told(bridge: Bridge, company: Company, start: Start) -> None:
    client = start("xmpp-client.js", services(bridge)["websocket"], company.domain, "nobody", "phone", "PLAIN")
    assert "not-authorized" in client.event("error")["text"]


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"])
def test_strophe_logs_in(bridge: Bridge, company: Company, start: Start, mechanism: str) -> None:
    client = start("strophe.js", services(bridge)["websocket"], company.at("alice"), mechanism)
    assert client.event("mechanism")["name"] == mechanism
    client.event("connected")


def test_strophe_chats_and_resumes(bridge: Bridge, company: Company, start: Start, log_in: LogIn) -> None:
    client = start("strophe.js", services(bridge)["websocket"], f"{company.at('alice')}/phone", "SCRAM-SHA-256")
    client.event("connected")
    chats(client, company, log_in)
    bob = log_in("bob")
    client.do("cut")
    client.event("disconnected")
    bob.message(company.at("alice"), "meanwhile")
    bob.settled()
    client.do("connect")
    client.event("resumed")
    client.stanza("<message", "meanwhile")
    client.do("send", xml=MESSAGE.format(to=company.at("bob"), id="m2", body="I am back"))
    bob.body("I am back")
    client.do("stop")
    bob.shown(f"{company.at('alice')}/phone", "unavailable")
