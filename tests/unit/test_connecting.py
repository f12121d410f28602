from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chat import connecting, directory, statuses, watching
from chat.errors import SessionExpired, TooManyConnections
from chat.presence import GRACE, LIFETIME, MAX_CONNECTIONS, Connection, Status
from chat.tables.connections import Watcher
from tests.unit.world import HOUR, NOW, SECOND, World


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob")
    return world


def close(world: World, local: str, connection_id: str, *, goodbye: bool = False, now: int = NOW) -> None:
    connecting.close_web(world.tables, world.pusher, world.address(local), connection_id, goodbye, now)


def test_a_new_connection_is_available(office: World) -> None:
    office.web("alice", "page")
    assert office.connections("alice")["web:page"].status is Status.AVAILABLE


def test_a_new_connection_has_the_status_chosen_last(office: World) -> None:
    statuses.choose(office.tables, office.pusher, office.web("alice", "page"), Status.BUSY, NOW)
    close(office, "alice", "page", goodbye=True)
    office.web("alice", "page2")
    assert office.connections("alice")["web:page2"].status is Status.BUSY


def test_a_connection_expires_when_api_gateway_must_have_closed_it(office: World) -> None:
    office.web("alice", "page")
    assert office.connections("alice")["web:page"].expires == NOW // SECOND + LIFETIME


def test_the_item_lives_as_long_as_its_longest_connection(office: World) -> None:
    office.xmpp("alice", lifetime=9 * HOUR)
    office.web("alice", "page")
    item = office.tables.connections.of(office.address("alice")) or {}
    assert item["expires_at"] == (NOW + 9 * HOUR) // SECOND


def test_a_connection_that_says_goodbye_is_gone_at_once(office: World) -> None:
    office.web("alice", "page")
    close(office, "alice", "page", goodbye=True)
    assert office.connections("alice") == {}
    assert office.grace.scheduled == []


def test_a_lost_connection_counts_during_its_grace_period(office: World) -> None:
    office.web("alice", "page")
    close(office, "alice", "page")
    assert office.presence("alice") is Status.AVAILABLE
    assert office.grace.scheduled == [(office.address("alice"), "web:page")]


def test_a_lost_connection_is_removed_after_its_grace_period(office: World) -> None:
    office.web("alice", "page")
    close(office, "alice", "page")
    connecting.remove_lost(office.tables, office.address("alice"), "web:page", NOW + GRACE)
    assert office.connections("alice") == {}


def test_the_end_of_a_grace_period_leaves_a_connection_that_is_not_lost(office: World) -> None:
    office.web("alice", "page")
    connecting.remove_lost(office.tables, office.address("alice"), "web:page", NOW + GRACE)
    assert "web:page" in office.connections("alice")


def test_the_end_of_a_grace_period_that_comes_twice_does_nothing(office: World) -> None:
    office.web("alice", "page")
    close(office, "alice", "page")
    for _ in range(2):
        connecting.remove_lost(office.tables, office.address("alice"), "web:page", NOW + GRACE)
    assert office.connections("alice") == {}


def test_closing_what_was_closed_changes_nothing_more(office: World) -> None:
    office.web("alice", "page")
    close(office, "alice", "page")
    lost = office.connections("alice")
    close(office, "alice", "page", now=NOW + 5_000)
    assert office.connections("alice") == lost


def test_who_reconnects_takes_the_place_of_the_lost_connection(office: World) -> None:
    office.web("alice", "page")
    close(office, "alice", "page")
    office.web("alice", "page2")
    assert list(office.connections("alice")) == ["web:page2"]


def test_who_reconnects_leaves_the_own_other_connections(office: World) -> None:
    office.web("alice", "page")
    office.web("alice", "other")
    office.xmpp("alice", "node", "phone")
    close(office, "alice", "page")
    office.web("alice", "page2")
    assert set(office.connections("alice")) == {"web:other", "xmpp:node:phone", "web:page2"}


def test_a_lost_xmpp_resource_is_not_replaced_by_webmail(office: World) -> None:
    office.xmpp("alice", "node", "phone")
    office.tables.connections.lose(office.address("alice"), "xmpp:node:phone", NOW)
    office.web("alice", "page")
    assert "xmpp:node:phone" in office.connections("alice")


def test_a_replaced_connection_watches_nobody_any_more(office: World) -> None:
    watching.watch(office.tables, office.web("alice", "page"), office.addresses("bob"), NOW)
    close(office, "alice", "page")
    office.web("alice", "page2")
    assert office.tables.connections.watchers(office.domain, "bob", NOW) == []


def test_a_lost_connection_watches_until_its_grace_period_is_over(office: World) -> None:
    watching.watch(office.tables, office.web("alice", "page"), office.addresses("bob"), NOW)
    close(office, "alice", "page")
    connections = office.tables.connections
    assert connections.watchers(office.domain, "bob", NOW) == [Watcher("web:page", office.address("alice"))]
    connecting.remove_lost(office.tables, office.address("alice"), "web:page", NOW + GRACE)
    assert connections.watchers(office.domain, "bob", NOW) == []


def test_who_reconnects_while_away_by_itself_stays_so(office: World) -> None:
    page = office.web("alice", "page")
    statuses.idle(office.tables, page, True, NOW)
    close(office, "alice", "page")
    office.web("alice", "page2")
    assert (office.connections("alice")["web:page2"].status, office.connections("alice")["web:page2"].idle) == (
        Status.AWAY,
        True,
    )


def test_who_renews_a_connection_while_away_by_itself_stays_so(office: World) -> None:
    statuses.idle(office.tables, office.web("alice", "page"), True, NOW)
    office.web("alice", "page2")
    assert office.presence("alice") is Status.AWAY


def test_who_opens_a_connection_beside_an_active_one_is_available(office: World) -> None:
    statuses.idle(office.tables, office.web("alice", "page"), True, NOW)
    statuses.idle(office.tables, office.web("alice", "other"), False, NOW)
    office.web("alice", "page2")
    assert office.connections("alice")["web:page2"].status is Status.AVAILABLE


def test_who_reconnects_after_one_of_two_lost_was_active_is_available(office: World) -> None:
    pages = [office.web("alice", name) for name in ("page", "other")]
    statuses.idle(office.tables, pages[0], True, NOW)
    for name in ("page", "other"):
        close(office, "alice", name)
    office.web("alice", "page2")
    assert office.presence("alice") is Status.AVAILABLE


def test_a_connection_whose_end_nobody_reported_goes_when_the_next_one_opens(office: World) -> None:
    office.web("alice", "page", NOW)
    office.web("alice", "page2", NOW + LIFETIME * SECOND)
    assert list(office.connections("alice")) == ["web:page2"]


def test_a_user_may_have_fifty_connections() -> None:
    assert MAX_CONNECTIONS == 50


@pytest.fixture
def two_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "MAX_CONNECTIONS", 2)


@pytest.mark.usefixtures("two_at_most")
def test_one_connection_too_many_is_refused(office: World) -> None:
    for number in range(2):
        office.xmpp("alice", "node", f"r{number}")
    with pytest.raises(TooManyConnections, match="has 2 connections, allowed are 2"):
        office.web("alice", "page")


@pytest.mark.usefixtures("two_at_most")
def test_who_has_all_connections_can_replace_a_lost_one(office: World) -> None:
    office.xmpp("alice", "node", "phone")
    office.web("alice", "page")
    close(office, "alice", "page")
    office.web("alice", "page2")
    assert set(office.connections("alice")) == {"xmpp:node:phone", "web:page2"}


@pytest.mark.parametrize("gone", ["disabled", "removed", "unknown"])
def test_a_ticket_of_somebody_who_was_shut_out_meanwhile_opens_no_connection(office: World, gone: str) -> None:
    if gone == "disabled":
        directory.disable_user(office.tables, office.address("alice"), True, NOW)
    if gone == "removed":
        directory.remove_user(office.tables, office.address("alice"), NOW)
    with pytest.raises(SessionExpired):
        office.web("carol" if gone == "unknown" else "alice")


def test_a_connection_that_opens_costs_one_write_between_two_reads(office: World) -> None:
    office.client.calls.clear()
    office.web("alice", "page")
    assert office.client.operations() == ["batch_get_item", "update_item", "batch_get_item"]


def while_it_opens(office: World, change: Callable[[], object]) -> None:
    """Let something happen between the first look and the write of the next connection."""

    def before(operation: str, _request: dict[str, Any]) -> None:
        if operation == "update_item":
            office.client.before = lambda *_: None
            change()

    office.client.before = before


def test_a_status_chosen_while_it_opens_holds_for_it(office: World) -> None:
    other = office.web("alice", "other")
    while_it_opens(office, lambda: statuses.choose(office.tables, office.pusher, other, Status.OFFLINE, NOW))
    office.web("alice", "page")
    assert {each.status for each in office.connections("alice").values()} == {Status.OFFLINE}


def test_a_user_who_is_disabled_while_it_opens_is_not_let_in(office: World) -> None:
    while_it_opens(office, lambda: directory.disable_user(office.tables, office.address("alice"), True, NOW))
    with pytest.raises(SessionExpired):
        office.web("alice", "page")
    assert office.connections("alice") == {}


def test_a_grace_period_is_counted_from_when_the_connection_was_lost(office: World) -> None:
    office.web("alice", "page")
    close(office, "alice", "page", now=NOW + 9_000)
    connecting.remove_lost(office.tables, office.address("alice"), "web:page", NOW + 10_000)
    assert office.connections("alice") != {}, "the message of an earlier loss removes nothing"
    connecting.remove_lost(office.tables, office.address("alice"), "web:page", NOW + 19_000)
    assert office.connections("alice") == {}


def test_what_a_removed_connection_watched_goes_even_where_the_connection_went_before(office: World) -> None:
    office.tables.connections.watch(office.address("alice"), "web:page", ["bob"], NOW // 1000 + 60)
    connecting.remove_lost(office.tables, office.address("alice"), "web:page", NOW)
    assert office.tables.connections.watchers(office.domain, "bob", NOW) == []


def test_a_node_may_have_two_links_while_it_renews(office: World) -> None:
    node = office.domain
    connecting.open_link(office.tables, node, "first", NOW)
    connecting.open_link(office.tables, node, "second", NOW + 1)
    assert office.tables.connections.links(node, NOW) == ["second", "first"]
    connecting.close_link(office.tables, office.pusher, node, "first", NOW)
    assert office.tables.connections.links(node, NOW) == ["second"]


def test_a_link_ends_when_api_gateway_must_have_closed_it(office: World) -> None:
    connecting.open_link(office.tables, office.domain, "link", NOW)
    assert office.tables.connections.links(office.domain, NOW + LIFETIME * SECOND) == []


def test_what_is_returned_is_what_was_registered(office: World) -> None:
    opened = connecting.open_web(office.tables, office.address("alice"), "page", NOW)
    assert opened == Connection("web:page", Status.AVAILABLE, NOW, NOW // SECOND + LIFETIME)
    assert office.connections("alice") == {"web:page": opened}
