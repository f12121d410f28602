"""Offline in webmail: logged out of chat there, and only there."""

from __future__ import annotations

import pytest

from chat import ids
from chat.presence import LIFETIME, Connection, Status, connections_in
from chat.tables import Tables
from chatctl.client import Refused
from tests.company import Company, heard, now


def test_webmail_that_is_offline_receives_nothing(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    bob.ask("watch", contacts=[company.at("alice")])
    bob.ask("presence", status="offline")
    alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="hello")
    alice.ask("typing", contact=company.at("bob"), active=True)
    alice.ask("presence", status="busy")
    carol = company.connect("carol")
    carol.ask("watch", contacts=[company.at("alice")])
    alice.ask("presence", status="available")
    carol.event("presence", address=company.at("alice"), status="available")
    assert heard(bob) == []


def test_webmail_that_is_offline_sees_everybody_offline(company: Company) -> None:
    company.connect("alice")
    bob = company.connect("bob")
    bob.ask("presence", status="offline")
    seen = bob.ask("watch", contacts=[company.at("alice"), company.at("carol")])["presence"]
    assert [each["status"] for each in seen] == ["offline", "offline"]


def test_webmail_that_is_offline_reads_history(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    bob.ask("presence", status="offline")
    alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="for later")
    assert [each["body"] for each in bob.ask("history", contact=company.at("alice"))["messages"]] == ["for later"]
    assert bob.ask("conversations", contact=company.at("alice"))["conversations"][0]["count"] == 1


@pytest.mark.parametrize("action", ["send", "typing", "sync"])
def test_webmail_that_is_offline_may_not(company: Company, action: str) -> None:
    bob = company.connect("bob")
    bob.ask("presence", status="offline")
    fields = {
        "send": {"id": ids.new(now()), "recipient": company.at("alice"), "body": "no"},
        "typing": {"contact": company.at("alice"), "active": True},
        "sync": {},
    }
    with pytest.raises(Refused) as refused:
        bob.ask(action, **fields[action])  # type: ignore[arg-type]
    assert refused.value.code == "offline"


def test_back_to_available_it_gets_what_it_missed(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    since = bob.ask("sync")["until"]
    bob.ask("presence", status="offline")
    for body in ("one", "two"):
        alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body=body)
    bob.ask("presence", status="available")
    step = bob.ask("sync", since=since)
    assert step["threads"][0]["unread"] == 2
    assert [each["body"] for each in bob.ask("sync", since=since, cursor=step["cursor"])["messages"]] == ["one", "two"]
    alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="three")
    assert bob.event("message")["message"]["body"] == "three"


def test_offline_covers_all_of_the_users_webmail_and_lasts(company: Company) -> None:
    bob, other_tab = company.connect("bob"), company.connect("bob")
    bob.ask("presence", status="offline")
    with pytest.raises(Refused, match="offline"):
        other_tab.ask("send", id=ids.new(now()), recipient=company.at("alice"), body="no")
    later = company.connect("bob")
    with pytest.raises(Refused, match="offline"):
        later.ask("sync")


def test_an_xmpp_client_of_the_same_user_is_untouched(company: Company, tables: Tables) -> None:
    bob = company.connect("bob")
    phone = Connection("xmpp:node1:phone", Status.AVAILABLE, now(), now() // 1000 + 600)
    tables.connections.open(company.address("bob"), phone, now(), now() // 1000 + LIFETIME)
    alice = company.connect("alice")
    alice.ask("watch", contacts=[company.at("bob"), company.at("carol")])
    bob.ask("presence", status="offline")
    company.connect("carol")
    alice.event("presence", address=company.at("carol"), status="available")
    assert list(alice.events) == [], "bob's phone keeps him available"
    assert phone in connections_in(tables.connections.of(company.address("bob")))
