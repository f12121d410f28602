from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.addresses import Address
from chat.presence import Connection, Status, connections_in
from chat.store import ConditionFailed
from chat.tables.connections import ConnectionsTable, Watcher, presence_change, revision_of
from tests.unit.world import HOUR, NOW, SECOND, World, item_of

FREE, LONGEST, WINDOW = 5, 60, 900
numbers = count()


@pytest.fixture
def table(world: World) -> ConnectionsTable:
    return world.tables.connections


@pytest.fixture
def alice(world: World) -> Address:
    return world.address("alice")


def put(
    table: ConnectionsTable, owner: Address, ref: str, status: Status = Status.AVAILABLE, expires: int = NOW
) -> Connection:
    connection = Connection(ref, status, NOW, expires)
    table.open(owner, connection, NOW, expires)
    return connection


def refs(table: ConnectionsTable, owner: Address) -> list[str]:
    return [each.ref for each in connections_in(table.of(owner))]


def test_connections_of_a_user_are_in_one_item(table: ConnectionsTable, alice: Address) -> None:
    opened = [put(table, alice, ref) for ref in ("web:a", "xmpp:n:r")]
    assert connections_in(table.of(alice)) == opened


def test_a_new_connection_takes_the_place_of_others_in_one_write(table: ConnectionsTable, alice: Address) -> None:
    put(table, alice, "web:a")
    table.open(alice, Connection("web:b", Status.AVAILABLE, NOW, NOW), NOW, NOW, ["web:a"])
    assert refs(table, alice) == ["web:b"]


def test_the_item_lives_as_long_as_told_and_has_a_revision(table: ConnectionsTable, alice: Address) -> None:
    table.open(alice, Connection("web:a", Status.AVAILABLE, NOW, 5), NOW, 7)
    item = table.of(alice) or {}
    assert (item["expires_at"], item["revision"]) == (7, NOW + 1)


def test_the_revision_rises_with_every_change_whatever_the_clocks_say(table: ConnectionsTable, alice: Address) -> None:
    revisions = []
    for number, time in enumerate((NOW, NOW - 5_000, NOW - 5_000)):
        table.open(alice, Connection(f"web:{number}", Status.AVAILABLE, time, 5), time, 7)
        revisions.append(revision_of(table.of(alice)))
    table.set_status(alice, {"web:0": (Status.BUSY, False)}, NOW - 9_000)
    revisions.append(revision_of(table.of(alice)))
    assert revisions == [NOW + 1, NOW + 2, NOW + 3, NOW + 4]


def test_a_status_is_not_changed_where_another_was_seen(table: ConnectionsTable, alice: Address) -> None:
    put(table, alice, "web:a")
    with pytest.raises(ConditionFailed):
        table.set_status(alice, {"web:a": (Status.AWAY, True)}, NOW, seen=Status.BUSY)


def test_who_has_a_connection_is_online_in_the_domain(table: ConnectionsTable, world: World) -> None:
    for local in ("bob", "alice"):
        put(table, world.address(local), "web:a")
    assert list(table.online(world.domain)) == world.addresses("alice", "bob")


def test_who_has_no_connection_left_is_no_longer_online(table: ConnectionsTable, alice: Address, world: World) -> None:
    put(table, alice, "web:a")
    table.remove(alice, ["web:a"], NOW)
    assert list(table.online(world.domain)) == []


def test_an_item_without_connections_is_kept_for_a_day(table: ConnectionsTable, alice: Address) -> None:
    put(table, alice, "web:a")
    table.remove(alice, ["web:a"], NOW)
    assert (table.of(alice) or {})["expires_at"] == NOW // SECOND + 24 * 3600


def test_who_connects_while_the_last_connection_is_removed_stays_online(
    table: ConnectionsTable, alice: Address, world: World
) -> None:
    put(table, alice, "web:a")
    updates = count()

    def connect_in_between(operation: str, request: dict[str, Any]) -> None:
        if operation == "update_item" and next(updates) == 1:
            put(table, alice, "web:b")

    world.client.before = connect_in_between
    table.remove(alice, ["web:a"], NOW)
    assert list(table.online(world.domain)) == [alice]


def test_removing_what_is_not_there_does_nothing(table: ConnectionsTable, alice: Address) -> None:
    put(table, alice, "web:a")
    before = table.of(alice)
    assert not table.remove(alice, ["web:b"], NOW + 1)
    assert table.of(alice) == before


def test_removing_one_of_several_keeps_the_others(table: ConnectionsTable, alice: Address) -> None:
    put(table, alice, "web:a")
    put(table, alice, "web:b")
    assert table.remove(alice, ["web:a", "web:missing"], NOW)
    assert refs(table, alice) == ["web:b"]


def test_a_status_is_given_to_several_connections_at_once(table: ConnectionsTable, alice: Address) -> None:
    for ref in ("web:a", "web:b", "xmpp:n:r"):
        put(table, alice, ref)
    item = table.set_status(alice, {"web:a": (Status.BUSY, False), "web:b": (Status.AWAY, True)}, NOW)
    assert [(each.status, each.idle) for each in connections_in(item)] == [
        (Status.BUSY, False),
        (Status.AWAY, True),
        (Status.AVAILABLE, False),
    ]


def test_where_one_connection_is_gone_no_status_changes(table: ConnectionsTable, alice: Address) -> None:
    put(table, alice, "web:a")
    with pytest.raises(ConditionFailed):
        table.set_status(alice, {"web:a": (Status.BUSY, False), "web:b": (Status.BUSY, False)}, NOW)
    assert connections_in(table.of(alice))[0].status is Status.AVAILABLE


def test_a_connection_is_lost_once(table: ConnectionsTable, alice: Address) -> None:
    put(table, alice, "web:a")
    assert [table.lose(alice, "web:a", NOW + number) for number in range(2)] == [True, False]
    assert connections_in(table.of(alice))[0].leaving == NOW


@pytest.mark.parametrize(("age", "lost"), [(9_999, False), (10_000, True)])
def test_a_young_connection_is_not_lost(table: ConnectionsTable, alice: Address, age: int, lost: bool) -> None:
    put(table, alice, "web:a")
    assert table.lose(alice, "web:a", NOW + age, older_than=10_000) is lost


def test_a_connection_that_is_not_there_is_not_lost(table: ConnectionsTable, alice: Address) -> None:
    assert not table.lose(alice, "web:a", NOW)


def test_presence_items_of_many_are_read_together(table: ConnectionsTable, world: World) -> None:
    alice, bob = world.addresses("alice", "bob")
    put(table, alice, "web:a")
    assert set(table.of_many([alice, bob], consistent=True)) == {alice}


def test_a_watcher_sees_those_it_watches_alone(table: ConnectionsTable, world: World, alice: Address) -> None:
    table.watch(alice, "web:a", {"bob", "carol"}, NOW)
    assert table.watchers(world.domain, "bob", NOW) == [Watcher("web:a", alice)]
    assert table.watchers(world.domain, "dave", NOW) == []


def test_who_watches_bobby_does_not_watch_bob(table: ConnectionsTable, world: World, alice: Address) -> None:
    table.watch(alice, "web:a", {"bobby"}, NOW)
    assert table.watchers(world.domain, "bob", NOW) == []


def test_watching_again_replaces_whom_one_watched(table: ConnectionsTable, world: World, alice: Address) -> None:
    table.watch(alice, "web:a", {"bob"}, NOW)
    table.watch(alice, "web:a", {"carol"}, NOW)
    assert table.watchers(world.domain, "bob", NOW) == []


def test_a_node_watches_everybody_of_a_domain(table: ConnectionsTable, world: World) -> None:
    table.watch_all(world.domain, "bridge", NOW)
    assert table.watchers(world.domain, "bob", NOW) == [Watcher("node:bridge", None)]
    assert table.watchers(f"not.{world.domain}", "bob", NOW) == []


def test_all_watchers_of_a_domain_are_those_of_anybody(table: ConnectionsTable, world: World, alice: Address) -> None:
    table.watch(alice, "web:a", {"bob"}, NOW)
    table.watch_all(world.domain, "bridge", NOW)
    assert len(table.watchers(world.domain, None, NOW)) == 2


@pytest.mark.parametrize("local", ["bob", None])
def test_an_expired_watch_is_none(table: ConnectionsTable, world: World, alice: Address, local: str | None) -> None:
    table.watch(alice, "web:a", {"bob"}, NOW // SECOND)
    assert table.watchers(world.domain, local, NOW) == []


def test_who_stopped_watching_watches_nobody(table: ConnectionsTable, world: World, alice: Address) -> None:
    table.watch(alice, "web:a", {"bob"}, NOW)
    table.unwatch(world.domain, ["web:a", "web:never"])
    assert table.watchers(world.domain, None, NOW) == []


def test_links_of_a_node_come_newest_first_without_the_expired(table: ConnectionsTable, world: World) -> None:
    node = world.domain
    table.add_link(node, "b-older", NOW - HOUR, NOW)
    table.add_link(node, "a-newer", NOW, NOW)
    table.add_link(node, "expired", NOW, NOW // SECOND)
    assert table.links(node, NOW) == ["a-newer", "b-older"]


def test_a_removed_link_is_gone(table: ConnectionsTable, world: World) -> None:
    table.add_link(world.domain, "link", NOW, NOW)
    table.remove_link(world.domain, "link")
    assert table.links(world.domain, NOW) == []


def test_a_ticket_is_used_for_the_first_time_once(table: ConnectionsTable, world: World) -> None:
    assert [table.use_ticket(world.domain, NOW) for _ in range(2)] == [True, False]


def test_a_stream_record_tells_connections_before_and_after(alice: Address) -> None:
    keys = {"pk": {"S": f"USER/{alice}"}, "sk": {"S": "PRESENCE"}}
    value = {"M": {"status": {"S": "busy"}, "since": {"N": "1"}, "expires": {"N": "2"}}}
    new = keys | {"web:a": value, "revision": {"N": "5"}, "blocked": {"SS": ["bob"]}}
    busy, bob = [Connection("web:a", Status.BUSY, 1, 2)], frozenset({"bob"})
    assert presence_change(keys, None, new) == (alice, [], busy, 5, frozenset(), bob)
    assert presence_change(keys, new, None) == (alice, busy, [], 6, bob, frozenset())


def test_a_stream_record_of_another_item_tells_nothing() -> None:
    assert presence_change({"pk": {"S": "WATCH/company.example"}, "sk": {"S": "web:a"}}, None, {}) is None


def test_an_item_holds_what_its_connections_say(table: ConnectionsTable, alice: Address) -> None:
    connection = put(table, alice, "web:a")
    item = table.of(alice) or {}
    assert item_of(connection)["web:a"] == item["web:a"]


# ---- log-in attempts ----


def tries(table: ConnectionsTable, who: str, times: list[int], free: int = FREE) -> list[int]:
    """The waits that tries at these seconds are told."""
    return [table.try_login(who, free, LONGEST, NOW + second * SECOND, WINDOW) for second in times]


def test_the_first_tries_need_no_waiting(table: ConnectionsTable, world: World) -> None:
    assert tries(table, world.domain, [0] * FREE) == [0] * FREE


def test_waits_double_up_to_the_longest(table: ConnectionsTable, world: World) -> None:
    tries(table, world.domain, [0] * FREE)
    second, waits = 0, []
    for _ in range(9):
        let_through, wait = tries(table, world.domain, [second, second])
        assert let_through == 0
        waits.append(wait)
        second += wait
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_refused_try_does_not_make_the_wait_longer(table: ConnectionsTable, world: World) -> None:
    assert tries(table, world.domain, [0] * (FREE + 1) + [0] * 10 + [1, 1])[-2:] == [0, 2]


@settings(max_examples=25)
@given(st.integers(0, 4), st.lists(st.sampled_from([0, 0, 0, 1, 2, 5, 40, 70]), min_size=1, max_size=12))
def test_no_more_than_the_free_tries_pass_without_waiting(world: World, free: int, gaps: list[int]) -> None:
    """Tries with these gaps between them pass exactly where the rule lets them."""
    who = f"{world.domain}-{next(numbers)}"
    second = passed = 0
    blocked_until = 0
    for gap in gaps:
        second += gap
        wait = world.tables.connections.try_login(who, free, LONGEST, NOW + second * SECOND, WINDOW)
        assert wait == max(0, blocked_until - second)
        if wait == 0:
            passed += 1
            if passed > free:
                blocked_until = second + min(LONGEST, 2 ** (passed - free - 1))


def test_of_many_tries_at_once_no_more_than_the_free_ones_and_one_pass(world: World) -> None:
    at_once = 12
    barrier = Barrier(at_once, timeout=10)
    counted = count()

    def all_count_before_any_blocks(operation: str, request: dict[str, Any]) -> None:
        if operation == "update_item" and next(counted) < at_once:
            barrier.wait()

    world.client.before = all_count_before_any_blocks
    with ThreadPoolExecutor(at_once) as threads:
        waits = list(threads.map(lambda _: tries(world.tables.connections, world.domain, [0])[0], range(at_once)))
    assert waits.count(0) == FREE + 1
    assert all(wait <= LONGEST for wait in waits)


def test_the_window_begins_with_the_first_try_and_no_later_one_extends_it(
    table: ConnectionsTable, world: World
) -> None:
    assert tries(table, world.domain, [0, *[WINDOW - 1] * (FREE - 1)]) == [0] * FREE
    assert tries(table, world.domain, [WINDOW] * FREE) == [0] * FREE


def test_a_try_that_was_taken_back_begins_no_window(table: ConnectionsTable, world: World) -> None:
    tries(table, world.domain, [0])
    table.take_back(world.domain)
    tries(table, world.domain, [WINDOW - 1] * FREE)
    assert tries(table, world.domain, [WINDOW, WINDOW]) == [0, 1]


def test_a_wait_lasts_beyond_the_window(table: ConnectionsTable, world: World) -> None:
    tries(table, world.domain, [*[0] * FREE, 0, 1, 3, 7, WINDOW - 1])
    assert tries(table, world.domain, [WINDOW, WINDOW + 14, WINDOW + 15]) == [15, 1, 0]


def test_tries_are_forgotten_after_the_window_even_where_time_to_live_is_late(
    table: ConnectionsTable, world: World
) -> None:
    tries(table, world.domain, [0] * (FREE + 1))
    assert tries(table, world.domain, [WINDOW] * FREE) == [0] * FREE


def test_a_try_that_finds_the_old_ones_just_forgotten_is_counted(table: ConnectionsTable, world: World) -> None:
    tries(table, world.domain, [0] * (FREE + 1))
    key = {"pk": {"S": f"ATTEMPT/{world.domain}"}, "sk": {"S": "ATTEMPT"}}

    def another_is_quicker(operation: str, request: dict[str, Any]) -> None:
        if operation == "delete_item":
            world.client.before = lambda *_: None
            world.client.delete_item(TableName="connections", Key=key)
            assert tries(table, world.domain, [WINDOW]) == [0]

    world.client.before = another_is_quicker
    assert tries(table, world.domain, [WINDOW] * FREE) == [0] * FREE
    assert tries(table, world.domain, [WINDOW]) == [1]


def test_a_try_can_be_taken_back_with_the_wait_it_began(table: ConnectionsTable, world: World) -> None:
    tries(table, world.domain, [0] * FREE)
    for _ in range(3):
        assert tries(table, world.domain, [0]) == [0]
        table.take_back(world.domain)


def test_what_is_taken_back_after_all_was_forgotten_leaves_nothing(table: ConnectionsTable, world: World) -> None:
    tries(table, world.domain, [0])
    table.forget_attempts(world.domain)
    table.take_back(world.domain)
    assert tries(table, world.domain, [0] * (FREE + 2)) == [0] * (FREE + 1) + [1]


def test_all_tries_can_be_forgotten(table: ConnectionsTable, world: World) -> None:
    tries(table, world.domain, [0] * (FREE + 1))
    table.forget_attempts(world.domain)
    assert tries(table, world.domain, [0] * FREE) == [0] * FREE


def test_tries_of_one_do_not_slow_another(table: ConnectionsTable, world: World) -> None:
    tries(table, world.domain, [0] * (FREE + 1))
    assert tries(table, f"other.{world.domain}", [0]) == [0]
