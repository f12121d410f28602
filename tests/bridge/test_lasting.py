"""What lasts while connections do not: acknowledgements, resumption, sleeping and vanished clients, a busy store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol
from xml.etree.ElementTree import Element

import pytest

from bridge.names import CLIENT, CSI, DELAY, SM
from chat import ids
from chat.tables.history import Thread
from localcloud.bridge import Bridge
from localcloud.endpoints import Endpoints
from tests.bridge.client import XmppClient, text_of
from tests.bridge.conftest import DOMAINS, LogIn, Second
from tests.bridge.network import network_to
from tests.company import PASSWORD, Company, heard, now, until

MESSAGE = f"{{{CLIENT}}}message"
PRESENCE = f"{{{CLIENT}}}presence"
RESUMED, FAILED, ACKNOWLEDGED = f"{{{SM}}}resumed", f"{{{SM}}}failed", f"{{{SM}}}a"
COMPOSING = '<composing xmlns="http://jabber.org/protocol/chatstates"/>'


@pytest.fixture(scope="module")
def impatient(stack: Endpoints, bridge: Bridge) -> Iterator[Bridge]:
    """A node that waits for nobody for long."""
    started = Bridge(
        stack, bridge.folder, DOMAINS, node="impatient", BRIDGE_RESUME_SECONDS="1", BRIDGE_IDLE_SECONDS="1"
    )
    started.start()
    yield started
    started.stop()


class Again(Protocol):
    def __call__(self, client: XmppClient, bridge: Bridge) -> XmppClient: ...


@pytest.fixture
def again() -> Iterator[Again]:
    """The same user over another connection, logged in and not bound."""
    with ExitStack() as until_the_end:

        def connect(client: XmppClient, bridge: Bridge) -> XmppClient:
            local, _, domain = client.jid.partition("/")[0].partition("@")
            made = XmppClient(bridge.ports.starttls, domain, str(bridge.ca_file))
            until_the_end.callback(made.close)
            made.log_in(local, PASSWORD)
            return made

        yield connect


def resume(client: XmppClient, back: XmppClient, name: str) -> int:
    """Resume a client's session over another connection; returns how much of it was handled before."""
    back.send(f'<resume xmlns="{SM}" h="{client.handled}" previd="{name}"/>')
    answer = back.expect(RESUMED, previd=name)
    back.jid, back.sent, back.handled = client.jid, client.sent, client.handled
    return int(answer.get("h", "-1"))


def acknowledged(client: XmppClient) -> int:
    """How much the server says that it has handled, asked once more until it is all."""
    while True:
        client.send(f'<r xmlns="{SM}"/>')
        found = int(client.expect(ACKNOWLEDGED).get("h", "-1"))
        if found >= client.sent:
            return found


def gone(found: list[Element]) -> list[str | None]:
    """Who is told to be unavailable among stanzas."""
    return [each.get("from") for each in found if each.tag == PRESENCE and each.get("type") == "unavailable"]


def texts(found: list[Element]) -> list[str]:
    """The bodies among stanzas, in order."""
    return [text for each in found if (text := text_of(each)) is not None]


def bodies(company: Company, one: str, other: str) -> list[str]:
    """What is stored of two people's thread, in order."""
    thread = Thread.between(company.address(one), company.address(other))
    messages, _ = company.tables.history.messages(thread, newest_first=False, limit=1000)
    return [each.body for each in messages]


# Acknowledgements and resumption.


def test_what_is_acknowledged_is_in_the_archive(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    alice.enable()
    for number in range(30):
        alice.message(company.at("bob"), f"note {number}")
    assert acknowledged(alice) == 30
    assert bodies(company, "alice", "bob") == [f"note {number}" for number in range(30)]


def test_a_session_is_resumed_after_a_cut(bridge: Bridge, company: Company, log_in: LogIn, again: Again) -> None:
    alice, bob, carol = log_in("alice", "phone"), log_in("bob"), company.connect("carol")
    name = alice.enable()
    bob.message(company.at("alice"), "before the cut")
    alice.body("before the cut")
    alice.message(company.at("bob"), "my last word")
    bob.body("my last word")
    alice.drop()
    bob.message(company.at("alice"), "by XMPP")
    carol.ask("send", id=ids.new(now()), recipient=company.at("alice"), body="by webmail")
    bob.settled()
    until(lambda: bodies(company, "alice", "bob")[-1:] == ["by XMPP"])
    back = again(alice, bridge)
    assert resume(alice, back, name) == alice.sent
    assert sorted(text_of(back.expect(MESSAGE)) or "" for _ in range(2)) == ["by XMPP", "by webmail"]
    back.message(company.at("bob"), "I am back")
    bob.body("I am back")
    assert texts(back.settled()) == []
    assert gone(bob.settled()) == []


def test_what_was_not_acknowledged_is_sent_again_and_nothing_else(
    bridge: Bridge, company: Company, log_in: LogIn, again: Again
) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    name = alice.enable()
    for number in range(5):
        bob.message(company.at("alice"), f"note {number}")
    alice.body("note 1")  # and none after it, as the client sees it
    alice.drop()
    back = again(alice, bridge)
    resume(alice, back, name)
    assert texts(back.settled()) == ["note 2", "note 3", "note 4"]


def test_a_session_is_resumed_while_its_old_connection_looks_alive(
    bridge: Bridge, company: Company, log_in: LogIn, again: Again
) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    name = alice.enable()
    back = again(alice, bridge)
    resume(alice, back, name)
    assert alice.error() == "conflict"
    alice.until_closed()
    bob.message(company.at("alice"), "where are you?")
    back.body("where are you?")
    assert gone(bob.settled()) == []


def test_a_session_that_is_not_there_cannot_be_resumed(bridge: Bridge, log_in: LogIn, again: Again) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    name = alice.enable()
    back = again(bob, bridge)
    for wanted in ("no-such-session", name):  # which is somebody else's
        back.send(f'<resume xmlns="{SM}" h="0" previd="{wanted}"/>')
        answer = back.expect(FAILED)
        assert [each.tag for each in answer] == ["{urn:ietf:params:xml:ns:xmpp-stanzas}item-not-found"]
    assert back.bind("afterwards").endswith("/afterwards")


def test_after_its_time_a_session_is_over_and_its_messages_are_offline_ones(
    impatient: Bridge, company: Company, log_in: LogIn, again: Again
) -> None:
    alice, bob = log_in("alice", "phone", bridge=impatient), log_in("bob")
    bob.shown(alice.jid)
    name = alice.enable()
    alice.drop()
    bob.message(company.at("alice"), "are you there?")
    bob.shown(alice.jid, "unavailable")
    late = again(alice, impatient)
    late.send(f'<resume xmlns="{SM}" h="0" previd="{name}"/>')
    late.expect(FAILED)
    late.bind("phone")
    late.presence()
    assert late.body("are you there?").find(f"{{{DELAY}}}delay") is not None
    assert texts(late.settled()) == []


# Clients that sleep, and clients that are gone.


def test_an_inactive_client_is_spared_presence_and_typing_until_it_is_active(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    alice.shown(bob.jid)
    alice.send(f'<inactive xmlns="{CSI}"/>')
    alice.settled()
    bob.presence("<show>away</show>")
    bob.presence("<show>dnd</show>")
    bob.message(company.at("alice"), "", COMPOSING)
    bob.settled()
    assert alice.settled() == []
    alice.send(f'<active xmlns="{CSI}"/>')
    found = alice.settled()
    assert [each.findtext(f"{{{CLIENT}}}show") for each in found if each.tag == PRESENCE] == ["dnd"]
    assert [each[0].tag.partition("}")[2] for each in found if each.tag == MESSAGE] == ["composing"]


def test_a_message_wakes_an_inactive_client_and_what_waited_comes_first(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    alice.shown(bob.jid)
    alice.send(f'<inactive xmlns="{CSI}"/>')
    alice.settled()
    bob.presence("<show>away</show>")
    bob.message(company.at("alice"), "wake up")
    bob.settled()
    alice.body("wake up")
    assert [each.tag for each in alice.received] == [PRESENCE]


def test_a_silent_client_is_asked_whether_it_is_there(impatient: Bridge, log_in: LogIn) -> None:
    bob = log_in("bob", bridge=impatient)
    ping = bob.wait(lambda found: found.find("{urn:xmpp:ping}ping") is not None, "a ping")
    bob.send(f"<iq type='result' id='{ping.get('id')}' to='{ping.get('from')}'/>")
    bob.enable()
    bob.expect(f"{{{SM}}}r")
    bob.send(f"<a xmlns='{SM}' h='{bob.handled}'/>")
    bob.expect(f"{{{SM}}}r")  # it is still there, and asked again


def test_a_client_that_vanishes_without_a_word_is_noticed(impatient: Bridge, company: Company, log_in: LogIn) -> None:
    bob = log_in("bob")
    with network_to(impatient.ports.tls) as network:
        alice = XmppClient(network.port, company.domain, str(impatient.ca_file), direct=True)
        alice.log_in("alice", PASSWORD)
        alice.bind("train")
        alice.presence()
        bob.shown(alice.jid)
        network.silence()
        bob.shown(alice.jid, "unavailable")
        alice.drop()


# Nodes that end, and a store that is busy.


def test_a_node_that_stops_says_so_and_leaves_nothing_behind(
    stack: Endpoints, bridge: Bridge, company: Company, log_in: LogIn
) -> None:
    stopping = Bridge(stack, bridge.folder, [company.domain], node="stopping")
    stopping.start()
    alice, carol = log_in("alice", bridge=stopping), company.connect("carol")
    carol.ask("watch", contacts=[company.at("alice")])
    alice.enable()
    for number in range(60):
        alice.message(company.at("bob"), f"note {number}")
        alice.send(f'<r xmlns="{SM}"/>')
    promised = acknowledged(alice)
    for number in range(60, 120):
        alice.message(company.at("bob"), f"note {number}")
        alice.send(f'<r xmlns="{SM}"/>')
    stopping.stop()  # raises where it takes too long
    assert alice.error() == "system-shutdown"
    promised = max([promised, *(int(each.get("h", "0")) for each in alice.received if each.tag == ACKNOWLEDGED)])
    stored = bodies(company, "alice", "bob")
    assert stored == [f"note {number}" for number in range(len(stored))]
    assert len(stored) == promised >= 60  # what is stored is told, so that it is not sent again
    assert carol.event("presence", address=company.at("alice"))["status"] == "offline"
    tables = company.tables.connections
    assert (tables.sessions("stopping"), tables.domains_watched("stopping")) == ([], [])


def test_a_store_that_is_busy_delays_messages_and_loses_none(second: Second, company: Company, log_in: LogIn) -> None:
    alice, bob, carol = log_in("alice", bridge=second.node), log_in("bob"), company.connect("carol")
    alice.enable()
    alice.message(company.at("carol"), "the store is well")
    carol.event("message")
    second.store.refuse("BatchWriteItem", times=4)
    for number in range(40):
        alice.message(company.at("bob" if number % 2 else "carol"), f"note {number}")
    until(lambda: (alice.settled(), second.store.is_enough)[1])  # which shows that the node does not wait for the store
    alice.send(f'<r xmlns="{SM}"/>')
    assert int(alice.expect(ACKNOWLEDGED).get("h", "-1")) == 1
    assert bodies(company, "alice", "bob") == []
    assert (texts(bob.settled()), heard(carol)) == ([], [])
    second.store.relent()
    assert acknowledged(alice) == alice.sent
    odd = [f"note {number}" for number in range(40) if number % 2]
    even = [f"note {number}" for number in range(40) if not number % 2]
    assert bodies(company, "alice", "bob") == odd
    bob.body(odd[-1])
    assert texts(bob.settled()) == odd[:-1]
    assert [carol.event("message")["message"]["body"] for _ in even] == even
    assert (texts(bob.settled()), heard(carol)) == ([], [])
    assert [each for each in alice.settled() if each.get("type") == "error"] == []
