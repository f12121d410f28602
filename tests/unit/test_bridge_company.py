"""What a node knows of a domain: of two states the later one holds, whatever order they come in."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from bridge.company import Change, Company, Directory, read_directory, read_presence, watch
from chat.addresses import Address
from chat.entries import Alias, Profile, User
from chat.frames.events import Resource
from tests.unit.world import NOW, World

ALICE = Address("alice", "example.com")
PHONE = Resource(resource="phone", status="available", node="other")
BUSY_PHONE = Resource(resource="phone", status="busy", node="other")
WEBMAIL = Resource(resource="webmail", status="away")
OWN = Resource(resource="desk", status="available", node="here")


def company() -> Company:
    return Company("example.com", "here")


def see(known: Company, revision: int, *resources: Resource) -> list[Change]:
    return known.see(ALICE, revision, resources)


def directory(*locals_: str, version: int = 1, **titles: str) -> Directory:
    users = {local: User(Address(local, "example.com"), Profile(titles.get(local, local))) for local in locals_}
    return Directory(version, users, {"sales": Alias(Address("sales", "example.com"), "Sales", ())})


# Presence.


def test_what_comes_and_goes_is_told() -> None:
    known = company()
    assert see(known, 1, PHONE) == [Change(ALICE, "phone", None, PHONE)]
    assert see(known, 2, BUSY_PHONE, WEBMAIL) == [
        Change(ALICE, "phone", PHONE, BUSY_PHONE),
        Change(ALICE, "webmail", None, WEBMAIL),
    ]
    assert see(known, 3, WEBMAIL) == [Change(ALICE, "phone", BUSY_PHONE, None)]


def test_what_stays_is_not_told_again() -> None:
    known = company()
    see(known, 1, PHONE)
    assert see(known, 2, PHONE) == []


def test_an_older_state_changes_nothing() -> None:
    known = company()
    see(known, 5, PHONE)
    assert see(known, 4, WEBMAIL) == []
    assert see(known, 5) == []
    assert known.elsewhere("alice") == {"phone": PHONE}
    assert [known.is_news("alice", revision) for revision in (4, 5, 6)] == [False, False, True]


def test_any_order_ends_with_the_same_state() -> None:
    states = [(1, [PHONE]), (2, [BUSY_PHONE, WEBMAIL]), (3, [WEBMAIL])]
    for order in permutations(states):
        known = company()
        for revision, resources in order:
            see(known, revision, *resources)
        assert known.elsewhere("alice") == {"webmail": WEBMAIL}


@given(st.permutations(range(1, 8)))
def test_the_changes_that_are_told_lead_from_each_state_to_the_next(revisions: list[int]) -> None:
    """Whoever follows them shows what the company knows."""
    known, shown = company(), dict[str, Resource]()
    for revision in revisions:
        resources = [each for bit, each in enumerate((PHONE, WEBMAIL)) if revision >> bit & 1]
        for change in see(known, revision, *resources):
            assert shown.get(change.resource) == change.before
            if change.after:
                shown[change.resource] = change.after
            else:
                del shown[change.resource]
    assert shown == known.elsewhere("alice")


def test_the_nodes_own_sessions_are_left_out() -> None:
    known = company()
    assert see(known, 1, OWN) == []
    assert known.elsewhere("alice") == {}


def test_somebody_who_has_gone_can_come_back_with_any_revision() -> None:
    known = company()
    see(known, 9, PHONE)
    assert known.gone(ALICE) == [Change(ALICE, "phone", PHONE, None)]
    assert see(known, 1, PHONE) == [Change(ALICE, "phone", None, PHONE)]
    assert list(known.present()) == [("alice", PHONE)]


def test_it_is_told_who_is_newly_blocked_and_who_no_more() -> None:
    known = company()
    nobody = frozenset[str]()
    assert known.block("alice", frozenset({"bob", "carol"})) == (frozenset({"bob", "carol"}), nobody)
    assert known.block("alice", frozenset({"carol", "dave"})) == (frozenset({"dave"}), frozenset({"bob"}))
    assert known.block("alice", frozenset({"carol", "dave"})) == (nobody, nobody)
    assert known.blocked_by("alice") == {"carol", "dave"}


def test_a_block_holds_before_its_push_comes() -> None:
    known = company()
    known.block("alice", frozenset({"bob"}))
    assert known.blocked_by("alice") == {"bob"}
    assert known.blocked_by("bob") == frozenset()


# The directory.


def test_entries_that_differ_are_told() -> None:
    known = company()
    assert known.take_directory(directory("alice", "bob")) == ["sales", "alice", "bob"]
    assert known.take_directory(directory("alice", "bob")) == []
    assert known.take_directory(directory("alice", "bob", alice="Alice B.")) == ["alice"]
    assert known.take_directory(directory("alice", alice="Alice B.")) == ["bob"]


def test_an_older_directory_changes_nothing() -> None:
    known = company()
    known.take_directory(directory("alice", "bob", version=5))
    assert known.take_directory(directory("alice", version=4)) == []
    assert set(known.directory.users) == {"alice", "bob"}
    assert known.take_directory(directory("alice", version=5)) == ["bob"]


def test_a_local_part_names_a_user_or_an_alias() -> None:
    known = directory("alice")
    assert isinstance(known.entry("alice"), User)
    assert isinstance(known.entry("sales"), Alias)
    assert known.entry("nobody") is None


def test_the_directory_is_read_whole(world: World) -> None:
    world.add("alice", "bob")
    world.alias("sales", "alice")
    read = read_directory(world.tables, world.domain)
    assert (set(read.users), set(read.aliases)) == ({"alice", "bob"}, {"sales"})
    assert read.version == world.tables.directory.version(world.domain)


def test_the_presence_is_read_of_those_who_are_there(world: World) -> None:
    world.add("alice", "bob")
    world.web("alice")
    world.xmpp("alice", node="other")
    ((address, revision, found, blocked),) = read_presence(world.tables, world.domain, NOW)
    assert address == world.address("alice")
    assert revision > 0
    assert sorted((each.resource, each.node) for each in found) == [("phone", "other"), ("webmail", "")]
    assert blocked == frozenset()


def test_a_watch_holds_for_two_hours(world: World) -> None:
    watch(world.tables, world.domain, "here", NOW)
    hour = 3_600_000
    assert [len(world.tables.connections.watchers(world.domain, None, NOW + hours * hour)) for hours in (1, 3)] == [
        1,
        0,
    ]
