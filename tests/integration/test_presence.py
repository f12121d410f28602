"""Presence: the status menu, several connections, lost connections, and silence where nothing changed."""

from __future__ import annotations

import pytest

from chat import ids
from chat.presence import LIFETIME, Connection, Status, connections_in
from chat.tables import Tables
from chatctl.client import ChatConnection
from tests.company import Company, heard, now, until


def barrier(company: Company, watcher: ChatConnection, marker: ChatConnection, local: str) -> list[str]:
    """The presence events about others that came before a change of ``local`` which is made now."""
    company_marker = company.at(local)
    marker.ask("presence", status="busy")
    watcher.event("presence", address=company_marker, status="busy")
    return [event["status"] for event in watcher.events if event["address"] != company_marker]


@pytest.mark.parametrize("status", ["away", "busy", "offline"])
def test_a_chosen_status_is_seen_by_who_watches(company: Company, status: str) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    assert alice.ask("watch", contacts=[company.at("bob")])["presence"][0]["status"] == "available"
    bob.ask("presence", status=status)
    assert alice.event("presence", address=company.at("bob"))["status"] == status
    bob.ask("presence", status="available")
    assert alice.event("presence", address=company.at("bob"))["status"] == "available"


def test_who_is_not_watched_is_not_heard_of(company: Company) -> None:
    alice, bob, carol = (company.connect(name) for name in ("alice", "bob", "carol"))
    alice.ask("watch", contacts=[company.at("carol")])
    bob.ask("presence", status="away")
    assert barrier(company, alice, carol, "carol") == []


def test_watching_others_ends_the_watch_before(company: Company) -> None:
    alice, bob, carol = (company.connect(name) for name in ("alice", "bob", "carol"))
    alice.ask("watch", contacts=[company.at("bob")])
    alice.ask("watch", contacts=[company.at("carol")])
    bob.ask("presence", status="away")
    assert barrier(company, alice, carol, "carol") == []


def test_the_best_of_several_connections_counts(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    other_tab = company.connect("bob")
    alice.ask("watch", contacts=[company.at("bob"), company.at("carol")])
    bob.ask("presence", status="away", automatic=True)
    carol = company.connect("carol")
    alice.event("presence", address=company.at("carol"), status="available")
    assert list(alice.events) == [], "the other tab is still available"
    other_tab.ask("presence", status="away", automatic=True)
    assert alice.event("presence", address=company.at("bob"))["status"] == "away"
    bob.ask("presence", status="available", automatic=True)
    assert alice.event("presence", address=company.at("bob"))["status"] == "available"
    carol.close()


def test_an_xmpp_resource_that_is_busy_makes_the_user_busy(company: Company, tables: Tables) -> None:
    alice, _bob = company.connect("alice"), company.connect("bob")
    alice.ask("watch", contacts=[company.at("bob")])
    phone = Connection("xmpp:node1:phone", Status.BUSY, now(), now() // 1000 + 600)
    tables.connections.open(company.address("bob"), phone, now(), now() // 1000 + LIFETIME)
    assert alice.event("presence", address=company.at("bob"))["status"] == "busy"
    tables.connections.remove(company.address("bob"), [phone.ref], now())
    assert alice.event("presence", address=company.at("bob"))["status"] == "available"


def test_becoming_away_by_itself_is_never_over_a_chosen_status(company: Company) -> None:
    bob = company.connect("bob")
    bob.ask("presence", status="busy")
    assert bob.ask("presence", status="away", automatic=True)["status"] == "busy"
    bob.ask("presence", status="available")
    assert bob.ask("presence", status="away", automatic=True)["status"] == "away"
    assert bob.ask("presence", status="available", automatic=True)["status"] == "available"


def test_the_choice_reaches_the_users_other_tabs(company: Company) -> None:
    bob, other_tab = company.connect("bob"), company.connect("bob")
    bob.ask("presence", status="busy")
    other_tab.event("presence", address=company.at("bob"), chosen="busy")


def test_choosing_the_same_status_again_is_not_announced(company: Company) -> None:
    alice, bob, carol = (company.connect(name) for name in ("alice", "bob", "carol"))
    alice.ask("watch", contacts=[company.at("bob"), company.at("carol")])
    bob.ask("presence", status="available")
    company.connect("bob")
    assert barrier(company, alice, carol, "carol") == []


def test_a_goodbye_is_announced_at_once(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    alice.ask("watch", contacts=[company.at("bob")])
    bob.close()
    assert alice.event("presence", address=company.at("bob"), patience=8)["status"] == "offline"


def test_a_tab_closed_without_a_goodbye_is_announced_after_the_grace_period(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    alice.ask("watch", contacts=[company.at("bob")])
    bob.drop()
    lost = now()
    assert alice.event("presence", address=company.at("bob"), patience=40)["status"] == "offline"
    assert now() - lost >= 9_000, "it had the grace period to come back"


def test_a_connection_lost_and_found_again_is_not_announced(company: Company, tables: Tables) -> None:
    alice, bob, carol = (company.connect(name) for name in ("alice", "bob", "carol"))
    alice.ask("watch", contacts=[company.at("bob"), company.at("carol")])
    bob.drop()
    company.connect("bob")
    until(lambda: len(connections_in(tables.connections.of(company.address("bob")))) == 1)
    assert barrier(company, alice, carol, "carol") == []


def test_a_renewal_with_overlap_is_not_announced(company: Company) -> None:
    alice, bob, carol = (company.connect(name) for name in ("alice", "bob", "carol"))
    alice.ask("watch", contacts=[company.at("bob"), company.at("carol")])
    company.connect("bob")
    bob.close()
    assert barrier(company, alice, carol, "carol") == []


def test_idling_survives_a_reconnect(company: Company, tables: Tables) -> None:
    alice, bob, carol = (company.connect(name) for name in ("alice", "bob", "carol"))
    bob.ask("presence", status="away", automatic=True)
    alice.ask("watch", contacts=[company.at("bob"), company.at("carol")])
    bob.drop()
    until(lambda: connections_in(tables.connections.of(company.address("bob")))[0].leaving)
    company.connect("bob")
    assert barrier(company, alice, carol, "carol") == []


def test_a_stale_connection_that_a_push_finds_gone_is_removed_and_announced(company: Company, tables: Tables) -> None:
    alice, address = company.connect("alice"), company.address("bob")
    stale = Connection("web:longgone", Status.AVAILABLE, now() - 60_000, now() // 1000 + 600)
    tables.connections.open(address, stale, now(), stale.expires)
    alice.ask("watch", contacts=[company.at("bob")])
    sent = alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="are you there?")
    assert sent["reached"] == 0
    alice.event("presence", address=company.at("bob"), status="offline", patience=40)
    assert connections_in(tables.connections.of(address)) == []


def test_a_connection_that_is_still_opening_survives_a_push(company: Company, tables: Tables) -> None:
    alice, address = company.connect("alice"), company.address("bob")
    opening = Connection("web:opening", Status.AVAILABLE, now(), now() // 1000 + 600)
    tables.connections.open(address, opening, now(), opening.expires)
    alice.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="welcome")
    assert connections_in(tables.connections.of(address)) == [opening]


def test_the_chosen_status_survives_logout_and_login(company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    bob.ask("presence", status="busy")
    alice.ask("watch", contacts=[company.at("bob")])
    bob.close()
    alice.event("presence", address=company.at("bob"), status="offline")
    company.connect("bob")
    assert alice.event("presence", address=company.at("bob"))["status"] == "busy"


def test_the_directory_event_tells_that_contacts_changed(company: Company) -> None:
    alice = company.connect("alice")
    version = alice.ask("contacts")["version"]
    alice.ask("watch", contacts=[company.at("bob")])
    company.add("dora")
    alice.event("directory", domain=company.domain)
    listed = alice.ask("contacts", version=version)
    assert company.at("dora") in [contact["address"] for contact in listed["contacts"]]
    assert alice.ask("contacts", version=listed["version"])["unchanged"]
    assert heard(alice) == []
