from __future__ import annotations

import pytest

from chat import directory, ids, sessions, statuses
from chat.addresses import Address
from chat.directory import NewUser
from chat.entries import Profile, User
from chat.errors import (
    AlreadyExists,
    BadField,
    BadText,
    ChatError,
    DirectoryError,
    UnknownContact,
    WrongCredentials,
)
from chat.presence import Status
from chat.tables.directory import TRANSACTION, Credential
from chat.tokens import Signer
from tests.unit.world import HOUR, NOW, PASSWORD, World, alias, user

SIGNER = Signer(["key"])


def version(world: World) -> int:
    return world.tables.directory.version(world.domain) or 0


def test_a_domain_is_created_once(world: World) -> None:
    with pytest.raises(AlreadyExists):
        directory.create_domain(world.tables, world.domain)


def test_a_user_is_kept_as_added(world: World) -> None:
    profile = Profile("Bob Baker", "Manager", "Sales", ("+1 555 0100", "12"), "https://company.example/bob.jpg")
    directory.add_users(world.tables, world.domain, [NewUser(world.address("bob"), profile)], NOW)
    assert user(world, "bob") == User(world.address("bob"), profile)


def test_many_users_are_added_in_several_transactions(world: World, credential: Credential) -> None:
    new = [NewUser(world.address(f"u{number:02}"), Profile("U"), credential) for number in range(50)]
    directory.add_users(world.tables, world.domain, new, NOW)
    assert (len(list(directory.users(world.tables, world.domain))), version(world)) == (50, 3)


def test_an_address_is_added_once(world: World) -> None:
    world.add("bob")
    with pytest.raises(AlreadyExists):
        world.add("bob")


def test_an_address_given_twice_adds_nobody(world: World) -> None:
    with pytest.raises(AlreadyExists):
        world.add("alice", "bob", "bob")
    assert list(directory.users(world.tables, world.domain)) == []


def test_the_address_of_an_alias_is_in_use(world: World) -> None:
    world.add("bob")
    world.alias("team", "bob")
    with pytest.raises(AlreadyExists):
        world.add("team")


def test_a_user_of_another_domain_is_not_added(world: World) -> None:
    stranger = Address("bob", "elsewhere.example")
    with pytest.raises(DirectoryError):
        directory.add_users(world.tables, world.domain, [NewUser(stranger, Profile("Bob"))], NOW)
    assert world.tables.directory.user(stranger) is None


def test_who_is_added_behind_an_alias_that_has_the_address_is_its_member(world: World) -> None:
    world.alias("team", "bob")
    world.add("bob")
    assert user(world, "bob").aliases == {"team"}


@pytest.mark.parametrize(
    ("profile", "error"),
    [
        (Profile(" "), BadField),
        (Profile("x" * 101), BadField),
        (Profile("Bob", title="x" * 101), BadField),
        (Profile("Bob", department="Sales\nEurope"), BadField),
        (Profile("Bob", department="Sales\rEurope"), BadField),
        (Profile("Bob\0"), BadText),
        (Profile("Bob", phones=("1",) * 6), BadField),
        (Profile("Bob", phones=("1" * 41,)), BadField),
        (Profile("Bob", photo="http://company.example/bob.jpg"), BadField),
        (Profile("Bob", photo="https://" + "x" * 500), BadField),
    ],
)
def test_a_profile_outside_its_limits_is_refused(world: World, profile: Profile, error: type[ChatError]) -> None:
    with pytest.raises(error):
        directory.add_users(world.tables, world.domain, [NewUser(world.address("bob"), profile)], NOW)


def test_a_profile_at_its_limits_is_taken() -> None:
    profile = Profile("x" * 100, "x" * 100, "x" * 100, ("1" * 40,) * 5, "https://" + "x" * 492)
    assert directory.check_profile(profile) is profile


def test_a_profile_is_changed_and_the_rest_of_the_user_kept(world: World) -> None:
    world.add("bob")
    world.alias("team", "bob")
    directory.update_profiles(world.tables, world.domain, [(world.address("bob"), Profile("Robert"))])
    assert (user(world, "bob").profile.name, user(world, "bob").aliases) == ("Robert", frozenset({"team"}))


def test_of_two_profiles_for_one_user_the_later_holds(world: World) -> None:
    world.add("bob")
    bob = world.address("bob")
    directory.update_profiles(world.tables, world.domain, [(bob, Profile("Bobby")), (bob, Profile("Robert"))])
    assert user(world, "bob").profile.name == "Robert"


def test_a_profile_of_nobody_is_not_changed(world: World) -> None:
    with pytest.raises(UnknownContact):
        directory.update_profiles(world.tables, world.domain, [(world.address("bob"), Profile("Bob"))])


def test_a_namesake_of_another_domain_keeps_the_profile(world: World) -> None:
    world.add("bob")
    with pytest.raises(UnknownContact):
        directory.update_profiles(world.tables, world.domain, [(Address("bob", "elsewhere.example"), Profile("X"))])
    assert user(world, "bob").profile.name == "Bob"


def test_many_profiles_are_changed_in_several_transactions(world: World) -> None:
    locals_ = [f"u{number:03}" for number in range(TRANSACTION + 1)]
    world.add(*locals_)
    before = version(world)
    changes = [(world.address(local), Profile("New")) for local in locals_]
    directory.update_profiles(world.tables, world.domain, changes)
    assert {each.profile.name for each in directory.users(world.tables, world.domain)} == {"New"}
    assert version(world) == before + 2


def test_every_change_raises_the_version(world: World, credential: Credential) -> None:
    bob = world.address("bob")
    versions = [version(world)]
    world.add("bob")
    versions.append(version(world))
    directory.update_profiles(world.tables, world.domain, [(bob, Profile("Robert"))])
    versions.append(version(world))
    world.alias("team", "bob")
    versions.append(version(world))
    directory.disable_user(world.tables, bob, True, NOW)
    versions.append(version(world))
    directory.remove_alias(world.tables, world.address("team"))
    versions.append(version(world))
    directory.remove_user(world.tables, bob, NOW)
    versions.append(version(world))
    assert versions == sorted(set(versions))


def test_a_change_that_changes_nothing_leaves_the_version(world: World) -> None:
    world.add("bob")
    before = version(world)
    directory.disable_user(world.tables, world.address("bob"), False, NOW)
    assert version(world) == before


def test_a_new_password_takes_the_place_of_the_old(world: World, credential: Credential) -> None:
    world.add("bob")
    directory.set_password(world.tables, world.address("bob"), credential)
    assert world.tables.directory.credential(world.address("bob")) == credential


def test_nobody_gets_no_password(world: World, credential: Credential) -> None:
    with pytest.raises(UnknownContact):
        directory.set_password(world.tables, world.address("bob"), credential)


def test_a_disabled_user_is_not_active(world: World) -> None:
    world.add("bob")
    directory.disable_user(world.tables, world.address("bob"), True, NOW)
    assert not user(world, "bob").active


def test_a_disabled_user_can_be_let_in_again(world: World) -> None:
    world.add("bob")
    for disabled in (True, False):
        directory.disable_user(world.tables, world.address("bob"), disabled, NOW)
    assert user(world, "bob").active


def test_disabling_ends_connections_and_names_those_to_close(world: World) -> None:
    world.add("bob")
    world.web("bob", "page")
    world.xmpp("bob")
    assert directory.disable_user(world.tables, world.address("bob"), True, NOW) == ("page",)
    assert world.connections("bob") == {}


def test_disabling_who_is_not_connected_closes_nothing(world: World) -> None:
    world.add("bob")
    assert directory.disable_user(world.tables, world.address("bob"), True, NOW) == ()


def test_nobody_cannot_be_disabled(world: World) -> None:
    with pytest.raises(UnknownContact):
        directory.disable_user(world.tables, world.address("bob"), True, NOW)


def test_removing_a_user_reports_what_went(world: World) -> None:
    world.add("alice", "bob")
    team = world.alias("team", "alice", "bob")
    world.send(world.web("alice", "page"), "bob")
    world.send(world.web("bob", "bobs-page"), "alice", at=NOW)
    removal = directory.remove_user(world.tables, world.address("bob"), NOW)
    assert removal == directory.Removal((str(team),), 1, ("bobs-page",))


def test_a_removed_user_leaves_aliases_and_those_above_them(world: World) -> None:
    world.add("alice", "bob")
    world.alias("inner", "alice", "bob")
    world.alias("outer", "inner")
    directory.remove_user(world.tables, world.address("bob"), NOW)
    assert (alias(world, "inner").reach, alias(world, "outer").reach) == (frozenset({"alice"}),) * 2
    assert alias(world, "inner").members == (world.address("alice"),)


def test_a_removed_user_leaves_no_password_setting_or_inbox(world: World, credential: Credential) -> None:
    world.add("alice", "bob")
    bob = world.address("bob")
    directory.set_password(world.tables, bob, credential)
    statuses.choose(world.tables, world.pusher, world.web("bob"), Status.BUSY, NOW)
    world.send(world.web("alice"), "bob")
    directory.remove_user(world.tables, bob, NOW)
    tables = world.tables
    assert tables.directory.credential(bob) is None
    assert tables.store.get(tables.directory.setting_key(bob)) is None
    assert tables.history.inbox(bob) == ({}, {})


def test_messages_of_a_removed_user_stay(world: World) -> None:
    world.add("alice", "bob")
    sent = world.send(world.web("alice"), "bob")
    directory.remove_user(world.tables, world.address("bob"), NOW)
    assert world.stored(world.thread("alice", "bob")) == [sent]


def test_a_user_is_removed_once(world: World) -> None:
    world.add("bob")
    directory.remove_user(world.tables, world.address("bob"), NOW)
    with pytest.raises(UnknownContact):
        directory.remove_user(world.tables, world.address("bob"), NOW)


def test_removed_users_are_not_listed(world: World) -> None:
    world.add("alice", "bob")
    directory.remove_user(world.tables, world.address("bob"), NOW)
    assert [each.address.local for each in directory.users(world.tables, world.domain)] == ["alice"]


def test_an_address_given_to_somebody_new_has_a_floor(world: World) -> None:
    world.add("bob")
    directory.remove_user(world.tables, world.address("bob"), NOW)
    world.add("bob", now=NOW + HOUR)
    assert user(world, "bob").history_from == ids.lowest(NOW + HOUR)


def test_an_address_that_was_an_alias_has_a_floor_too(world: World) -> None:
    world.add("bob")
    directory.remove_alias(world.tables, world.alias("team", "bob"))
    world.add("team", now=NOW + HOUR)
    assert user(world, "team").history_from == ids.lowest(NOW + HOUR)


def test_a_floor_stays_when_the_address_is_removed_and_given_again(world: World) -> None:
    for hour in range(3):
        world.add("bob", now=NOW + hour * HOUR)
        assert user(world, "bob").history_from == (ids.lowest(NOW + hour * HOUR) if hour else "")
        directory.remove_user(world.tables, world.address("bob"), NOW)


def test_the_old_password_does_not_open_an_address_given_to_somebody_new(world: World, credential: Credential) -> None:
    bob = world.address("bob")
    directory.add_users(world.tables, world.domain, [NewUser(bob, Profile("Bob"), credential)], NOW)
    directory.remove_user(world.tables, bob, NOW)
    world.add("bob")
    with pytest.raises(WrongCredentials):
        sessions.log_in(world.tables, SIGNER, bob, PASSWORD, f"ip of {world.domain}", NOW)
