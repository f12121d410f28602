"""Presence between XMPP clients and webmail (RFC 6121 §4)."""

from __future__ import annotations

import pytest

from bridge.names import CLIENT
from chat.tables import Tables
from tests.bridge.client import XmppClient, condition
from tests.bridge.conftest import LogIn
from tests.company import Company, until

PRESENCE = f"{{{CLIENT}}}presence"
SHOW = f"{{{CLIENT}}}show"
STATUS = f"{{{CLIENT}}}status"


def present(client: XmppClient) -> dict[str, str]:
    """Who has been shown until now, and as what: the last word about each."""
    found = {}
    for each in client.settled():
        if each.tag == PRESENCE:
            found[each.get("from") or ""] = each.get("type") or each.findtext(SHOW) or "available"
    return found


def refused(client: XmppClient, content: str = "", **attributes: str) -> str:
    client.presence(content, **attributes)
    return condition(client.expect(PRESENCE, type="error"))


def test_initial_presence_shows_everybody_who_is_there(company: Company, log_in: LogIn) -> None:
    company.add("dave")
    company.alias("sales", "bob")
    company.alias("quiet", "dave")
    page = company.connect("carol")
    page.ask("presence", status="busy")
    bob, phone = log_in("bob", "desk"), log_in("alice", "phone")
    bob.presence("<show>xa</show><status>in a meeting</status>")
    bob.shown(f"{company.at('carol')}/webmail")
    phone.shown(bob.jid)
    alice = log_in("alice", "desk")
    assert present(alice) == {
        phone.jid: "available",
        bob.jid: "xa",
        f"{company.at('carol')}/webmail": "dnd",
        f"{company.at('sales')}/members": "available",
    }
    assert phone.shown(alice.jid).get("to") == phone.jid


def test_status_text_and_extensions_are_shown_as_they_came(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    alice.shown(bob.jid)
    caps = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:client' ver='x'/>"
    bob.presence(f"<show>away</show><status>lunch &amp; walk</status><priority>5</priority>{caps}")
    got = alice.shown(bob.jid)
    assert [got.findtext(f"{{{CLIENT}}}{name}") for name in ("show", "status", "priority")] == [
        "away",
        "lunch & walk",
        "5",
    ]
    assert got.find("{http://jabber.org/protocol/caps}c") is not None


def test_webmail_sees_the_status_that_show_stands_for(company: Company, log_in: LogIn) -> None:
    page = company.connect("alice")
    page.ask("watch", contacts=[company.at("bob")])
    bob = log_in("bob")

    def seen() -> str:
        found: str = page.event("presence", address=company.at("bob"))["status"]
        return found

    assert seen() == "available"
    for show, status in (("away", "away"), ("dnd", "busy"), ("chat", "available"), ("xa", "away")):
        bob.presence(f"<show>{show}</show>")
        assert seen() == status, show
    bob.presence()
    assert seen() == "available"
    bob.presence(type="unavailable")
    assert seen() == "offline"


def test_clients_see_the_status_of_webmail_as_show(company: Company, log_in: LogIn) -> None:
    bob = log_in("bob")
    page = company.connect("alice")
    webmail = f"{company.at('alice')}/webmail"
    assert bob.shown(webmail).find(SHOW) is None
    for status, show in (("away", "away"), ("busy", "dnd"), ("available", None)):
        page.ask("presence", status=status)
        assert bob.shown(webmail).findtext(SHOW) == show
    page.ask("presence", status="offline")
    bob.shown(webmail, "unavailable")
    page.ask("presence", status="available")
    bob.shown(webmail)
    page.close()
    bob.shown(webmail, "unavailable")


def test_all_of_webmail_is_one_resource(company: Company, log_in: LogIn) -> None:
    bob = log_in("bob")
    webmail = f"{company.at('alice')}/webmail"
    first = company.connect("alice")
    bob.shown(webmail)
    second = company.connect("alice")
    first.ask("presence", status="busy")
    assert bob.shown(webmail).findtext(SHOW) == "dnd"
    first.close()
    second.ask("presence", status="away")
    assert bob.shown(webmail).findtext(SHOW) == "away", "one connection is left"


@pytest.mark.parametrize("way", ["unavailable", "close", "drop"])
def test_who_leaves_is_shown_as_unavailable(company: Company, log_in: LogIn, way: str) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    alice.shown(bob.jid)
    match way:
        case "unavailable":
            bob.presence(type="unavailable")
        case "close":
            bob.close()
        case "drop":
            bob.drop()
    assert alice.shown(bob.jid, "unavailable").get("to") == alice.jid


def test_a_client_that_has_left_leaves_no_row(company: Company, tables: Tables, log_in: LogIn) -> None:
    bob = log_in("bob")
    assert tables.connections.of_many([company.address("bob")], consistent=True)
    bob.close()
    until(lambda: company.address("bob") not in list(tables.connections.online(company.domain)))


def test_who_is_unavailable_is_shown_nothing_more(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    alice.shown(bob.jid)
    alice.presence(type="unavailable")
    alice.settled()
    bob.presence("<show>away</show>")
    bob.shown(bob.jid)
    assert present(alice) == {}
    alice.presence()
    assert alice.shown(bob.jid).findtext(SHOW) == "away"


def test_directed_presence_reaches_whom_it_names_and_ends_with_the_session(company: Company, log_in: LogIn) -> None:
    alice, desk, phone = log_in("alice", present=False), log_in("bob", "desk"), log_in("bob", "phone")
    alice.presence("<status>just for you</status>", to=desk.jid)
    assert desk.shown(alice.jid).findtext(STATUS) == "just for you"
    alice.presence(to=company.at("carol"))
    carol = log_in("carol")
    alice.presence("<status>for all of carol</status>", to=company.at("carol"))
    assert carol.shown(alice.jid).findtext(STATUS) == "for all of carol"
    assert alice.jid not in present(phone)
    alice.close()
    desk.shown(alice.jid, "unavailable")
    carol.shown(alice.jid, "unavailable")


def test_directed_presence_can_be_taken_back(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice", present=False), log_in("bob")
    alice.presence(to=bob.jid)
    bob.shown(alice.jid)
    alice.presence(to=bob.jid, type="unavailable")
    bob.shown(alice.jid, "unavailable")
    alice.close()
    carol = log_in("carol")
    bob.shown(carol.jid)
    assert alice.jid not in present(bob), "it has been told once"


def test_directed_presence_to_others_is_refused_or_lost(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    assert refused(alice, to="room@rooms.other.example/alice") == "remote-server-not-found"
    alice.presence(to=company.at("nobody"))
    alice.presence(to=company.domain)
    assert [each for each in alice.settled() if each.get("type") == "error"] == []


def test_a_probe_is_answered_by_what_is_there(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    bob.presence("<show>dnd</show>")
    bob.settled()
    alice.settled()
    alice.presence(to=company.at("bob"), type="probe")
    assert alice.shown(bob.jid).findtext(SHOW) == "dnd"
    for local in ("carol", "nobody"):
        alice.presence(to=company.at(local), type="probe")
        alice.shown(company.at(local), "unavailable")


def test_subscriptions_are_always_there(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    alice.settled()
    alice.presence(to=company.at("bob"), type="subscribe")
    alice.shown(company.at("bob"), "subscribed")
    alice.shown(bob.jid)
    alice.presence(to=company.at("bob"), type="subscribed")
    assert refused(alice, to=company.at("bob"), type="unsubscribe") == "not-allowed"
    assert refused(alice, to=company.at("nobody"), type="subscribe") == "item-not-found"
    assert refused(alice, to="eve@other.example", type="subscribe") == "remote-server-not-found"
    assert [each.get("type") for each in bob.settled() if each.get("type")] == [], "he is asked for nothing"


def test_presence_that_says_nothing_known_is_refused(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    assert refused(alice, "<show>sleeping</show>") == "bad-request"
    assert refused(alice, "<priority>128</priority>") == "bad-request"
    assert refused(alice, "<priority>high</priority>") == "bad-request"
    assert refused(alice, type="sleeping") == "bad-request"
    assert refused(alice, f"<status>{'x' * 2000}</status>") == "policy-violation"
    assert present(bob).get(alice.jid, "available") == "available"


def test_last_words_are_shown(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    bob.presence("<status>gone fishing</status>", type="unavailable")
    assert alice.shown(bob.jid, "unavailable").findtext(STATUS) == "gone fishing"
