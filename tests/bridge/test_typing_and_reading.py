"""Typing (XEP-0085) and read marks (XEP-0333), translated between XMPP clients and webmail."""

from __future__ import annotations

from bridge.names import CARBONS, CHAT_STATES, CLIENT, MARKERS
from chat import ids
from tests.bridge.client import XmppClient
from tests.bridge.conftest import LogIn
from tests.company import Company, heard, now

MESSAGE = f"{{{CLIENT}}}message"
DISPLAYED = f"{{{MARKERS}}}displayed"


def mark(client: XmppClient, to: str, message_id: str | None) -> None:
    client.message(to, "", f"<displayed xmlns='{MARKERS}' id='{message_id}'/>")


def state(client: XmppClient, to: str, name: str) -> None:
    client.message(to, "", f"<{name} xmlns='{CHAT_STATES}'/>")


def marked(client: XmppClient) -> tuple[str | None, str | None]:
    """Who has read, and up to which message: the next marker, which may be in a carbon."""
    got = client.wait(lambda found: next(found.iter(DISPLAYED), None) is not None, "a marker")
    (inner,) = [each for each in got.iter(MESSAGE) if each.find(DISPLAYED) is not None]
    return inner.get("from"), next(each.get("id") for each in inner.iterfind(DISPLAYED))


def test_typing_in_a_client_shows_in_webmail(company: Company, log_in: LogIn) -> None:
    bob, page = log_in("bob"), company.connect("alice")
    for name, active in (("composing", True), ("paused", False), ("composing", True), ("active", False)):
        state(bob, company.at("alice"), name)
        event = page.event("typing")
        assert (event["contact"], event["sender"], event["active"]) == (company.at("bob"), company.at("bob"), active)


def test_typing_is_told_at_most_every_five_seconds(company: Company, log_in: LogIn) -> None:
    bob, page = log_in("bob"), company.connect("alice")
    for _ in range(5):
        state(bob, company.at("alice"), "composing")
    state(bob, company.at("alice"), "paused")
    assert page.event("typing")["active"] is True
    assert page.event("typing")["active"] is False


def test_typing_in_webmail_shows_in_clients(company: Company, log_in: LogIn) -> None:
    bob, page = log_in("bob"), company.connect("alice")
    for active, name in ((True, "composing"), (False, "paused")):
        page.ask("typing", contact=company.at("bob"), active=active)
        got = bob.expect(MESSAGE, type="chat")
        assert (got.get("from"), got[0].tag) == (f"{company.at('alice')}/webmail", f"{{{CHAT_STATES}}}{name}")


def test_typing_between_clients_is_passed_on_as_it_is(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    for name in ("active", "composing", "paused", "inactive", "gone"):
        state(alice, company.at("bob"), name)
        got = bob.expect(MESSAGE, from_=alice.jid)
        assert [each.tag for each in got] == [f"{{{CHAT_STATES}}}{name}"]


def test_typing_for_an_alias_shows_in_the_members_webmail(company: Company, log_in: LogIn) -> None:
    company.alias("sales", "alice", "bob")
    carol, page = log_in("carol"), company.connect("alice")
    state(carol, company.at("sales"), "composing")
    event = page.event("typing")
    assert (event["contact"], event["sender"]) == (company.at("sales"), company.at("carol"))


def test_a_marker_for_webmails_message_shows_as_read_there(company: Company, log_in: LogIn) -> None:
    bob, page = log_in("bob"), company.connect("alice")
    message_id = ids.new(now())
    page.ask("send", id=message_id, recipient=company.at("bob"), body="hello")
    got = bob.body("hello")
    assert got.find(f"{{{MARKERS}}}markable") is not None
    mark(bob, company.at("alice"), got.get("id"))
    event = page.event("read")
    assert (event["contact"], event["reader"], event["id"]) == (company.at("bob"), company.at("bob"), message_id)


def test_a_marker_for_a_clients_message_counts_for_the_readers_webmail(company: Company, log_in: LogIn) -> None:
    alice, bob, page = log_in("alice"), log_in("bob"), company.connect("bob")
    sent = alice.message(company.at("bob"), "hello", f"<markable xmlns='{MARKERS}'/>")
    message_id = page.event("message")["message"]["id"]
    bob.body("hello")
    mark(bob, company.at("alice"), sent)
    event = page.event("read")
    assert (event["contact"], event["reader"], event["id"]) == (company.at("alice"), company.at("bob"), message_id)
    assert marked(alice) == (bob.jid, sent)


def test_a_marker_that_names_nothing_moves_nothing(company: Company, log_in: LogIn) -> None:
    alice, bob, page = log_in("alice"), log_in("bob"), company.connect("bob")
    sent = alice.message(company.at("bob"), "hello")
    bob.body("hello")
    for each in ("unknown", "", ids.new(now() + 3_600_000)):
        mark(bob, company.at("alice"), each)
    own = bob.message(company.at("alice"), "hi", id="own")
    mark(bob, company.at("alice"), own)
    mark(bob, company.at("alice"), sent)
    page.event("read")
    assert [event for event in heard(page) if event["event"] == "read"] == []


def test_reading_in_webmail_marks_the_clients_message_by_its_own_id(company: Company, log_in: LogIn) -> None:
    bob, page = log_in("bob"), company.connect("alice")
    sent = bob.message(company.at("alice"), "hello", id="chosen-by-bob")
    page.ask("read", contact=company.at("bob"), id=page.event("message")["message"]["id"])
    assert marked(bob) == (f"{company.at('alice')}/webmail", sent)


def test_reading_in_webmail_shows_on_the_readers_own_clients(company: Company, log_in: LogIn) -> None:
    alice, page = log_in("alice"), company.connect("alice")
    alice.ask("set", f"<enable xmlns='{CARBONS}'/>")
    message_id = ids.new(now())
    company.connect("bob").ask("send", id=message_id, recipient=company.at("alice"), body="hello")
    alice.body("hello")
    page.ask("read", contact=company.at("bob"), id=message_id)
    assert marked(alice) == (f"{company.at('alice')}/webmail", message_id)


def test_a_member_marks_what_was_written_to_an_alias(company: Company, log_in: LogIn) -> None:
    company.alias("sales", "alice", "bob")
    alice, page = log_in("alice"), company.connect("alice")
    message_id = ids.new(now())
    company.connect("carol").ask("send", id=message_id, recipient=company.at("sales"), body="a question")
    got = alice.body("a question")
    mark(alice, company.at("sales"), got.get("id"))
    event = page.event("read")
    assert (event["contact"], event["reader"], event["id"]) == (company.at("sales"), company.at("alice"), message_id)
