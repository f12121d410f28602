from __future__ import annotations

from typing import Any

import pytest

from chat import blocking, connecting, ids, notices, watching
from chat.callers import Caller
from chat.errors import BadField, Blocked, UnknownContact
from chat.presence import Presence, Status, blocked_in
from chat.store import StoreBusy
from chat.tables.connections import Watcher, revision_of
from chat.tables.history import Thread
from tests.unit.world import NOW, World


@pytest.fixture
def office(world: World) -> World:
    """Alice and Bob are there, Carol is not."""
    world.add("alice", "bob", "carol")
    world.web("alice", "page")
    world.web("bob", "bobs")
    return world


@pytest.fixture
def alice(office: World) -> Caller:
    return Caller(office.address("alice"), "web:page")


def item(world: World, local: str) -> dict[str, Any] | None:
    return world.tables.connections.of(world.address(local))


def known(world: World, local: str) -> frozenset[str]:
    """Whom a user's presence item says it has blocked."""
    return blocked_in(item(world, local))


def unblock(world: World, local: str, *contacts: str) -> frozenset[str]:
    """Unblock contacts, or without any all."""
    wanted = world.addresses(*contacts) if contacts else None
    return blocking.unblock(world.tables, world.address(local), wanted, NOW)


def test_who_is_blocked_is_kept_in_the_settings_and_in_the_presence_item(office: World) -> None:
    assert office.block("alice", "bob", "carol") == {"bob", "carol"} == known(office, "alice")
    assert office.tables.directory.settings(office.address("alice")).blocked == {"bob", "carol"}


def test_unblocking_takes_out_those_named_or_all(office: World) -> None:
    office.block("alice", "bob", "carol", "dave")
    assert unblock(office, "alice", "bob") == {"carol", "dave"} == known(office, "alice")
    assert unblock(office, "alice") == frozenset() == known(office, "alice")


def test_each_change_raises_the_revision(office: World) -> None:
    revisions = [revision_of(item(office, "alice"))]
    office.block("alice", "bob")
    revisions.append(revision_of(item(office, "alice")))
    unblock(office, "alice")
    revisions.append(revision_of(item(office, "alice")))
    assert revisions == [NOW + 1, NOW + 2, NOW + 3]


def test_blocking_makes_nobody_connected(office: World) -> None:
    assert office.block("carol", "alice") == {"alice"}
    assert item(office, "carol") is None


def test_who_connects_brings_what_it_had_blocked(office: World) -> None:
    office.block("carol", "alice")
    office.web("carol")
    assert known(office, "carol") == {"alice"}


def test_who_connects_after_unblocking_all_blocks_nobody(office: World) -> None:
    office.block("alice", "bob")
    office.tables.directory.unblock(office.address("alice"), None)
    office.web("alice", "other")
    assert known(office, "alice") == frozenset()


def test_what_is_blocked_goes_with_the_last_connection(office: World) -> None:
    office.block("alice", "bob")
    connecting.remove(office.tables, office.address("alice"), ["web:page"], NOW)
    assert known(office, "alice") == frozenset()


def while_it_is_applied(world: World, change: Any) -> None:
    """Let something happen after the settings were changed, and before the presence item is."""

    def before(operation: str, request: dict[str, Any]) -> None:
        if operation == "update_item" and request["TableName"] == "connections":
            world.client.before = lambda *_: None
            change()

    world.client.before = before


def test_of_two_changes_at_once_neither_is_lost(office: World) -> None:
    while_it_is_applied(office, lambda: office.block("alice", "carol"))
    assert office.block("alice", "bob") == {"bob", "carol"} == known(office, "alice")


def test_blocking_while_a_connection_opens_holds_for_it(office: World) -> None:
    while_it_is_applied(office, lambda: office.block("alice", "bob"))
    office.web("alice", "other")
    assert known(office, "alice") == {"bob"}


def test_changes_that_never_end_are_given_up(office: World) -> None:
    numbers = iter(range(100))

    def before(operation: str, request: dict[str, Any]) -> None:
        if operation == "update_item" and request["TableName"] == "connections":
            office.tables.directory.block(office.address("alice"), [f"x{next(numbers)}"])

    office.client.before = before
    with pytest.raises(StoreBusy):
        office.block("alice", "bob")


def test_nobody_of_another_domain_is_blocked(office: World) -> None:
    stranger = World(f"other.{office.domain}", office.client, office.tables).address("bob")
    for change in (blocking.block, blocking.unblock):
        with pytest.raises(UnknownContact):
            change(office.tables, office.address("alice"), [office.address("carol"), stranger], NOW)
    assert known(office, "alice") == frozenset()


def test_nobody_blocks_itself(office: World) -> None:
    with pytest.raises(BadField):
        office.block("alice", "alice")


# ---- what blocking does ----


@pytest.mark.parametrize("connected", [True, False], ids=["connected", "away from chat"])
def test_a_message_to_who_has_blocked_the_sender_is_refused_and_not_kept(
    office: World, alice: Caller, connected: bool
) -> None:
    contact = "bob" if connected else "carol"
    office.block(contact, "alice")
    with pytest.raises(Blocked, match=f"{contact}@.* does not take messages from you"):
        office.send(alice, contact)
    assert office.stored(office.thread("alice", contact)) == []
    assert office.channel.posts == []


def test_a_message_to_whom_the_sender_has_blocked_is_refused_and_not_kept(office: World, alice: Caller) -> None:
    office.block("alice", "bob")
    with pytest.raises(Blocked, match="you have blocked bob@"):
        office.send(alice, "bob")
    assert office.stored(office.thread("alice", "bob")) == []
    assert office.channel.posts == []


def test_others_are_written_to_as_before(office: World, alice: Caller) -> None:
    office.block("alice", "carol")
    office.block("bob", "carol")
    office.send(alice, "bob")
    assert office.channel.receivers() == ["bobs"]


def test_who_was_unblocked_can_write_again(office: World, alice: Caller) -> None:
    office.block("bob", "alice")
    unblock(office, "bob", "alice")
    office.send(alice, "bob")
    assert office.channel.receivers() == ["bobs"]


@pytest.mark.parametrize("blocked", ["alice", "team"])
def test_a_message_to_an_alias_does_not_reach_members_who_blocked_its_sender_or_the_alias(
    office: World, alice: Caller, blocked: str
) -> None:
    office.web("carol", "carols")
    team = office.alias("team", "alice", "bob", "carol")
    office.block("bob", blocked)
    sent = office.send_as(alice, ids.new(NOW), team.local)
    assert (sent.reached, office.channel.receivers()) == (1, ["carols"])
    assert sent.message in office.tables.history.messages(Thread.of_alias(team), limit=9)[0]


def test_who_has_blocked_an_alias_does_not_write_to_it(office: World, alice: Caller) -> None:
    office.alias("team", "bob")
    office.block("alice", "team")
    with pytest.raises(Blocked, match="you have blocked team@"):
        office.send(alice, "team")


@pytest.mark.parametrize(("who", "whom"), [("bob", "alice"), ("alice", "bob")])
def test_typing_is_not_told_between_two_of_whom_one_blocked_the_other(
    office: World, alice: Caller, who: str, whom: str
) -> None:
    office.block(who, whom)
    notices.typing(office.tables, office.pusher, alice, office.address("bob"), True, NOW)
    assert office.channel.posts == []


@pytest.mark.parametrize("blocked", ["alice", "team"])
def test_typing_in_an_alias_is_not_told_members_who_blocked_who_types_or_the_alias(
    office: World, alice: Caller, blocked: str
) -> None:
    office.web("carol", "carols")
    team = office.alias("team", "alice", "bob", "carol")
    office.block("bob", blocked)
    notices.typing(office.tables, office.pusher, alice, team, True, NOW)
    assert office.channel.receivers() == ["carols"]


@pytest.mark.parametrize(("who", "whom"), [("bob", "alice"), ("alice", "bob")])
def test_what_was_read_is_told_the_own_connections_alone_where_one_blocked_the_other(
    office: World, alice: Caller, who: str, whom: str
) -> None:
    office.web("alice", "other")
    office.block(who, whom)
    assert notices.mark_read(office.tables, office.pusher, alice, office.address("bob"), ids.new(NOW), NOW)
    assert office.channel.receivers() == ["other"]


@pytest.mark.parametrize(("who", "whom"), [("bob", "alice"), ("alice", "bob")])
def test_one_who_blocked_or_is_blocked_is_seen_as_offline(office: World, alice: Caller, who: str, whom: str) -> None:
    office.block(who, whom)
    [seen] = watching.watch(office.tables, alice, office.addresses("bob"), NOW)
    assert seen == Presence(office.address("bob"), Status.OFFLINE, revision_of(item(office, "bob")))


def test_whom_one_has_blocked_one_does_not_watch(office: World, alice: Caller) -> None:
    office.block("alice", "bob")
    watching.watch(office.tables, alice, office.addresses("bob", "carol"), NOW)
    watchers = office.tables.connections.watchers
    assert watchers(office.domain, "bob", NOW) == []
    assert watchers(office.domain, "carol", NOW) == [Watcher("web:page", alice.address)]
    watching.watch(office.tables, alice, office.addresses("bob"), NOW)
    assert watchers(office.domain, None, NOW) == []
