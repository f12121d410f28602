from __future__ import annotations

import pytest

from chat import directory
from chat.addresses import Address
from chat.errors import (
    AliasCycle,
    AlreadyExists,
    BadField,
    BadText,
    ChatError,
    DirectoryError,
    UnknownContact,
)
from chat.tables.directory import TRANSACTION
from tests.unit.world import NOW, World, alias, user


def test_an_alias_reaches_its_members_and_they_know_it(world: World) -> None:
    world.add("alice", "bob")
    world.alias("team", "alice", "bob")
    assert alias(world, "team").reached() == world.addresses("alice", "bob")
    assert user(world, "alice").aliases == user(world, "bob").aliases == {"team"}


def test_members_outside_the_domain_are_ignored_and_named(world: World) -> None:
    world.add("alice")
    stranger = Address("bob", "elsewhere.example")
    outside = directory.save_alias(
        world.tables, world.address("team"), "Team", [world.address("alice"), stranger, stranger]
    )
    assert (outside, alias(world, "team").members) == ((stranger,), (world.address("alice"),))


def test_a_nested_alias_reaches_through(world: World) -> None:
    world.add("alice", "bob")
    world.alias("inner", "alice")
    world.alias("outer", "inner", "bob")
    assert alias(world, "outer").reach == {"alice", "bob"}
    assert user(world, "alice").aliases == {"inner", "outer"}


def test_changing_an_inner_alias_changes_whom_the_outer_reaches(world: World) -> None:
    world.add("alice", "bob")
    world.alias("inner", "alice")
    world.alias("outer", "inner")
    world.alias("inner", "bob")
    assert alias(world, "outer").reach == {"bob"}
    assert (user(world, "alice").aliases, user(world, "bob").aliases) == (frozenset(), frozenset({"inner", "outer"}))


def test_who_is_dropped_from_an_alias_is_no_longer_its_member(world: World) -> None:
    world.add("alice", "bob")
    world.alias("team", "alice", "bob")
    world.alias("team", "bob")
    assert (user(world, "alice").aliases, user(world, "bob").aliases) == (frozenset(), frozenset({"team"}))


def test_a_cycle_is_refused_and_nothing_changed(world: World) -> None:
    world.add("alice")
    world.alias("inner", "alice")
    world.alias("outer", "inner")
    before = alias(world, "inner")
    with pytest.raises(AliasCycle):
        world.alias("inner", "outer")
    assert alias(world, "inner") == before


def test_an_alias_without_a_member_of_its_domain_is_refused(world: World) -> None:
    with pytest.raises(DirectoryError):
        directory.save_alias(world.tables, world.address("team"), "Team", [Address("bob", "elsewhere.example")])


def test_the_address_of_a_user_is_no_alias(world: World) -> None:
    world.add("alice", "bob")
    with pytest.raises(AlreadyExists):
        world.alias("bob", "alice")


def test_the_address_of_a_removed_user_may_become_an_alias(world: World) -> None:
    world.add("alice", "bob")
    directory.remove_user(world.tables, world.address("bob"), NOW)
    world.alias("bob", "alice")
    assert alias(world, "bob").active


@pytest.mark.parametrize(("name", "error"), [(" ", BadField), ("x" * 101, BadField), ("\x07", BadText)])
def test_an_alias_needs_a_name_within_its_limits(world: World, name: str, error: type[ChatError]) -> None:
    with pytest.raises(error):
        directory.save_alias(world.tables, world.address("team"), name, world.addresses("alice"))


def test_an_alias_of_many_members_is_saved_in_several_transactions(world: World) -> None:
    locals_ = [f"u{number:03}" for number in range(TRANSACTION + 1)]
    world.add(*locals_)
    before = world.tables.directory.version(world.domain) or 0
    world.alias("team", *locals_)
    assert {each.aliases for each in directory.users(world.tables, world.domain)} == {frozenset({"team"})}
    assert world.tables.directory.version(world.domain) == before + 2


def test_members_of_a_removed_alias_keep_it_for_its_history(world: World) -> None:
    world.add("alice")
    directory.remove_alias(world.tables, world.alias("team", "alice"))
    assert (alias(world, "team").active, alias(world, "team").reach) == (False, frozenset({"alice"}))
    assert user(world, "alice").aliases == {"team"}


def test_a_removed_alias_is_taken_out_of_others(world: World) -> None:
    world.add("alice", "bob")
    world.alias("inner", "alice")
    world.alias("outer", "inner", "bob")
    directory.remove_alias(world.tables, world.address("inner"))
    assert (alias(world, "outer").members, alias(world, "outer").reach) == (
        tuple(world.addresses("bob")),
        frozenset({"bob"}),
    )


def test_an_alias_is_removed_once(world: World) -> None:
    world.add("alice")
    team = world.alias("team", "alice")
    directory.remove_alias(world.tables, team)
    with pytest.raises(UnknownContact):
        directory.remove_alias(world.tables, team)


def test_what_never_was_an_alias_cannot_be_removed(world: World) -> None:
    with pytest.raises(UnknownContact):
        directory.remove_alias(world.tables, world.address("team"))


def test_removed_aliases_are_not_listed(world: World) -> None:
    world.add("alice")
    world.alias("kept", "alice")
    directory.remove_alias(world.tables, world.alias("team", "alice"))
    assert [each.address.local for each in directory.active_aliases(world.tables, world.domain)] == ["kept"]


def test_a_removed_alias_can_be_made_again(world: World) -> None:
    world.add("alice", "bob")
    directory.remove_alias(world.tables, world.alias("team", "alice"))
    world.alias("team", "bob")
    assert (alias(world, "team").active, alias(world, "team").reach) == (True, frozenset({"bob"}))
    assert user(world, "alice").aliases == frozenset()
