from __future__ import annotations

import pytest

from chat import directory
from chat.entries import Profile, User
from chat.presence import Status
from chat.store import ConditionFailed
from chat.tables.directory import (
    alias_from,
    changed_domain,
    chosen_status,
    credential_from,
    user_from,
    version_from,
)
from tests.unit.world import NOW, World


def test_users_are_listed_page_by_page(world: World) -> None:
    world.add("alice", "bob", "carol")
    world.alias("team", "alice")
    first, rest = world.tables.directory.users(world.domain, 2)
    second, end = world.tables.directory.users(world.domain, 2, rest)
    assert ([user.address.local for user in first + second], rest, end) == (["alice", "bob", "carol"], "bob", None)


def test_aliases_are_listed_page_by_page(world: World) -> None:
    world.add("alice")
    for local in ("sales", "support"):
        world.alias(local, "alice")
    first, rest = world.tables.directory.aliases(world.domain, 1)
    second, _ = world.tables.directory.aliases(world.domain, 1, rest)
    assert [alias.address.local for alias in first + second] == ["sales", "support"]


def test_a_page_behind_a_local_part_leaves_out_what_only_begins_like_it(world: World) -> None:
    world.add("bob", "bob-two")
    assert [user.address.local for user in world.tables.directory.users(world.domain, 9, "bob")[0]] == ["bob-two"]


def test_users_named_are_those_who_exist_even_removed(world: World) -> None:
    world.add("alice", "bob")
    directory.remove_user(world.tables, world.address("bob"), NOW)
    found = world.tables.directory.users_named(world.domain, ["alice", "bob", "carol"])
    assert {local: user.removed for local, user in found.items()} == {"alice": False, "bob": True}


def test_a_domain_that_was_not_created_has_no_version(world: World) -> None:
    assert world.tables.directory.version(f"not.{world.domain}") is None


def test_credentials_and_settings_are_in_partitions_of_their_own(world: World) -> None:
    table, bob = world.tables.directory, world.address("bob")
    keys = [table.user_key(bob), table.alias_key(bob), table.version_key(bob.domain)]
    assert {key.pk for key in keys} == {f"DOMAIN/{bob.domain}"}
    assert [table.credential_key(bob).attributes, table.setting_key(bob).attributes] == [
        {"pk": f"CREDENTIAL/{bob.domain}", "sk": "bob"},
        {"pk": f"SETTING/{bob.domain}", "sk": "bob"},
    ]


def test_a_change_on_another_version_writes_nothing(world: World) -> None:
    table, bob = world.tables.directory, User(world.address("bob"), Profile("Bob"))
    version = table.version(world.domain) or 0
    for other in (version - 1, version + 1):
        with pytest.raises(ConditionFailed):
            table.change(world.domain, other, [table.put_user(bob)])
    assert (table.user(bob.address), table.version(world.domain)) == (None, version)


def test_what_is_not_there_is_none() -> None:
    assert [user_from(None, "x"), alias_from(None, "x"), credential_from(None), version_from(None)] == [None] * 4


def test_an_entry_with_nothing_but_its_key_is_one(world: World) -> None:
    assert user_from({"pk": "DOMAIN/x", "sk": "USER/a"}, world.domain) == User(world.address("a"), Profile(""))


def test_until_a_status_is_chosen_it_is_available() -> None:
    assert (chosen_status(None), chosen_status({}), chosen_status({"status": "busy"})) == (
        Status.AVAILABLE,
        Status.AVAILABLE,
        Status.BUSY,
    )


def test_a_stream_record_of_the_version_tells_which_domain_changed() -> None:
    assert changed_domain({"pk": {"S": "DOMAIN/company.example"}, "sk": {"S": "VERSION"}}) == "company.example"


def test_a_stream_record_of_an_entry_tells_nothing() -> None:
    assert changed_domain({"pk": {"S": "DOMAIN/company.example"}, "sk": {"S": "USER/alice"}}) is None
