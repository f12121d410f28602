"""Two administrators at once: a change holds the version that it began with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chat import directory
from chat.addresses import Address
from chat.directory import NewUser
from chat.entries import Profile, User
from chat.errors import (
    DirectoryError,
    UnknownDomain,
)
from chat.tables.directory import TRANSACTION, Credential
from tests.unit.world import NOW, World, alias, user


def meanwhile(world: World, operation: str, act: Callable[[], object], *, times_before: int = 0) -> None:
    """Have somebody else act ahead of the next operation of this kind, or of a later one."""
    left = [times_before]

    def interfere(name: str, _request: dict[str, Any]) -> None:
        if name == operation:
            left[0] -= 1
            if left[0] < 0:
                world.client.before = lambda *_: None
                act()

    world.client.before = interfere


def refused(act: Callable[[], object]) -> None:
    with pytest.raises(DirectoryError, match="somebody else changed the directory at the same moment; try again"):
        act()


@pytest.fixture
def bob(world: World) -> Address:
    world.add("alice", "bob")
    return world.address("bob")


def test_a_profile_changed_while_an_alias_is_saved_keeps_the_membership(world: World, bob: Address) -> None:
    meanwhile(world, "transact_write_items", lambda: world.alias("team", "bob"))
    refused(lambda: directory.update_profiles(world.tables, world.domain, [(bob, Profile("Robert"))]))
    assert (alias(world, "team").reach, user(world, "bob").aliases) == (frozenset({"bob"}), frozenset({"team"}))


def test_an_alias_saved_while_a_profile_is_changed_keeps_the_profile(world: World, bob: Address) -> None:
    profiles = [(bob, Profile("Robert"))]
    meanwhile(world, "transact_write_items", lambda: directory.update_profiles(world.tables, world.domain, profiles))
    refused(lambda: world.alias("team", "bob"))
    assert user(world, "bob") == User(bob, Profile("Robert"))
    assert world.tables.directory.alias(world.address("team")) is None


def test_of_two_who_add_one_address_one_is_refused(world: World) -> None:
    first, second = (NewUser(world.address("bob"), Profile(name)) for name in ("Robert", "Bobby"))
    meanwhile(
        world,
        "transact_write_items",
        lambda: directory.add_users(world.tables, world.domain, [first], NOW),
    )
    refused(lambda: directory.add_users(world.tables, world.domain, [second], NOW))
    assert user(world, "bob").profile.name == "Robert"


def test_the_address_of_an_alias_saved_meanwhile_is_not_given_to_a_user(world: World, bob: Address) -> None:
    meanwhile(world, "transact_write_items", lambda: world.alias("team", "bob"))
    refused(lambda: world.add("team"))
    assert world.tables.directory.user(world.address("team")) is None


def test_a_change_between_the_reads_is_noticed_too(world: World, bob: Address) -> None:
    meanwhile(world, "batch_get_item", lambda: world.alias("team", "bob"))
    refused(lambda: directory.update_profiles(world.tables, world.domain, [(bob, Profile("Robert"))]))


def test_a_change_between_two_transactions_leaves_the_second_unwritten(world: World) -> None:
    locals_ = [f"u{number:02}" for number in range(TRANSACTION // 2 + 1)]
    meanwhile(world, "transact_write_items", lambda: world.add("bob"), times_before=1)
    refused(lambda: world.add(*locals_))
    found = [each.address.local for each in directory.users(world.tables, world.domain)]
    assert found == ["bob", *locals_[:-1]]


def test_who_tries_again_succeeds(world: World, bob: Address) -> None:
    meanwhile(world, "transact_write_items", lambda: world.alias("team", "bob"))
    refused(lambda: directory.disable_user(world.tables, bob, True, NOW))
    directory.disable_user(world.tables, bob, True, NOW)
    assert (user(world, "bob").disabled, user(world, "bob").aliases) == (True, frozenset({"team"}))


CHANGES: dict[str, Callable[[World, Credential], object]] = {
    "add_users": lambda world, _: world.add("carol"),
    "update_profiles": lambda world, _: directory.update_profiles(
        world.tables, world.domain, [(world.address("bob"), Profile("Robert"))]
    ),
    "set_password": lambda world, credential: directory.set_password(world.tables, world.address("bob"), credential),
    "disable_user": lambda world, _: directory.disable_user(world.tables, world.address("bob"), True, NOW),
    "remove_user": lambda world, _: directory.remove_user(world.tables, world.address("bob"), NOW),
    "save_alias": lambda world, _: world.alias("team", "alice"),
    "remove_alias": lambda world, _: directory.remove_alias(world.tables, world.address("team")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_reads_the_version_first_and_all_as_it_is_now(
    world: World, bob: Address, credential: Credential, change: str
) -> None:
    world.alias("team", "bob")
    world.client.calls.clear()
    CHANGES[change](world, credential)
    reads = [
        request["RequestItems"]["directory"] if "RequestItems" in request else request
        for name, request in world.client.calls
        if name in {"get_item", "query", "batch_get_item"} and "'directory'" in str(request)
    ]
    assert reads[0]["Key"]["sk"] == {"S": "VERSION"}
    assert [read["ConsistentRead"] for read in reads] == [True] * len(reads)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_of_a_domain_that_exists(world: World, credential: Credential, change: str) -> None:
    world.domain = f"not.{world.domain}"
    with pytest.raises(UnknownDomain):
        CHANGES[change](world, credential)
