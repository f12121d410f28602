from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chat import connecting, directory
from chat.addresses import Address
from chat.errors import BadField, SessionExpired, TooManyConnections
from chat.presence import LIFETIME, MAX_RESOURCE, XMPP_LIFETIME, Connection, Status, blocked_in
from chat.tables.connections import revision_of
from tests.unit.world import HOUR, MINUTE, NOW, SECOND, World


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob")
    return world


@pytest.fixture
def node(office: World) -> str:
    """A node of the test alone."""
    return office.domain


def bind(
    world: World,
    local: str,
    resource: str = "phone",
    status: Status = Status.AVAILABLE,
    *,
    priority: int = 0,
    payload: str = "",
    blocked: frozenset[str] = frozenset(),
    now: int = NOW,
    new: bool = True,
) -> int:
    """Have the node register a resource, or change it."""
    address = world.address(local)
    return connecting.open_xmpp(
        world.tables, world.domain, address, resource, status, priority, payload, blocked, now, new
    )


def close(world: World, local: str, *resources: str) -> None:
    connecting.close_xmpp(world.tables, world.domain, world.address(local), list(resources), NOW)


def sessions(world: World) -> list[tuple[str, str]]:
    return sorted((address.local, resource) for address, resource in world.tables.connections.sessions(world.domain))


def test_a_resource_is_a_connection_and_a_session_of_its_node(office: World, node: str) -> None:
    bind(office, "alice", "my/phone", Status.AWAY, priority=-5, payload="<status>out</status>")
    ref, expires = f"xmpp:{node}:my/phone", NOW // SECOND + XMPP_LIFETIME
    opened = Connection(ref, Status.AWAY, NOW, expires, priority=-5, payload="<status>out</status>")
    assert office.connections("alice") == {ref: opened}
    assert sessions(office) == [("alice", "my/phone")]


def test_opening_returns_the_revision_that_the_presence_has_now(office: World) -> None:
    assert [bind(office, "alice"), bind(office, "alice", new=False)] == [NOW + 1, NOW + 2]
    assert revision_of(office.tables.connections.of(office.address("alice"))) == NOW + 2


def test_a_new_resource_costs_two_writes_and_a_change_one(office: World) -> None:
    for new, operations in ((True, ["put_item", "update_item"]), (False, ["update_item"])):
        office.client.calls.clear()
        bind(office, "alice", new=new)
        assert office.client.operations() == operations


def test_a_later_presence_replaces_the_one_before(office: World, node: str) -> None:
    bind(office, "alice", status=Status.BUSY, priority=7, payload="<status>busy</status>")
    bind(office, "alice", status=Status.AVAILABLE, new=False)
    changed = office.connections("alice")[f"xmpp:{node}:phone"]
    assert (changed.status, changed.priority, changed.payload) == (Status.AVAILABLE, 0, "")


def test_renewing_lets_a_resource_live_on(office: World, node: str) -> None:
    bind(office, "alice")
    bind(office, "alice", now=NOW + HOUR, new=False)
    item = office.tables.connections.of(office.address("alice")) or {}
    assert office.connections("alice")[f"xmpp:{node}:phone"].expires == item["expires_at"]
    assert item["expires_at"] == (NOW + HOUR) // SECOND + XMPP_LIFETIME


def test_a_session_row_outlives_what_is_renewed(office: World, node: str) -> None:
    bind(office, "alice")
    [row] = office.tables.store.query_all("connections", f"NODE/{node}", low="SESSION/", high="SESSION0")
    assert row["expires_at"] > NOW // SECOND + 100 * XMPP_LIFETIME


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"resource": ""}, "resource has 0 bytes, allowed are 1 to 512"),
        ({"resource": "é" * 257}, "resource has 514 bytes, allowed are 1 to 512"),
        ({"resource": "webmail"}, "the resource webmail stands for the user's webmail"),
        ({"priority": 128}, "priority is 128, allowed are -128 to 127"),
        ({"priority": -129}, "priority is -129, allowed are -128 to 127"),
        ({"payload": "x" * 1025}, "presence has 1025 characters, allowed are 1024"),
    ],
)
def test_a_presence_beyond_its_limits_is_refused(office: World, wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(BadField, match=says):
        bind(office, "alice", **wrong)
    assert (office.connections("alice"), sessions(office)) == ({}, [])


def test_the_longest_address_and_resource_fit_into_a_sort_key(office: World) -> None:
    longest = Address("a" * 64, f"{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 61}")
    key = f"SESSION/{longest}/{'x' * MAX_RESOURCE}"
    assert len(key) <= 1024
    office.tables.connections.add_session(office.domain, longest, "x" * MAX_RESOURCE, NOW)
    assert office.tables.connections.sessions(office.domain) == [(longest, "x" * MAX_RESOURCE)]


def test_what_is_blocked_is_known_while_a_resource_is_there(office: World) -> None:
    bind(office, "alice", blocked=frozenset({"bob"}))
    assert blocked_in(office.tables.connections.of(office.address("alice"))) == {"bob"}
    close(office, "alice", "phone")
    assert blocked_in(office.tables.connections.of(office.address("alice"))) == frozenset()


def test_what_was_blocked_meanwhile_holds_against_a_node_that_knows_less(office: World) -> None:
    bind(office, "alice", blocked=frozenset({"carol"}))
    office.block("alice", "bob", "carol")
    bind(office, "alice", "tablet", blocked=frozenset({"carol"}))
    bind(office, "alice", blocked=frozenset({"carol"}), new=False)
    assert blocked_in(office.tables.connections.of(office.address("alice"))) == {"bob", "carol"}


def test_a_resource_that_went_with_its_node_is_registered_again(office: World, node: str) -> None:
    bind(office, "alice")
    connecting.remove_node(office.tables, node, NOW)
    assert office.connections("alice") == {}
    bind(office, "alice", status=Status.AWAY, new=False)
    assert (office.presence("alice"), sessions(office)) == (Status.AWAY, [("alice", "phone")])


@pytest.mark.parametrize("gone", ["disabled", "removed"])
def test_a_resource_of_somebody_who_was_shut_out_does_not_come_back(office: World, gone: str) -> None:
    bind(office, "alice")
    if gone == "disabled":
        directory.disable_user(office.tables, office.address("alice"), True, NOW)
    else:
        directory.remove_user(office.tables, office.address("alice"), NOW)
    with pytest.raises(SessionExpired):
        bind(office, "alice", new=False)
    assert office.connections("alice") == {}


@pytest.fixture
def two_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "MAX_CONNECTIONS", 2)


@pytest.mark.usefixtures("two_at_most")
def test_one_resource_too_many_is_refused_and_leaves_nothing(office: World, node: str) -> None:
    office.web("alice", "page")
    bind(office, "alice")
    with pytest.raises(TooManyConnections, match="has 2 connections, allowed are 2"):
        bind(office, "alice", "tablet")
    assert set(office.connections("alice")) == {"web:page", f"xmpp:{node}:phone"}
    assert sessions(office) == [("alice", "phone")]


@pytest.mark.usefixtures("two_at_most")
def test_expired_connections_do_not_count(office: World) -> None:
    for number in range(2):
        office.xmpp("alice", "dead-node", f"r{number}", now=NOW - HOUR, lifetime=HOUR)
    assert bind(office, "alice")


@pytest.mark.usefixtures("two_at_most")
def test_a_resource_that_is_there_is_changed_however_many_there_are(office: World) -> None:
    bind(office, "alice")
    for number in range(2):
        office.xmpp("alice", "another", f"r{number}")
    assert bind(office, "alice", new=False)


def test_closed_resources_are_gone_at_once_with_their_sessions(office: World, node: str) -> None:
    for resource in ("phone", "tablet", "desk"):
        bind(office, "alice", resource)
    close(office, "alice", "phone", "tablet", "never")
    assert (list(office.connections("alice")), sessions(office)) == ([f"xmpp:{node}:desk"], [("alice", "desk")])


# ---- links ----


def lose_link(world: World, connection_id: str, now: int = NOW) -> None:
    connecting.close_link(world.tables, world.pusher, world.domain, connection_id, now)


def test_a_node_without_its_last_link_has_its_grace_period(office: World, node: str) -> None:
    connecting.open_link(office.tables, node, "link", NOW)
    lose_link(office, "link")
    assert office.grace.nodes == [node]


def test_a_node_that_has_another_link_has_lost_nothing(office: World, node: str) -> None:
    for link in ("link", "renewed"):
        connecting.open_link(office.tables, node, link, NOW)
    lose_link(office, "link")
    assert office.grace.nodes == []


def test_an_expired_link_does_not_keep_a_node(office: World, node: str) -> None:
    connecting.open_link(office.tables, node, "forgotten", NOW - LIFETIME * SECOND)
    connecting.open_link(office.tables, node, "link", NOW)
    lose_link(office, "link")
    assert office.grace.nodes == [node]


@pytest.fixture
def dead(office: World, node: str) -> str:
    """A node without links: of Alice's three connections two are on it, and Bob's only one; it watches the domain."""
    office.web("alice", "page")
    for local, resource in (("alice", "phone"), ("alice", "tablet"), ("bob", "phone")):
        bind(office, local, resource)
    office.tables.connections.watch_all(office.domain, node, (NOW + HOUR) // SECOND)
    connecting.open_link(office.tables, node, "forgotten", NOW - LIFETIME * SECOND)
    return node


def rows(world: World, node: str) -> list[str]:
    return [row["sk"] for row in world.tables.store.query_all("connections", f"NODE/{node}")]


def test_a_dead_node_leaves_nothing(office: World, dead: str) -> None:
    connecting.remove_node(office.tables, dead, NOW)
    assert (set(office.connections("alice")), office.connections("bob")) == ({"web:page"}, {})
    assert (rows(office, dead), office.tables.connections.watchers(office.domain, None, NOW)) == ([], [])


def test_what_is_on_other_nodes_stays_when_one_dies(office: World, dead: str) -> None:
    office.xmpp("bob", "living", "phone")
    office.tables.connections.watch_all(office.domain, "living", (NOW + HOUR) // SECOND)
    connecting.remove_node(office.tables, dead, NOW)
    assert list(office.connections("bob")) == ["xmpp:living:phone"]
    assert len(office.tables.connections.watchers(office.domain, None, NOW)) == 1


def test_a_node_that_has_a_link_again_keeps_everything(office: World, dead: str) -> None:
    connecting.open_link(office.tables, dead, "renewed", NOW)
    before = rows(office, dead)
    connecting.remove_node(office.tables, dead, NOW)
    assert (rows(office, dead), len(office.connections("alice"))) == (before, 3)


def test_removing_a_node_twice_does_nothing_more(office: World, dead: str) -> None:
    connecting.remove_node(office.tables, dead, NOW)
    item = office.tables.connections.of(office.address("alice"))
    connecting.remove_node(office.tables, dead, NOW + MINUTE)
    assert office.tables.connections.of(office.address("alice")) == item


def at_first(world: World, operation: str, change: Callable[[], object]) -> None:
    """Let something happen ahead of the next operation of a kind."""

    def before(name: str, _request: dict[str, Any]) -> None:
        if name == operation:
            world.client.before = lambda *_: None
            change()

    world.client.before = before


def fail() -> None:
    raise ConnectionError("the store is away")


def test_what_one_try_leaves_the_next_one_removes(office: World, dead: str) -> None:
    at_first(office, "update_item", fail)
    with pytest.raises(ConnectionError):
        connecting.remove_node(office.tables, dead, NOW)
    assert sessions(office) != []
    connecting.remove_node(office.tables, dead, NOW)
    assert (rows(office, dead), office.connections("bob")) == ([], {})


def test_a_node_that_is_back_while_it_is_removed_keeps_all_the_rest(
    office: World, dead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its users are removed one after the other here, and it is back when the first one is gone."""
    monkeypatch.setattr(office.tables.store, "together", lambda *calls: [call() for call in calls])
    at_first(office, "batch_write_item", lambda: connecting.open_link(office.tables, dead, "renewed", NOW))
    connecting.remove_node(office.tables, dead, NOW)
    assert (list(office.connections("alice")), len(office.connections("bob"))) == (["web:page"], 1)
    assert sessions(office) == [("bob", "phone")]
    assert office.tables.connections.domains_watched(dead) == [office.domain]


def test_a_node_that_was_back_for_a_while_is_removed_whole_the_next_time(office: World, dead: str) -> None:
    at_first(office, "update_item", lambda: connecting.open_link(office.tables, dead, "renewed", NOW))
    connecting.remove_node(office.tables, dead, NOW)
    assert rows(office, dead) != []
    lose_link(office, "renewed")
    connecting.remove_node(office.tables, dead, NOW)
    assert (rows(office, dead), set(office.connections("alice")), office.connections("bob")) == ([], {"web:page"}, {})


def test_a_link_that_is_opened_while_its_node_is_removed_stays(office: World, dead: str) -> None:
    at_first(office, "update_item", lambda: connecting.open_link(office.tables, dead, "renewed", NOW))
    connecting.remove_node(office.tables, dead, NOW)
    assert office.tables.connections.links(dead, NOW) == ["renewed"]
