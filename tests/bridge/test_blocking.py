"""Blocking (XEP-0191): kept, told to all own clients, and honoured by clients and by webmail."""

from __future__ import annotations

import pytest

from bridge.names import BLOCKING, BLOCKING_ERRORS, CLIENT
from chat import ids
from chatctl.client import Refused
from tests.bridge.client import XmppClient, condition
from tests.bridge.conftest import LogIn
from tests.company import Company, heard, now

MESSAGE = f"{{{CLIENT}}}message"
PRESENCE = f"{{{CLIENT}}}presence"
IQ = f"{{{CLIENT}}}iq"


def change(client: XmppClient, verb: str, *jids: str) -> str:
    """The condition with which a change of the list is refused, "" where it is made."""
    items = "".join(f"<item jid='{jid}'/>" for jid in jids)
    return condition(client.ask("set", f"<{verb} xmlns='{BLOCKING}'>{items}</{verb}>"))


def blocked(client: XmppClient) -> list[str | None]:
    return [each.get("jid") for each in client.ask("get", f"<blocklist xmlns='{BLOCKING}'/>")[0]]


def pushed(client: XmppClient, verb: str) -> list[str | None]:
    """The addresses in the next push of a change."""
    tag = f"{{{BLOCKING}}}{verb}"
    push = client.wait(lambda found: found.tag == IQ and found.get("type") == "set" and found[0].tag == tag, tag)
    return [each.get("jid") for each in push[0]]


def refused(client: XmppClient, to: str) -> str:
    sent = client.message(to, "are you there?")
    return condition(client.expect(MESSAGE, id=sent, type="error"))


def test_the_list_is_kept_and_told_to_the_users_other_clients(company: Company, log_in: LogIn) -> None:
    desk, phone, deaf = log_in("alice", "desk"), log_in("alice", "phone"), log_in("alice", "deaf")
    assert blocked(desk) == blocked(phone) == []
    assert change(desk, "block", company.at("bob"), company.at("carol")) == ""
    assert [sorted(map(str, pushed(each, "block"))) for each in (desk, phone)] == [
        [company.at("bob"), company.at("carol")]
    ] * 2
    assert change(phone, "unblock", company.at("carol")) == ""
    assert pushed(desk, "unblock") == [company.at("carol")]
    assert [each for each in deaf.settled() if each.tag == IQ] == [], "it has not asked for the list"
    assert blocked(log_in("alice", "new")) == [company.at("bob")]
    assert change(phone, "unblock") == ""
    assert pushed(desk, "unblock") == []
    assert blocked(desk) == []


def test_messages_are_refused_both_ways_and_not_kept(company: Company, log_in: LogIn) -> None:
    alice, bob, page = log_in("alice"), log_in("bob"), company.connect("alice")
    assert change(alice, "block", company.at("bob")) == ""
    assert refused(bob, company.at("alice")) == refused(bob, alice.jid) == "service-unavailable"
    own = alice.message(company.at("bob"), "but I may?")
    answer = alice.expect(MESSAGE, id=own, type="error")
    assert condition(answer) == "not-acceptable"
    assert answer.find(f".//{{{BLOCKING_ERRORS}}}blocked") is not None
    bob.message(company.at("alice"), "", "<composing xmlns='http://jabber.org/protocol/chatstates'/>")
    bob.settled()
    assert [each for each in alice.settled() if each.tag == MESSAGE] == []
    assert [event for event in heard(page) if event["event"] in ("message", "typing")] == []
    assert page.ask("history", contact=company.at("bob"))["messages"] == []
    assert change(alice, "unblock", company.at("bob")) == ""
    bob.message(company.at("alice"), "and now?")
    alice.body("and now?")


def test_who_is_blocked_is_refused_also_while_nobody_is_there(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    assert change(alice, "block", company.at("bob")) == ""
    alice.close()
    bob.shown(alice.jid, "unavailable")
    assert refused(bob, company.at("alice")) == "service-unavailable"
    assert [each for each in log_in("alice").settled() if each.tag == MESSAGE] == []


def test_presence_is_hidden_and_shown_again(company: Company, log_in: LogIn) -> None:
    alice, bob, carol = log_in("alice"), log_in("bob"), log_in("carol")
    bob.settled()
    assert change(alice, "block", company.at("bob")) == ""
    bob.shown(alice.jid, "unavailable")
    alice.presence("<show>away</show>")
    carol.wait(lambda found: found.get("from") == alice.jid and len(found) > 0, "alice's new presence")
    bob.presence(to=company.at("alice"), type="probe")
    bob.shown(company.at("alice"), "unavailable")
    again = log_in("bob", "again")
    found = [each.get("from") for each in (*bob.settled(), *again.settled()) if each.get("type") is None]
    assert alice.jid not in found
    assert condition(bob.ask("get", "<ping xmlns='urn:xmpp:ping'/>", alice.jid)) == "service-unavailable"
    assert change(alice, "unblock", company.at("bob")) == ""
    assert bob.shown(alice.jid).findtext(f"{{{CLIENT}}}show") == "away"


def test_webmail_honours_it(company: Company, log_in: LogIn) -> None:
    alice, page = log_in("alice"), company.connect("bob")
    assert page.ask("watch", contacts=[company.at("alice")])["presence"][0]["status"] == "available"
    assert change(alice, "block", company.at("bob")) == ""
    assert page.event("presence", address=company.at("alice"))["status"] == "offline"
    assert page.ask("watch", contacts=[company.at("alice")])["presence"][0]["status"] == "offline"
    with pytest.raises(Refused) as refusal:
        page.ask("send", id=ids.new(now()), recipient=company.at("alice"), body="hello?")
    assert refusal.value.code == "blocked"
    page.ask("typing", contact=company.at("alice"), active=True)
    assert [each for each in alice.settled() if each.tag == MESSAGE] == []
    assert change(alice, "unblock", company.at("bob")) == ""
    assert page.event("presence", address=company.at("alice"))["status"] == "available"
    page.ask("send", id=ids.new(now()), recipient=company.at("alice"), body="hello!")
    alice.body("hello!")


def test_only_colleagues_can_be_blocked_and_only_for_oneself(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    assert change(alice, "block") == "bad-request"
    assert change(alice, "block", "eve@other.example") == "item-not-found"
    assert change(alice, "block", company.domain) == "item-not-found"
    assert change(alice, "block", company.at("alice")) == "item-not-found"
    assert blocked(alice) == []
    for kind, content in (
        ("get", f"<blocklist xmlns='{BLOCKING}'/>"),
        ("set", f"<block xmlns='{BLOCKING}'><item jid='{company.at('carol')}'/></block>"),
        ("set", f"<unblock xmlns='{BLOCKING}'/>"),
    ):
        assert condition(alice.ask(kind, content, company.at("bob"))) == "forbidden"
