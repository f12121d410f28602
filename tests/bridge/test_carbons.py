"""Copies of messages for a user's other clients (XEP-0280)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from bridge.names import CARBONS, CHAT_STATES, CLIENT, FORWARD, HINTS, IDS, RECEIPTS
from chat import ids
from tests.bridge.client import XmppClient, condition, text_of
from tests.bridge.conftest import LogIn
from tests.company import Company, now

MESSAGE = f"{{{CLIENT}}}message"
STANZA_ID = f"{{{IDS}}}stanza-id"


def enable(*clients: XmppClient) -> None:
    for each in clients:
        assert condition(each.ask("set", f"<enable xmlns='{CARBONS}'/>")) == ""


def carbon(client: XmppClient, direction: str) -> Element:
    """The message in the next carbon of this direction."""
    path = f"{{{CARBONS}}}{direction}/{{{FORWARD}}}forwarded/{MESSAGE}"
    outer = client.wait(lambda found: found.find(path) is not None, f"a {direction} carbon")
    assert outer.get("from") == client.jid.partition("/")[0], "only the own account may send carbons"
    assert outer.get("to") == client.jid
    inner = outer.find(path)
    assert inner is not None
    assert outer.get("type") == inner.get("type")
    return inner


def messages(client: XmppClient) -> list[Element]:
    return [each for each in client.settled() if each.tag == MESSAGE]


def test_other_clients_get_a_copy_of_what_is_sent_and_of_what_names_one_of_them(
    company: Company, log_in: LogIn
) -> None:
    alice, phone, bob, desk = log_in("alice"), log_in("alice", "phone"), log_in("bob"), log_in("bob", "desk")
    enable(phone, desk)
    sent = alice.message(bob.jid, "for this client")
    got, received, copy = bob.body("for this client"), carbon(desk, "received"), carbon(phone, "sent")
    for inner in (received, copy):
        assert (inner.get("from"), inner.get("to"), inner.get("id")) == (alice.jid, bob.jid, sent)
        assert text_of(inner) == "for this client"
    archived = [each.get("id") for each in got.iterfind(STANZA_ID)]
    assert [each.get("id") for each in received.iterfind(STANZA_ID)] == archived
    assert [(each.get("by"), each.get("id")) for each in copy.iterfind(STANZA_ID)] == [
        (company.at("alice"), archived[0])
    ]
    assert [messages(each) for each in (alice, phone, bob, desk)] == [[], [], [], []]


def test_a_message_to_the_bare_address_is_no_carbon_for_the_clients_that_get_it(
    company: Company, log_in: LogIn
) -> None:
    alice, bob, desk, printer = log_in("alice"), log_in("bob"), log_in("bob", "desk"), log_in("bob", "printer")
    enable(bob, desk, printer)
    printer.presence("<priority>-1</priority>")
    printer.settled()
    alice.message(company.at("bob"), "for all")
    for each in (bob, desk):
        assert each.body("for all").get("from") == alice.jid
        assert messages(each) == []
    assert text_of(carbon(printer, "received")) == "for all"


def test_what_webmail_sends_is_copied_to_the_users_clients(company: Company, log_in: LogIn) -> None:
    alice, page = log_in("alice"), company.connect("alice")
    enable(alice)
    message_id = ids.new(now())
    page.ask("send", id=message_id, recipient=company.at("bob"), body="from the page")
    inner = carbon(alice, "sent")
    assert (inner.get("from"), inner.get("to")) == (f"{company.at('alice')}/webmail", company.at("bob"))
    assert text_of(inner) == "from the page"
    assert [each.get("id") for each in inner.iterfind(STANZA_ID)] == [message_id]


def test_webmail_gets_what_the_users_client_sends(company: Company, log_in: LogIn) -> None:
    alice, page = log_in("alice"), company.connect("alice")
    alice.message(company.at("bob"), "from the client")
    message = page.event("message")["message"]
    assert (message["sender"], message["recipient"]) == (company.at("alice"), company.at("bob"))


@pytest.mark.parametrize("mark", [f"<private xmlns='{CARBONS}'/>", f"<no-copy xmlns='{HINTS}'/>"])
def test_private_messages_are_not_copied_but_kept(company: Company, log_in: LogIn, mark: str) -> None:
    alice, phone, bob, desk = log_in("alice"), log_in("alice", "phone"), log_in("bob"), log_in("bob", "desk")
    enable(phone, desk)
    alice.message(bob.jid, "for this client alone", mark)
    bob.body("for this client alone")
    assert [messages(each) for each in (phone, desk)] == [[], []]
    kept = company.connect("bob").ask("history", contact=company.at("alice"))["messages"]
    assert [each["body"] for each in kept] == ["for this client alone"]


def test_who_has_not_asked_or_asks_no_more_gets_none(company: Company, log_in: LogIn) -> None:
    alice, bob, desk = log_in("alice"), log_in("bob"), log_in("bob", "desk")
    alice.message(bob.jid, "one")
    bob.body("one")
    enable(desk)
    alice.message(bob.jid, "two")
    assert text_of(carbon(desk, "received")) == "two"
    assert condition(desk.ask("set", f"<disable xmlns='{CARBONS}'/>")) == ""
    alice.message(bob.jid, "three")
    bob.body("three")
    assert messages(desk) == []


def test_typing_and_receipts_are_copied_and_errors_and_headlines_are_not(company: Company, log_in: LogIn) -> None:
    alice, phone, bob, desk = log_in("alice"), log_in("alice", "phone"), log_in("bob"), log_in("bob", "desk")
    enable(phone, desk)
    failure = "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    alice.message(bob.jid, "", failure, type="error")
    alice.message(bob.jid, "news", type="headline")
    alice.message(bob.jid, "", f"<composing xmlns='{CHAT_STATES}'/>")
    alice.message(bob.jid, "", f"<received xmlns='{RECEIPTS}' id='m1'/>")
    tags = [f"{{{CHAT_STATES}}}composing", f"{{{RECEIPTS}}}received"]
    for client, direction in ((desk, "received"), (phone, "sent")):
        assert [each.tag for _ in tags for each in carbon(client, direction)] == tags
        assert messages(client) == []


def test_carbons_are_turned_on_for_oneself(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    assert condition(alice.ask("set", f"<enable xmlns='{CARBONS}'/>", company.at("bob"))) == "forbidden"
    assert condition(alice.ask("set", f"<enable xmlns='{CARBONS}'/>", company.at("alice"))) == ""
