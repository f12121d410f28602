from __future__ import annotations

import pytest

from chat import fanout, watching
from chat.addresses import Address
from chat.fanout import Change
from chat.presence import Connection, Status
from tests.unit.world import HOUR, NOW, SECOND, World

ALICE, BOB = Address("alice", "company.example"), Address("bob", "company.example")
LATER = (NOW + HOUR) // SECOND


def connection(status: Status, ref: str = "web:bobs", expires: int = LATER) -> Connection:
    return Connection(ref, status, NOW, expires)


AVAILABLE = [connection(Status.AVAILABLE)]
BUSY = [connection(Status.BUSY)]


@pytest.fixture
def office(world: World) -> World:
    """Alice watches Bob."""
    world.add("alice", "bob")
    watching.watch(world.tables, world.web("alice", "page"), world.addresses("bob"), NOW)
    return world


def announce(
    world: World, before: list[Connection], after: list[Connection], revision: int = NOW, now: int = NOW
) -> int:
    return fanout.announce(world.tables, world.pusher, Change(world.address("bob"), before, after, revision), now)


def test_changes_of_one_user_become_one_from_first_to_last() -> None:
    changes = [Change(BOB, [], AVAILABLE, 1), Change(BOB, AVAILABLE, BUSY, 2), Change(BOB, BUSY, AVAILABLE, 3)]
    assert fanout.merge(changes) == [Change(BOB, [], AVAILABLE, 3)]


def test_changes_of_several_users_stay_apart() -> None:
    changes = [Change(ALICE, [], BUSY, 1), Change(BOB, [], AVAILABLE, 2), Change(ALICE, BUSY, [], 3)]
    assert {change.address: change for change in fanout.merge(changes)} == {
        ALICE: Change(ALICE, [], [], 3),
        BOB: Change(BOB, [], AVAILABLE, 2),
    }


def test_a_change_is_pushed_to_those_who_watch(office: World) -> None:
    assert announce(office, AVAILABLE, BUSY, revision=NOW - 1) == 1
    assert office.channel.posts == [
        ("page", {"event": "presence", "address": str(office.address("bob")), "status": "busy", "revision": NOW - 1})
    ]


def test_a_change_is_not_pushed_to_others(office: World) -> None:
    office.web("alice", "other")
    announce(office, AVAILABLE, BUSY)
    assert office.channel.receivers() == ["page"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (AVAILABLE, AVAILABLE),
        (BUSY, [*BUSY, connection(Status.AWAY, "xmpp:n:r")]),
        ([], [connection(Status.OFFLINE)]),
        (AVAILABLE, [connection(Status.AVAILABLE, "web:bobs-second")]),
    ],
    ids=["same", "hidden", "offline", "reconnected"],
)
def test_what_others_would_not_see_is_not_pushed(
    office: World, before: list[Connection], after: list[Connection]
) -> None:
    office.client.calls.clear()
    assert announce(office, before, after) == 0
    assert office.client.calls == office.channel.posts == []


def test_a_connection_that_expired_unreported_does_not_keep_its_user_present(office: World) -> None:
    expired = connection(Status.AVAILABLE, "web:forgotten", expires=NOW // SECOND)
    announce(office, [expired, *AVAILABLE], [expired])
    assert office.channel.to("page")[0]["status"] == "offline"


def test_a_node_that_watches_the_domain_is_pushed_to_once(office: World) -> None:
    office.tables.connections.add_link(office.domain, "link", NOW, LATER)
    office.tables.connections.watch_all(office.domain, office.domain, LATER)
    assert announce(office, AVAILABLE, BUSY) == 2
    assert office.channel.receivers() == ["link", "page"]


def test_all_who_watch_anybody_are_told_that_contacts_changed(office: World) -> None:
    watching.watch(office.tables, office.web("bob", "bobs"), office.addresses("alice"), NOW)
    assert fanout.announce_directory(office.tables, office.pusher, office.domain, NOW) == 2
    assert office.channel.to("bobs") == [{"event": "directory", "domain": office.domain}]
