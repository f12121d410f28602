from __future__ import annotations

import pytest

from chat import directory, ids, inbox
from chat.inbox import UNREAD_COUNTED, Entry, Inbox
from chat.tables.history import Thread
from tests.unit.world import HOUR, NOW, World


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol")
    for local in ("alice", "bob", "carol"):
        world.web(local)
    return world


def send(world: World, sender: str, recipient: str, at: int = NOW) -> str:
    return world.send(world.web(sender, f"{sender}-{at}", now=at), recipient, at=at).id


def load(world: World, local: str) -> Inbox:
    return inbox.load(world.tables, world.address(local))


def describe(world: World, local: str, peer: str) -> Entry:
    loaded = load(world, local)
    return inbox.describe(world.tables, loaded, loaded.lasts[world.address(peer)])


def test_an_inbox_has_the_newest_message_of_each_thread(office: World) -> None:
    send(office, "bob", "alice", NOW)
    newest = {"bob": send(office, "alice", "bob", NOW + 1), "carol": send(office, "carol", "alice", NOW)}
    assert {peer.local: last.id for peer, last in load(office, "alice").lasts.items()} == newest


def test_the_newest_thread_comes_first(office: World) -> None:
    send(office, "carol", "alice", NOW + 1)
    send(office, "bob", "alice", NOW)
    assert [last.peer.local for last in load(office, "alice").newest_first()] == ["carol", "bob"]


def test_members_have_the_thread_of_an_alias_in_their_inbox(office: World) -> None:
    team = office.alias("team", "alice")
    sent = send(office, "bob", "team")
    loaded = load(office, "alice")
    assert loaded.lasts[team].id == sent
    assert loaded.thread(loaded.lasts[team]) == Thread.of_alias(team)


def test_others_have_it_where_they_wrote_and_see_their_own_part(office: World) -> None:
    team = office.alias("team", "alice")
    own = send(office, "bob", "team", NOW)
    send(office, "carol", "team", NOW + 1)
    loaded = load(office, "bob")
    assert loaded.lasts[team].id == own
    assert loaded.thread(loaded.lasts[team]) == Thread.of_alias(team, office.address("bob"))


def test_who_was_dropped_from_an_alias_has_it_no_longer(office: World) -> None:
    office.alias("team", "alice", "bob")
    send(office, "carol", "team")
    office.alias("team", "bob")
    assert load(office, "alice").lasts == {}


def test_members_keep_the_thread_of_a_removed_alias(office: World) -> None:
    team = office.alias("team", "alice")
    send(office, "bob", "team")
    directory.remove_alias(office.tables, team)
    assert team in load(office, "alice").lasts


def test_who_got_the_address_of_somebody_removed_has_an_empty_inbox(office: World) -> None:
    office.alias("team", "bob", "carol")
    send(office, "alice", "team")
    send(office, "alice", "bob")
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.add("bob", now=NOW + HOUR)
    office.alias("team", "bob", "carol")
    assert load(office, "bob").lasts == {}


def test_who_got_the_address_of_a_removed_alias_has_an_empty_inbox(office: World) -> None:
    team = office.alias("team", "bob")
    send(office, "alice", "team")
    directory.remove_alias(office.tables, team)
    office.add("team", now=NOW + HOUR)
    assert load(office, "team").lasts == {}


def test_somebody_unknown_has_an_empty_inbox(office: World) -> None:
    assert load(office, "nobody") == Inbox(office.address("nobody"), {}, {}, frozenset(), "")


def test_an_entry_says_what_came_last(office: World) -> None:
    sent = send(office, "bob", "alice")
    assert describe(office, "alice", "bob") == Entry(
        office.address("bob"), sent, office.address("bob"), "hello", None, 1
    )
    assert describe(office, "alice", "bob").sent_at == "2026-01-01T09:00:00.000Z"


def test_own_messages_are_not_unread(office: World) -> None:
    send(office, "alice", "bob")
    assert describe(office, "alice", "bob").unread == 0


def test_messages_up_to_the_marker_are_read(office: World) -> None:
    sent = [send(office, "bob", "alice", NOW + number) for number in range(3)]
    office.tables.history.set_read(office.address("alice"), office.address("bob"), sent[1])
    assert (describe(office, "alice", "bob").read, describe(office, "alice", "bob").unread) == (sent[1], 1)


def test_what_is_read_to_the_end_costs_no_read(office: World) -> None:
    sent = send(office, "bob", "alice")
    office.tables.history.set_read(office.address("alice"), office.address("bob"), sent)
    loaded = load(office, "alice")
    office.client.calls.clear()
    assert inbox.describe(office.tables, loaded, loaded.lasts[office.address("bob")]).unread == 0
    assert office.client.calls == []


def test_the_own_part_of_an_alias_thread_is_never_unread(office: World) -> None:
    office.alias("team", "alice")
    send(office, "bob", "team")
    send(office, "carol", "team", NOW + 1)
    assert describe(office, "bob", "team").unread == 0


def test_messages_below_the_floor_are_not_unread(office: World) -> None:
    send(office, "alice", "bob")
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.add("bob", now=NOW + HOUR)
    send(office, "alice", "bob", NOW + HOUR)
    assert describe(office, "bob", "alice").unread == 1


def test_as_many_are_counted_as_a_badge_can_show() -> None:
    assert UNREAD_COUNTED == 100


def test_a_floor_is_an_id(office: World) -> None:
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.add("bob", now=NOW + HOUR)
    assert load(office, "bob").floor == ids.lowest(NOW + HOUR)
