"""One user behind both doors at once: what webmail's status means for XMPP clients, and whom webmail reaches."""

from __future__ import annotations

import pytest

from bridge.names import BIND, CLIENT
from chat import ids
from chatctl.client import Refused
from localcloud.bridge import Bridge
from tests.bridge.client import XmppClient, condition, text_of
from tests.bridge.conftest import LogIn
from tests.bridge.mam import query
from tests.company import PASSWORD, Company, heard, now

MESSAGE = f"{{{CLIENT}}}message"


def test_offline_in_webmail_leaves_the_xmpp_client_online_and_it_alone_receives(
    company: Company, log_in: LogIn
) -> None:
    bob, page, alice, carol = log_in("bob"), company.connect("bob"), company.connect("alice"), log_in("carol")
    carol.shown(f"{company.at('bob')}/webmail")
    page.ask("presence", status="offline")
    carol.shown(f"{company.at('bob')}/webmail", "unavailable")
    assert alice.ask("watch", contacts=[company.at("bob")])["presence"][0]["status"] == "available"
    alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="from webmail")
    carol.message(company.at("bob"), "from a client")
    for text in ("from webmail", "from a client"):
        bob.body(text)
    assert [event for event in heard(page) if event["event"] in ("message", "typing", "read")] == []
    bob.message(company.at("alice"), "here I am")
    assert alice.event("message")["message"]["body"] == "here I am"
    assert [event for event in heard(page) if event["event"] == "message"] == []


def test_who_is_offline_in_webmail_sees_nobody_there_and_everybody_in_the_client(
    company: Company, log_in: LogIn
) -> None:
    carol, page = log_in("carol"), company.connect("bob")
    page.ask("presence", status="offline")
    assert page.ask("watch", contacts=[company.at("carol")])["presence"][0]["status"] == "offline"
    with pytest.raises(Refused, match="offline"):
        page.ask("send", id=ids.new(now()), recipient=company.at("carol"), body="hello?")
    bob = log_in("bob")
    bob.shown(carol.jid)
    bob.message(company.at("carol"), "hello!")
    carol.body("hello!")


def test_busy_in_one_door_is_busy_as_a_whole(company: Company, log_in: LogIn) -> None:
    watcher = company.connect("alice")
    watcher.ask("watch", contacts=[company.at("bob")])
    page = company.connect("bob")
    watcher.event("presence", status="available")
    bob = log_in("bob")
    bob.presence("<show>dnd</show>")
    watcher.event("presence", status="busy")
    page.close()
    bob.presence("<show>away</show>")
    watcher.event("presence", status="away")


def test_a_message_to_webmails_resource_reaches_webmail_and_the_clients(company: Company, log_in: LogIn) -> None:
    alice, bob, page = log_in("alice"), log_in("bob"), company.connect("bob")
    alice.message(f"{company.at('bob')}/webmail", "an answer")
    assert page.event("message")["message"]["body"] == "an answer"
    assert bob.body("an answer").get("to") == f"{company.at('bob')}/webmail"


def test_webmail_is_asked_for_nothing_but_messages(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    company.connect("bob")
    webmail = f"{company.at('bob')}/webmail"
    alice.shown(webmail)
    assert condition(alice.ask("get", "<ping xmlns='urn:xmpp:ping'/>", webmail)) == "service-unavailable"
    version = "<query xmlns='jabber:iq:version'/>"
    assert condition(alice.ask("get", version, webmail)) == "service-unavailable"


def test_the_resource_of_webmail_cannot_be_bound(company: Company, bridge: Bridge) -> None:
    client = XmppClient(bridge.ports.starttls, company.domain, str(bridge.ca_file))
    client.log_in("alice", PASSWORD)
    refusal = client.ask("set", f"<bind xmlns='{BIND}'><resource>webmail</resource></bind>")
    assert condition(refusal) == "not-allowed"
    client.close()


def test_both_doors_have_one_history(company: Company, log_in: LogIn) -> None:
    alice, bob, page = log_in("alice"), log_in("bob"), company.connect("alice")
    alice.message(company.at("bob"), "one")
    first = page.event("message")["message"]["id"]
    bob.message(alice.jid, "two")
    second = page.event("message")["message"]["id"]
    third = ids.new(now())
    page.ask("send", id=third, recipient=company.at("bob"), body="three")
    bob.body("three")
    history = page.ask("history", contact=company.at("bob"))["messages"]
    assert [(each["id"], each["body"]) for each in history] == [(first, "one"), (second, "two"), (third, "three")]
    found = query(bob)
    assert found.ids == [first, second, third]
    assert [text_of(each) for each in found.messages] == ["one", "two", "three"]
    conversations = page.ask("conversations", contact=company.at("bob"))["conversations"]
    assert [each["id"] for each in conversations] == [first]


def test_webmail_catches_up_on_what_clients_wrote(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    alice.message(company.at("bob"), "while you were away")
    alice.settled()
    page = company.connect("bob")
    (thread,) = page.ask("sync")["threads"]
    assert (thread["contact"], thread["unread"]) == (company.at("alice"), 1)
    since = ids.new(now() - 60_000)
    cursor = page.ask("sync", since=since)["cursor"]  # threads come first
    messages = page.ask("sync", since=since, cursor=cursor)["messages"]
    assert [each["body"] for each in messages] == ["while you were away"]
