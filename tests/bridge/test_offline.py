"""Offline delivery (XEP-0160): what came while no client was there is given once, and not to who reads the archive."""

from __future__ import annotations

from bridge.names import CLIENT, DELAY, IDS, MAM
from chat import ids
from tests.bridge.client import XmppClient, text_of
from tests.bridge.conftest import LogIn
from tests.bridge.mam import query
from tests.company import Company, now

MESSAGE = f"{{{CLIENT}}}message"
HOUR = 3_600_000


def waiting(client: XmppClient) -> list[str | None]:
    """What a client was given when it logged in."""
    return [text_of(each) for each in client.settled() if each.tag == MESSAGE]


def test_what_came_meanwhile_is_given_with_its_time_and_archive_id(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    sent_at = now()
    message_id = ids.new(sent_at - HOUR)
    company.remember("carol", "bob", message_id, "from webmail")
    alice.message(company.at("bob"), "from a client", "<request xmlns='urn:xmpp:receipts'/>", id="a1")
    alice.settled()
    bob = log_in("bob")
    first, second = bob.body("from webmail"), bob.body("from a client")
    delay, stanza_id = first.find(f"{{{DELAY}}}delay"), first.find(f"{{{IDS}}}stanza-id")
    assert delay is not None
    assert stanza_id is not None
    assert (delay.get("from"), delay.get("stamp")) == (company.domain, ids.iso(sent_at - HOUR))
    assert (stanza_id.get("by"), stanza_id.get("id")) == (company.at("bob"), message_id)
    assert (second.get("from"), second.get("id"), second.get("type")) == (alice.jid, "a1", "chat")
    assert second.find("{urn:xmpp:receipts}request") is not None
    assert second.find(f"{{{DELAY}}}delay") is not None


def test_nothing_is_given_twice_and_nothing_is_lost_between_log_ins(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    given = []
    for number in range(6):
        alice.message(company.at("bob"), f"number {number}")
        alice.settled()
        bob = log_in("bob", "phone")
        given += waiting(bob)
        alice.message(company.at("bob"), f"live {number}")
        bob.body(f"live {number}")
        bob.close()
        alice.shown(bob.jid, "unavailable")
    assert given == [f"number {number}" for number in range(6)]


def test_a_second_client_gets_nothing_again(company: Company, log_in: LogIn) -> None:
    company.remember("alice", "bob", ids.new(now()), "hello")
    assert waiting(log_in("bob")) == ["hello"]
    assert waiting(log_in("bob")) == []


def test_who_reads_the_archive_first_is_given_nothing(company: Company, log_in: LogIn) -> None:
    company.remember("alice", "bob", ids.new(now()), "hello")
    bob = log_in("bob", present=False)
    bob.ask("set", f"<query xmlns='{MAM}'/>")
    assert [text_of(each) for each in bob.settled()] == ["hello"]
    bob.presence()
    assert waiting(bob) == []
    assert waiting(log_in("bob")) == [], "nor is another client given what the archive gave"


def test_what_comes_between_the_archive_and_presence_is_given(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob", present=False)
    alice.message(company.at("bob"), "early")
    alice.settled()
    assert [text_of(each) for each in query(bob).messages] == ["early"]
    alice.message(company.at("bob"), "in between")
    alice.settled()
    bob.presence()
    assert bob.body("in between") is not None
    assert [text_of(each) for each in bob.settled() if text_of(each)] == []
    bob.presence(type="unavailable")
    bob.settled()
    alice.message(company.at("bob"), "while away")
    alice.settled()
    bob.presence()
    assert bob.body("while away") is not None


def test_what_was_read_in_webmail_before_the_first_log_in_is_not_given(company: Company, log_in: LogIn) -> None:
    before, read, after = (ids.new(now() - hours * HOUR) for hours in (3, 2, 1))
    company.remember("carol", "bob", before, "unread")
    company.remember("alice", "bob", read, "read")
    company.remember("alice", "bob", after, "new")
    company.connect("bob").ask("read", contact=company.at("alice"), id=read)
    assert waiting(log_in("bob")) == ["unread", "new"]


def test_own_messages_are_not_given_back(company: Company, log_in: LogIn) -> None:
    company.remember("bob", "alice", ids.new(now()), "from my webmail")
    assert waiting(log_in("bob")) == []


def test_a_client_with_negative_priority_is_given_it_once_it_takes_messages(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    company.remember("carol", "bob", ids.new(now() - HOUR), "hello")
    bob = log_in("bob", "printer", present=False)
    bob.presence("<priority>-1</priority>")
    assert waiting(bob) == []
    alice.message(bob.jid, "for the printer")
    bob.body("for the printer")
    bob.presence("<priority>0</priority>")
    assert waiting(bob) == ["hello"]


def test_what_names_a_client_without_presence_does_not_hide_what_waits(company: Company, log_in: LogIn) -> None:
    alice, silent = log_in("alice"), log_in("bob", "silent", present=False)
    company.remember("carol", "bob", ids.new(now() - HOUR), "hello")
    alice.message(silent.jid, "for this client")
    silent.body("for this client")
    assert "hello" in waiting(log_in("bob"))


def test_typing_does_not_wait(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    alice.message(company.at("bob"), "", "<composing xmlns='http://jabber.org/protocol/chatstates'/>")
    alice.settled()
    assert waiting(log_in("bob")) == []
