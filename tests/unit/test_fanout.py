from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chat import fanout, watching
from chat.addresses import Address
from chat.fanout import Change
from chat.frames.events import Resource
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
    world: World,
    before: list[Connection],
    after: list[Connection],
    revision: int = NOW,
    now: int = NOW,
    *,
    had_blocked: frozenset[str] = frozenset(),
    blocked: frozenset[str] = frozenset(),
) -> int:
    change = Change(world.address("bob"), before, after, revision, had_blocked, blocked)
    return fanout.announce(world.tables, world.pusher, change, now)


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
        ([], [connection(Status.OFFLINE)]),
        (AVAILABLE, [connection(Status.AVAILABLE, "web:bobs-second")]),
    ],
    ids=["same", "offline", "reconnected"],
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


def test_changes_become_one_in_whom_the_user_has_blocked_too() -> None:
    one, two = frozenset({"x"}), frozenset({"x", "y"})
    changes = [Change(BOB, BUSY, BUSY, 1, frozenset(), one), Change(BOB, BUSY, AVAILABLE, 2, one, two)]
    assert fanout.merge(changes) == [Change(BOB, BUSY, AVAILABLE, 2, frozenset(), two)]


@pytest.fixture
def link(office: World) -> str:
    """The link of a node that watches the domain."""
    office.tables.connections.add_link(office.domain, "link", NOW, LATER)
    office.tables.connections.watch_all(office.domain, office.domain, LATER)
    return "link"


def told(world: World, link: str) -> dict[str, Any]:
    """The one event that the node was pushed."""
    [frame] = world.channel.to(link)
    assert frame["sessions"] == []
    event: dict[str, Any] = frame["event"]
    return event


def test_a_node_that_watches_the_domain_is_pushed_to_once(office: World, link: str) -> None:
    assert announce(office, AVAILABLE, BUSY) == 2
    assert office.channel.receivers() == [link, "page"]


def test_a_node_is_told_every_resource_and_whom_the_user_has_blocked(office: World, link: str) -> None:
    phone = replace(connection(Status.AWAY, "xmpp:n:phone"), priority=-1, payload="<status>lunch</status>")
    announce(office, BUSY, [*BUSY, phone], had_blocked=frozenset({"x", "a"}), blocked=frozenset({"x", "a"}))
    assert told(office, link) == {
        "event": "presence",
        "address": str(office.address("bob")),
        "status": "busy",
        "revision": NOW,
        "resources": [
            {"resource": "phone", "status": "away", "priority": -1, "payload": "<status>lunch</status>", "node": "n"},
            {"resource": "webmail", "status": "busy", "priority": 0, "payload": "", "node": ""},
        ],
        "blocked": ["a", "x"],
    }


PHONE = connection(Status.AVAILABLE, "xmpp:n:phone")


@pytest.mark.parametrize(
    "after",
    [
        [PHONE, connection(Status.AWAY, "xmpp:n:tablet")],
        [replace(PHONE, priority=1)],
        [replace(PHONE, payload="<status>here</status>")],
        [PHONE, connection(Status.AWAY)],
    ],
    ids=["another", "priority", "payload", "webmail"],
)
def test_what_changes_for_xmpp_clients_alone_goes_to_nodes_alone(
    office: World, link: str, after: list[Connection]
) -> None:
    assert announce(office, [PHONE], after) == 1
    assert office.channel.receivers() == [link]


@pytest.mark.parametrize(
    "after",
    [
        [replace(PHONE, since=NOW + 1, expires=LATER + 60)],
        [PHONE, connection(Status.OFFLINE, "xmpp:n:silent")],
        [PHONE, connection(Status.OFFLINE)],
    ],
    ids=["renewed", "silent", "webmail offline"],
)
def test_what_xmpp_clients_would_not_see_is_not_pushed(office: World, link: str, after: list[Connection]) -> None:
    assert announce(office, [PHONE], after) == 0


def test_all_webmail_is_one_resource_with_the_best_of_its_statuses() -> None:
    pages = [connection(Status.AWAY, "web:a"), connection(Status.BUSY, "web:b"), connection(Status.AVAILABLE, "web:c")]
    assert fanout.resources(pages) == [Resource(resource="webmail", status="busy")]


def test_a_leaving_resource_is_not_there_but_leaving_webmail_is_until_it_is_removed() -> None:
    leaving = [replace(each, leaving=NOW) for each in (PHONE, *BUSY)]
    assert fanout.resources(leaving) == [Resource(resource="webmail", status="busy")]


def test_the_order_of_connections_in_the_item_changes_nothing(office: World, link: str) -> None:
    tablet = connection(Status.AWAY, "xmpp:n:tablet")
    assert announce(office, [PHONE, tablet], [tablet, PHONE]) == 0


def test_an_expired_resource_is_not_there(office: World, link: str) -> None:
    dead = connection(Status.AVAILABLE, "xmpp:dead:phone", expires=NOW // SECOND)
    announce(office, [dead], [dead, connection(Status.AWAY)])
    assert [each["resource"] for each in told(office, link)["resources"]] == ["webmail"]


def test_more_payload_than_a_push_has_room_for_is_left_out(office: World, link: str) -> None:
    many = [replace(connection(Status.AWAY, f"xmpp:n:{number}"), payload="ä" * 500) for number in range(9)]
    announce(office, [], many)
    assert [each["payload"] for each in told(office, link)["resources"]] == [""] * 9
    office.channel.posts.clear()
    announce(office, [], many[:8])
    assert [each["payload"] for each in told(office, link)["resources"]] == ["ä" * 500] * 8


# ---- blocking ----

ALICES = frozenset({"alice"})


def test_whom_the_user_has_blocked_is_not_pushed_to(office: World, link: str) -> None:
    assert announce(office, AVAILABLE, BUSY, had_blocked=ALICES, blocked=ALICES) == 1
    assert office.channel.receivers() == [link]


def test_whom_the_user_blocks_sees_it_go(office: World, link: str) -> None:
    assert announce(office, AVAILABLE, AVAILABLE, blocked=ALICES) == 2
    assert office.channel.to("page")[0]["status"] == "offline"
    assert (told(office, link)["status"], told(office, link)["blocked"]) == ("available", ["alice"])


def test_whom_the_user_unblocks_sees_it_again(office: World) -> None:
    announce(office, AVAILABLE, BUSY, had_blocked=ALICES)
    assert [frame["status"] for frame in office.channel.to("page")] == ["busy"]


def test_others_do_not_see_that_somebody_was_blocked(office: World, link: str) -> None:
    assert announce(office, AVAILABLE, AVAILABLE, blocked=frozenset({"carol"})) == 1
    assert office.channel.receivers() == [link]


def test_who_connects_is_not_seen_by_whom_it_had_blocked(office: World) -> None:
    assert announce(office, [], AVAILABLE, blocked=ALICES) == 0


def test_what_an_item_without_connections_forgets_unblocks_nobody(office: World, link: str) -> None:
    assert announce(office, [], [], had_blocked=ALICES) == 0
    announce(office, AVAILABLE, [], had_blocked=ALICES)
    assert office.channel.to("page") == []
    assert told(office, link)["blocked"] == ["alice"]


def test_all_who_watch_anybody_are_told_that_contacts_changed(office: World) -> None:
    watching.watch(office.tables, office.web("bob", "bobs"), office.addresses("alice"), NOW)
    assert fanout.announce_directory(office.tables, office.pusher, office.domain, NOW) == 2
    assert office.channel.to("bobs") == [{"event": "directory", "domain": office.domain}]


@pytest.mark.parametrize(
    ("before", "after", "seen"),
    [
        (AVAILABLE, BUSY, True),
        ([], AVAILABLE, True),
        (AVAILABLE, [*AVAILABLE, connection(Status.AWAY, "web:bobs-second")], False),
        (BUSY, [connection(Status.BUSY, expires=NOW // SECOND)], True),
    ],
    ids=["another status", "somebody comes", "a second connection", "what has expired"],
)
def test_a_change_counts_where_others_see_another_presence(
    before: list[Connection], after: list[Connection], seen: bool
) -> None:
    assert Change(BOB, before, after, 1).is_seen(NOW) is seen
