from __future__ import annotations

import pytest

from chat.frames.events import DirectoryEvent
from chat.presence import Connection, Status
from chat.push import Pusher, Target, targets
from chat.tables.connections import Watcher
from tests.unit.world import HOUR, NOW, SECOND, World

EVENT = DirectoryEvent(domain="company.example")
FRAME = {"event": "directory", "domain": "company.example"}


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob")
    return world


@pytest.fixture
def node(office: World) -> str:
    """A node of the test alone, with a link."""
    office.tables.connections.add_link(office.domain, "link", NOW, NOW + HOUR)
    return office.domain


def deliver(world: World, *wanted: tuple[str, str], now: int = NOW) -> set[str]:
    """The local parts of those who took it."""
    aims = [Target(world.address(local), ref) for local, ref in wanted]
    return {address.local for address in world.pusher.deliver(EVENT, aims, now)}


def node_frame(world: World, *sessions: tuple[str, str]) -> dict[str, object]:
    named = [{"address": str(world.address(local)), "resource": resource} for local, resource in sessions]
    return {"event": FRAME, "sessions": named}


def test_a_webmail_connection_is_pushed_to_directly(office: World) -> None:
    assert deliver(office, ("alice", "web:page")) == {"alice"}
    assert office.channel.posts == [("page", FRAME)]


def test_nobody_is_pushed_nothing(office: World) -> None:
    assert deliver(office) == set()
    assert office.channel.posts == []


def test_who_took_it_over_one_of_two_connections_took_it(office: World) -> None:
    office.channel.deaf.add("page")
    assert deliver(office, ("alice", "web:page"), ("alice", "web:other"), ("bob", "web:page")) == {"alice"}


def test_a_node_gets_one_frame_for_all_its_sessions(office: World, node: str) -> None:
    wanted = [("alice", f"xmpp:{node}:phone"), ("bob", f"xmpp:{node}:desk:top")]
    assert deliver(office, *wanted) == {"alice", "bob"}
    assert office.channel.posts == [("link", node_frame(office, ("alice", "phone"), ("bob", "desk:top")))]


def test_several_nodes_get_a_frame_each(office: World, node: str) -> None:
    office.tables.connections.add_link(f"other.{node}", "other-link", NOW, NOW + HOUR)
    deliver(office, ("alice", f"xmpp:{node}:phone"), ("bob", f"xmpp:other.{node}:phone"))
    assert office.channel.receivers() == ["link", "other-link"]


def test_sessions_of_a_node_without_a_link_are_not_reached(office: World) -> None:
    assert deliver(office, ("alice", f"xmpp:{office.domain}:phone")) == set()


def test_links_are_looked_up_once_in_half_a_minute(office: World, node: str) -> None:
    for second in (0, 30):
        office.client.calls.clear()
        deliver(office, ("alice", f"xmpp:{node}:phone"), now=NOW + second * SECOND)
    assert office.client.calls == []


def test_links_are_looked_up_again_after_half_a_minute(office: World, node: str) -> None:
    deliver(office, ("alice", f"xmpp:{node}:phone"))
    office.client.calls.clear()
    deliver(office, ("alice", f"xmpp:{node}:phone"), now=NOW + 30 * SECOND + 1)
    assert office.client.operations() == ["query"]


def test_a_remembered_link_that_is_gone_is_looked_up_again_at_once(office: World, node: str) -> None:
    deliver(office, ("alice", f"xmpp:{node}:phone"))
    office.channel.gone.add("link")
    office.tables.connections.add_link(node, "new-link", NOW + 1, NOW + HOUR)
    assert deliver(office, ("alice", f"xmpp:{node}:phone"), now=NOW + 1) == {"alice"}
    assert office.channel.receivers() == ["link", "new-link"]


def test_of_two_links_the_newest_is_used(office: World, node: str) -> None:
    office.tables.connections.add_link(node, "newer", NOW + 1, NOW + HOUR)
    deliver(office, ("alice", f"xmpp:{node}:phone"))
    assert office.channel.receivers() == ["newer"]


@pytest.mark.parametrize("trouble", ["gone", "deaf"])
def test_a_link_that_fails_leaves_the_older_one(office: World, node: str, trouble: str) -> None:
    office.tables.connections.add_link(node, "newer", NOW + 1, NOW + HOUR)
    getattr(office.channel, trouble).add("newer")
    assert deliver(office, ("alice", f"xmpp:{node}:phone")) == {"alice"}
    assert office.channel.receivers() == ["link"]


def test_a_connection_found_gone_is_lost_and_comes_to_its_grace_period(office: World) -> None:
    office.web("alice", "page", now=NOW - 10 * SECOND)
    office.channel.gone.add("page")
    assert deliver(office, ("alice", "web:page")) == set()
    assert office.connections("alice")["web:page"].leaving == NOW
    assert office.grace.scheduled == [(office.address("alice"), "web:page")]


def test_a_connection_younger_than_ten_seconds_may_not_be_open_yet(office: World) -> None:
    office.web("alice", "page", now=NOW - 10 * SECOND + 1)
    office.channel.gone.add("page")
    deliver(office, ("alice", "web:page"))
    assert office.connections("alice")["web:page"].leaving is None


def test_a_connection_found_gone_twice_is_lost_once(office: World) -> None:
    office.web("alice", "page", now=NOW - HOUR)
    office.channel.gone.add("page")
    deliver(office, ("alice", "web:page"))
    lost = office.connections("alice")
    deliver(office, ("alice", "web:page"))
    assert office.connections("alice") == lost


def test_one_connection_that_is_gone_does_not_stop_the_others(office: World) -> None:
    office.web("alice", "page")
    office.channel.gone.add("page")
    assert deliver(office, ("alice", "web:page"), ("bob", "web:bobs")) == {"bob"}


def test_watchers_are_told_directly_and_nodes_once_for_everybody(office: World, node: str) -> None:
    watchers = [Watcher("web:page", office.address("alice")), Watcher(f"node:{node}", None)]
    assert office.pusher.announce(EVENT, watchers, NOW) == 2
    assert sorted(office.channel.posts, key=str) == [("link", node_frame(office)), ("page", FRAME)]


def test_a_watcher_found_gone_is_lost(office: World) -> None:
    office.web("alice", "page", now=NOW - HOUR)
    office.channel.gone.add("page")
    office.pusher.announce(EVENT, [Watcher("web:page", office.address("alice"))], NOW)
    assert office.connections("alice")["web:page"].leaving == NOW


def test_what_is_none_is_not_in_the_frame(office: World) -> None:
    deliver(office, ("alice", "web:page"))
    assert None not in office.channel.to("page")[0].values()


def test_links_are_remembered_per_pusher(office: World, node: str) -> None:
    deliver(office, ("alice", f"xmpp:{node}:phone"))
    another = Pusher(office.channel, office.grace, office.tables.connections)
    office.client.calls.clear()
    another.deliver(EVENT, [Target(office.address("alice"), f"xmpp:{node}:phone")], NOW)
    assert office.client.operations() == ["query"]


def test_targets_are_the_connections_that_receive_but_the_one_named(office: World) -> None:
    alice = office.address("alice")
    connections = [
        Connection("web:a", Status.AVAILABLE, 0, 1),
        Connection("web:b", Status.OFFLINE, 0, 1),
        Connection("web:c", Status.AVAILABLE, 0, 1, leaving=1),
        Connection("web:d", Status.AVAILABLE, 0, 1),
        Connection("xmpp:n:r", Status.AWAY, 0, 1),
    ]
    assert targets(alice, connections, but="web:d") == [Target(alice, "web:a"), Target(alice, "xmpp:n:r")]


def test_more_sessions_than_a_frame_can_name_come_in_several(office: World, node: str) -> None:
    wanted = [("alice", f"xmpp:{node}:{number}") for number in range(51)]
    assert deliver(office, *wanted) == {"alice"}
    sizes = [len(frame["sessions"]) for _, frame in office.channel.posts]
    assert sorted(sizes) == [1, 50]


def test_a_watcher_that_is_gone_watches_nobody_any_more(office: World) -> None:
    office.tables.connections.watch(office.address("alice"), "web:page", ["bob"], NOW // SECOND + 60)
    office.channel.gone.add("page")
    watchers = office.tables.connections.watchers(office.domain, "bob", NOW)
    office.pusher.announce(EVENT, watchers, NOW)
    assert office.tables.connections.watchers(office.domain, "bob", NOW) == []
    assert office.grace.scheduled == []
