"""What a client sends again since nobody told it that it had been stored."""

from __future__ import annotations

from bridge.names import IDS, SM
from chat import ids
from chat.tables import Tables
from chat.tables.history import XMPP, Message, Thread
from localcloud.bridge import Bridge
from tests.bridge.client import XmppClient, text_of
from tests.bridge.conftest import LogIn
from tests.bridge.mam import query
from tests.company import PASSWORD, Company, now


def marked(name: str) -> str:
    """A sender's own id of a message (XEP-0359)."""
    return f"<origin-id xmlns='{IDS}' id='{name}'/>"


def bodies(client: XmppClient) -> list[str | None]:
    """The texts that have come."""
    return [text for each in client.settled() if (text := text_of(each)) is not None]


def test_a_message_that_comes_again_is_kept_and_shown_once(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice", "phone"), log_in("bob")
    alice.message(company.at("bob"), "once", marked("o1"), id="o1")
    bob.body("once")
    alice.drop()
    again = log_in("alice", "phone")
    again.enable()
    again.message(company.at("bob"), "once", marked("o1"), id="o1")
    again.message(company.at("bob"), "new", marked("o2"), id="o2")
    again.send(f"<r xmlns='{SM}'/>")
    again.expect(f"{{{SM}}}a", h="2")
    assert bodies(bob) == ["new"]
    assert [text_of(each) for each in query(again).messages] == ["once", "new"]


def test_what_was_half_stored_is_stored_whole_and_told(company: Company, tables: Tables, log_in: LogIn) -> None:
    """A node wrote the message, and died before the inbox and the recipient knew."""
    alice, bob = company.address("alice"), company.address("bob")
    half = Message(ids.new(now()), alice, bob, "half", XMPP, (marked("o1").replace("'", '"'),), "o1")
    tables.history.write_group([(Thread.between(alice, bob), half)], [], [], [])
    webmail, phone = company.connect("bob"), log_in("bob")
    log_in("alice").message(company.at("bob"), "half", marked("o1"), id="o1")
    assert webmail.event("message")["message"]["id"] == half.id
    assert phone.body("half") is not None
    assert query(phone).ids == [half.id]


def test_ids_that_nobody_promised_to_be_unique_may_come_again(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    alice.message(company.at("bob"), "alarm", id="1")
    bob.body("alarm")
    again = log_in("alice")
    again.message(company.at("bob"), "alarm", id="1")
    bob.body("alarm")


def test_other_peoples_ids_are_no_repeats(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    alice.message(company.at("bob"), "mine", marked("o1"), id="o1")
    bob.body("mine")
    bob.message(company.at("alice"), "also mine", marked("o1"), id="o1")
    alice.body("also mine")


def test_a_failed_resumption_tells_what_was_handled(bridge: Bridge, company: Company, log_in: LogIn) -> None:
    """So that the client knows what need not be sent again (XEP-0198 §5)."""
    alice = log_in("alice", "phone")
    name = alice.enable()
    alice.message(company.at("bob"), "one")
    alice.message(company.at("bob"), "two")
    alice.settled()
    log_in("alice", "phone")  # which ends the session
    back = XmppClient(bridge.ports.starttls, company.domain, str(bridge.ca_file))
    back.log_in("alice", PASSWORD)
    back.send(f"<resume xmlns='{SM}' h='0' previd='{name}'/>")
    failed = back.expect(f"{{{SM}}}failed")
    assert failed.get("h") == str(alice.sent)
    back.close()


def test_whoever_says_goodbye_is_told_what_was_handled(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    alice.enable()
    alice.message(company.at("bob"), "last words")
    alice.send("</stream:stream>")
    alice.expect(f"{{{SM}}}a", h="1")
