from __future__ import annotations

import pytest

from chat.tables.connections import ConnectionsTable, Watcher
from tests.unit.world import HOUR, NOW, SECOND, World

LATER = (NOW + HOUR) // SECOND


@pytest.fixture
def table(world: World) -> ConnectionsTable:
    return world.tables.connections


@pytest.fixture
def node(world: World) -> str:
    """A node of the test alone."""
    return world.domain


def test_sessions_of_a_node_are_known_by_address_and_resource(table: ConnectionsTable, world: World, node: str) -> None:
    wanted = [(world.address("alice"), "phone"), (world.address("alice"), "a/b//é"), (world.address("bob"), "phone")]
    for address, resource in wanted:
        table.add_session(node, address, resource, LATER)
    table.add_session(f"other.{node}", world.address("carol"), "phone", LATER)
    assert sorted(table.sessions(node)) == sorted(wanted)


def test_sessions_that_end_are_forgotten(table: ConnectionsTable, world: World, node: str) -> None:
    alice = world.address("alice")
    for resource in ("phone", "desk", "tab/let"):
        table.add_session(node, alice, resource, LATER)
    table.remove_sessions(node, [(alice, "phone"), (alice, "tab/let"), (alice, "tab/let"), (alice, "never")])
    assert table.sessions(node) == [(alice, "desk")]


def test_links_and_watched_domains_are_no_sessions(table: ConnectionsTable, node: str) -> None:
    table.add_link(node, "link", NOW, LATER)
    table.watch_all("company.example", node, LATER)
    assert table.sessions(node) == []


def test_the_domains_that_a_node_watches_are_found_by_its_name(table: ConnectionsTable, node: str) -> None:
    for domain in (f"a.{node}", f"b.{node}"):
        table.watch_all(domain, node, LATER)
    assert table.domains_watched(node) == [f"a.{node}", f"b.{node}"]
    table.unwatch_all(node, [f"a.{node}"])
    assert table.domains_watched(node) == [f"b.{node}"]
    assert table.watchers(f"a.{node}", None, NOW) == []
    assert table.watchers(f"b.{node}", None, NOW) == [Watcher(f"node:{node}", None)]


def test_nodes_that_watch_a_domain_are_found_without_the_connections_that_do(
    table: ConnectionsTable, world: World
) -> None:
    table.watch(world.address("alice"), "web:page", {"bob"}, LATER)
    for node, expires in (("one", LATER), ("two", LATER), ("dead", NOW // SECOND)):
        table.watch_all(world.domain, node, expires)
    assert table.nodes_watching(world.domain, NOW) == ["node:one", "node:two"]


@pytest.mark.parametrize(("opened", "forgotten"), [(NOW, True), (NOW + 1, False)])
def test_a_link_is_forgotten_unless_it_is_too_young(
    table: ConnectionsTable, node: str, opened: int, forgotten: bool
) -> None:
    table.add_link(node, "link", opened, LATER)
    assert table.forget_link(node, "link", NOW) is forgotten
    assert table.links(node, NOW) == ([] if forgotten else ["link"])


def test_a_link_that_is_not_there_is_not_forgotten(table: ConnectionsTable, node: str) -> None:
    assert not table.forget_link(node, "never", NOW)


def test_all_links_of_a_node_are_those_at_any_time(table: ConnectionsTable, node: str) -> None:
    table.add_link(node, "link", NOW, LATER)
    table.add_link(node, "expired", NOW - HOUR, NOW // SECOND)
    assert table.links(node, 0, consistent=True) == ["link", "expired"]
