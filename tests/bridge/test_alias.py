"""Aliases as contacts: a message to one reaches its members, comes from its sender, and is marked with the alias."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from bridge.names import ADDRESSES, BLOCKING, CARBONS, CLIENT
from chat import ids
from tests.bridge.client import text_of
from tests.bridge.conftest import LogIn
from tests.bridge.mam import query
from tests.company import Company, heard, now

MESSAGE = f"{{{CLIENT}}}message"


@pytest.fixture(autouse=True)
def sales(company: Company) -> str:
    """An alias of alice and bob, but not of carol."""
    company.alias("sales", "alice", "bob")
    return company.at("sales")


def marked_with(message: Element) -> list[tuple[str | None, str | None]]:
    """The addresses that a message was sent to (XEP-0033)."""
    return [(each.get("type"), each.get("jid")) for each in message.iter(f"{{{ADDRESSES}}}address")]


def test_a_message_reaches_all_members_who_are_there_and_comes_from_its_sender(
    company: Company, sales: str, log_in: LogIn
) -> None:
    carol, alice, page = log_in("carol"), log_in("alice"), company.connect("bob")
    sent = carol.message(sales, "who can help?")
    got = alice.body("who can help?")
    assert (got.get("from"), got.get("to"), got.get("id")) == (carol.jid, company.at("alice"), sent)
    assert marked_with(got) == [("to", sales)]
    message = page.event("message")["message"]
    assert (message["sender"], message["recipient"]) == (company.at("carol"), sales)


def test_that_a_message_is_for_an_alias_cannot_be_forged(company: Company, sales: str, log_in: LogIn) -> None:
    carol, alice = log_in("carol"), log_in("alice")
    mark = f"<addresses xmlns='{ADDRESSES}'><address type='to' jid='{sales}'/></addresses>"
    carol.message(company.at("alice"), "to you alone", mark)
    assert marked_with(alice.body("to you alone")) == []


def test_webmails_message_reaches_the_members_clients(company: Company, sales: str, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    company.connect("carol").ask("send", id=ids.new(now()), recipient=sales, body="who can help?")
    for each in (alice, bob):
        got = each.body("who can help?")
        assert got.get("from") == f"{company.at('carol')}/webmail"
        assert marked_with(got) == [("to", sales)]


def test_the_answer_reaches_who_asked(company: Company, sales: str, log_in: LogIn) -> None:
    carol, alice = log_in("carol"), log_in("alice")
    carol.message(sales, "who can help?")
    alice.message(alice.body("who can help?").get("from") or "", "I can")
    assert carol.body("I can").get("from") == alice.jid


def test_a_member_who_writes_gets_no_copy_but_its_other_clients_do(company: Company, sales: str, log_in: LogIn) -> None:
    alice, phone, bob = log_in("alice"), log_in("alice", "phone"), log_in("bob")
    phone.ask("set", f"<enable xmlns='{CARBONS}'/>")
    alice.message(sales, "who takes this one?")
    assert marked_with(bob.body("who takes this one?")) == [("to", sales)]
    copy = phone.body("who takes this one?")
    inner = copy.find(f"{{{CARBONS}}}sent//{MESSAGE}")
    assert inner is not None
    assert (inner.get("to"), marked_with(inner)) == (sales, [])
    assert [each for each in (*alice.settled(), *phone.settled()) if each.tag == MESSAGE] == []


def test_members_find_the_whole_thread_in_the_archive_and_others_their_own_part(
    company: Company, sales: str, log_in: LogIn
) -> None:
    company.add("dave")
    carol, dave, alice = log_in("carol"), log_in("dave"), log_in("alice")
    carol.message(sales, "carol asks")
    alice.body("carol asks")
    dave.message(sales, "dave asks")
    alice.body("dave asks")
    found = query(alice, with_=sales)
    assert [text_of(each) for each in found.messages] == ["carol asks", "dave asks"]
    assert [marked_with(each) for each in found.messages] == [[("to", sales)], [("to", sales)]]
    assert [each.get("from") for each in found.messages] == [carol.jid, dave.jid]
    assert [text_of(each) for each in query(carol, with_=sales).messages] == ["carol asks"]
    assert [text_of(each) for each in query(carol).messages] == ["carol asks"]
    assert [text_of(each) for each in query(alice).messages] == ["carol asks", "dave asks"]


def test_an_alias_is_there_while_a_member_is(company: Company, sales: str, log_in: LogIn) -> None:
    carol = log_in("carol")
    alice = log_in("alice")
    carol.shown(f"{sales}/members")
    page = company.connect("bob")
    carol.shown(f"{company.at('bob')}/webmail")
    alice.close()
    carol.shown(alice.jid, "unavailable")
    carol.presence(to=sales, type="probe")
    carol.shown(f"{sales}/members")
    page.close()
    carol.shown(f"{sales}/members", "unavailable")


def test_an_alias_that_a_member_has_blocked_brings_it_nothing(company: Company, sales: str, log_in: LogIn) -> None:
    alice, bob, carol = log_in("alice"), log_in("bob"), log_in("carol")
    alice.ask("set", f"<block xmlns='{BLOCKING}'><item jid='{sales}'/></block>")
    carol.message(sales, "who can help?")
    bob.body("who can help?")
    carol.message(company.at("alice"), "directly")
    alice.body("directly")
    assert [each for each in alice.settled() if each.tag == MESSAGE] == []


def test_a_message_to_an_alias_nobody_of_which_is_there_is_kept(company: Company, sales: str, log_in: LogIn) -> None:
    carol = log_in("carol")
    carol.message(sales, "anybody?")
    assert [each for each in carol.settled() if each.tag == MESSAGE] == []
    page = company.connect("alice")
    assert [each["body"] for each in page.ask("history", contact=sales)["messages"]] == ["anybody?"]
    assert [each for each in heard(page) if each["event"] == "message"] == []
