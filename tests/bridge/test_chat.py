"""Chat between XMPP clients and webmail: one room behind two doors; types of messages, and errors (RFC 6121 §8.5)."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element

import pytest

from bridge.names import CLIENT, HINTS, IDS, RECEIPTS
from chat import ids
from chat.texts import MAX_BODY
from tests.bridge.client import XmppClient, condition, text_of
from tests.bridge.conftest import LogIn
from tests.company import Company, now

MESSAGE = f"{{{CLIENT}}}message"
STANZA_ID = f"{{{IDS}}}stanza-id"
ORIGIN_ID = f"{{{IDS}}}origin-id"


def bodies(found: Iterable[Element]) -> list[str | None]:
    """What the messages among some stanzas say."""
    return [text_of(each) for each in found if each.tag == MESSAGE]


def refused(client: XmppClient, to: str, body: str = "anybody?", content: str = "", **attributes: str) -> str:
    """The condition with which a message comes back to its sender."""
    sent = client.message(to, body, content, **attributes)
    answer = client.expect(MESSAGE, id=sent, type="error")
    assert answer.get("from") == to
    return condition(answer)


def test_two_clients_chat(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice", "phone"), log_in("bob", "desk")
    sent = alice.message(company.at("bob"), "lunch?")
    got = bob.body("lunch?")
    assert (got.get("from"), got.get("to"), got.get("id"), got.get("type")) == (
        alice.jid,
        company.at("bob"),
        sent,
        "chat",
    )


def test_webmail_writes_to_a_client(company: Company, log_in: LogIn) -> None:
    bob = log_in("bob")
    message_id = ids.new(now())
    company.connect("alice").ask("send", id=message_id, recipient=company.at("bob"), body="lunch?")
    got = bob.body("lunch?")
    assert got.get("from") == f"{company.at('alice')}/webmail"
    stanza_id = got.find(STANZA_ID)
    assert stanza_id is not None
    assert (stanza_id.get("id"), stanza_id.get("by")) == (message_id, company.at("bob"))


def test_a_client_writes_to_webmail(company: Company, log_in: LogIn) -> None:
    alice, bob = company.connect("alice"), log_in("bob")
    bob.message(company.at("alice"), "lunch?")
    message = alice.event("message")["message"]
    assert (message["sender"], message["body"], message["door"]) == (company.at("bob"), "lunch?", "xmpp")
    page = alice.ask("history", contact=company.at("bob"))
    assert [each["id"] for each in page["messages"]] == [message["id"]]


def test_messages_come_in_the_order_in_which_they_were_sent(company: Company, log_in: LogIn) -> None:
    alice, bob, page = log_in("alice"), log_in("bob"), company.connect("bob")
    sent = [f"number {number}" for number in range(40)]
    for each in sent:
        alice.message(company.at("bob"), each)
    bob.body(sent[-1])
    assert bodies(bob.received) == sent[:-1]
    assert [page.event("message")["message"]["body"] for _ in sent] == sent


def test_what_a_message_has_beside_its_body_is_passed_on_as_it_came(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    extras = (
        "<subject>food</subject><thread>t1</thread>"
        f"<origin-id xmlns='{IDS}' id='o1'/><request xmlns='{RECEIPTS}'/><store xmlns='{HINTS}'/>"
        "<replace xmlns='urn:xmpp:message-correct:0' id='m0'/>"
        "<unknown xmlns='urn:example:unknown' xmlns:z='urn:example:z' z:mark='1'>a &lt; b<z:deep/></unknown>"
    )
    alice.message(company.at("bob"), "a &lt; b &amp; c", extras)
    got = bob.body("a < b & c")
    assert got.findtext(f"{{{CLIENT}}}subject") == "food"
    assert got.findtext(f"{{{CLIENT}}}thread") == "t1"
    origin, replaced = got.find(ORIGIN_ID), got.find("{urn:xmpp:message-correct:0}replace")
    assert origin is not None
    assert replaced is not None
    assert (origin.get("id"), replaced.get("id")) == ("o1", "m0")
    assert got.find(f"{{{RECEIPTS}}}request") is not None
    assert got.find(f"{{{HINTS}}}store") is not None
    unknown = got.find("{urn:example:unknown}unknown")
    assert unknown is not None
    assert (unknown.text, unknown.get("{urn:example:z}mark")) == ("a < b", "1")
    assert unknown.find("{urn:example:z}deep") is not None


def test_archive_ids_in_our_name_cannot_be_forged(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    forged = "<stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='{}'/>"
    alice.message(company.at("bob"), "hello", forged.format(company.at("bob")) + forged.format("room.other.example"))
    found = [(each.get("by"), each.get("id")) for each in bob.body("hello").iterfind(STANZA_ID)]
    assert ("room.other.example", "forged") in found
    (own,) = (archived for by, archived in found if by == company.at("bob"))
    assert ids.is_id(own or "")


def test_a_receipt_reaches_the_sender(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    sent = alice.message(company.at("bob"), "did you get this?", f"<request xmlns='{RECEIPTS}'/>")
    sender = bob.body("did you get this?").get("from") or ""
    bob.message(sender, "", f"<received xmlns='{RECEIPTS}' id='{sent}'/>")
    receipt = f"{{{RECEIPTS}}}received"
    got = alice.wait(lambda found: found.find(receipt) is not None, "the receipt")
    assert [each.get("id") for each in got.iterfind(receipt)] == [sent]


def test_a_bare_address_reaches_all_clients_but_those_with_negative_priority(company: Company, log_in: LogIn) -> None:
    alice, desk, phone, printer = (
        log_in("alice"),
        log_in("bob", "desk"),
        log_in("bob", "phone"),
        log_in("bob", "printer"),
    )
    phone.presence("<priority>100</priority>")
    printer.presence("<priority>-1</priority>")
    printer.settled()
    alice.message(company.at("bob"), "to all")
    desk.body("to all")
    phone.body("to all")
    alice.message(f"{company.at('bob')}/printer", "to the printer")
    printer.body("to the printer")
    assert bodies([*printer.settled(), *desk.settled(), *phone.settled()]) == []


def test_a_client_without_presence_gets_only_what_names_it(company: Company, log_in: LogIn) -> None:
    alice, silent = log_in("alice"), log_in("bob", "silent", present=False)
    alice.message(company.at("bob"), "for those who are there")
    alice.message(f"{company.at('bob')}/silent", "for this one")
    silent.body("for this one")
    assert bodies(silent.settled()) == []


def test_chat_to_a_resource_that_is_gone_reaches_the_others(company: Company, log_in: LogIn) -> None:
    alice, bob, page = log_in("alice"), log_in("bob"), company.connect("bob")
    alice.message(f"{company.at('bob')}/gone", "still there?")
    bob.body("still there?")
    assert page.event("message")["message"]["body"] == "still there?"


@pytest.mark.parametrize("kind", ["normal", "headline"])
def test_what_is_no_chat_needs_the_resource_that_it_names(company: Company, log_in: LogIn, kind: str) -> None:
    alice, bob, other = log_in("alice"), log_in("bob", "here"), log_in("bob", "other")
    assert refused(alice, f"{company.at('bob')}/gone", type=kind) == "service-unavailable"
    alice.message(f"{company.at('bob')}/here", "to this one", type=kind)
    assert bob.body("to this one").get("type") == kind
    assert bodies(other.settled()) == []


def test_a_message_of_unknown_type_is_normal(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    alice.message(company.at("bob"), "odd", type="odd")
    assert bob.body("odd").get("type") == "normal"


def test_headlines_reach_all_clients_and_are_kept_as_every_message_is(company: Company, log_in: LogIn) -> None:
    alice, bob, other = log_in("alice"), log_in("bob", "one"), log_in("bob", "two")
    alice.message(company.at("bob"), "news", type="headline")
    assert bob.body("news").get("type") == "headline"
    other.body("news")
    kept = company.connect("bob").ask("history", contact=company.at("alice"))["messages"]
    assert [each["body"] for each in kept] == ["news"]


def test_there_are_no_rooms(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    for to in (company.at("bob"), bob.jid):
        assert refused(alice, to, type="groupchat") == "service-unavailable"


def test_errors_reach_the_resource_that_they_answer_and_are_not_answered(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    failure = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    for to in (bob.jid, company.at("bob"), f"{company.at('bob')}/gone", company.at("nobody"), "x@other.example"):
        alice.message(to, "", failure, type="error")
    got = bob.expect(MESSAGE, type="error")
    assert (got.get("from"), condition(got)) == (alice.jid, "service-unavailable")
    assert [each for each in [*bob.settled(), *alice.settled()] if each.tag == MESSAGE] == []


def test_a_message_that_cannot_be_sent_comes_back(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    assert refused(alice, company.at("nobody")) == "service-unavailable"
    assert refused(alice, f"{company.at('nobody')}/x") == "service-unavailable"
    assert refused(alice, "bob@other.example") == "remote-server-not-found"
    assert refused(alice, "rooms.other.example") == "remote-server-not-found"
    assert refused(alice, company.domain) == "service-unavailable"
    assert refused(alice, "@@") == "jid-malformed"
    assert refused(alice, company.at("bob"), "x" * (MAX_BODY + 1)) == "policy-violation"
    assert refused(alice, company.at("bob"), '"' * MAX_BODY) == "policy-violation"
    assert refused(alice, company.at("bob"), "hi", f"<x xmlns='urn:x'>{'x' * 40_000}</x>") == "policy-violation"
    assert refused(alice, company.at("bob"), "hi", id="x" * 300) == "policy-violation"
    assert company.connect("alice").ask("history", contact=company.at("bob"))["messages"] == []


def test_the_largest_body_goes_through(company: Company, log_in: LogIn) -> None:
    alice, bob, page = log_in("alice"), log_in("bob"), company.connect("bob")
    body = "ü" * (MAX_BODY // 2)
    alice.message(company.at("bob"), body)
    bob.body(body)
    assert page.event("message")["message"]["body"] == body


def test_a_note_to_oneself_reaches_all_own_clients_once(company: Company, log_in: LogIn) -> None:
    desk, phone = log_in("alice", "desk"), log_in("alice", "phone")
    for each in (desk, phone):
        each.ask("set", "<enable xmlns='urn:xmpp:carbons:2'/>")
    desk.stanza("<message type='chat' id='note'><body>buy milk</body></message>")
    for each in (desk, phone):
        assert each.body("buy milk").get("to") == company.at("alice")
        assert bodies(each.settled()) == []
