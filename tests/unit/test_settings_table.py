from __future__ import annotations

from typing import Any

import pytest

from chat import directory, ids
from chat.addresses import Address
from chat.errors import BadField, BadText
from chat.presence import Status
from chat.tables import settings as limits
from chat.tables.directory import DirectoryTable, OwnContact, Settings
from tests.unit.world import MINUTE, NOW, World

BOB = OwnContact("Bobby", ("Friends", "Sales"))


@pytest.fixture
def table(world: World) -> DirectoryTable:
    return world.tables.directory


@pytest.fixture
def alice(world: World) -> Address:
    return world.address("alice")


def test_who_has_set_nothing_is_available_and_has_nothing(table: DirectoryTable, alice: Address) -> None:
    assert table.settings(alice) == Settings(Status.AVAILABLE, {}, frozenset(), 0, "")


def test_all_settings_come_back_together(table: DirectoryTable, alice: Address) -> None:
    delivered = ids.new(NOW)
    table.choose_status(alice, Status.BUSY)
    table.set_contact(alice, "bob", BOB)
    table.block(alice, ["carol"])
    table.set_delivered(alice, delivered)
    assert table.settings(alice) == Settings(Status.BUSY, {"bob": BOB}, frozenset({"carol"}), 1, delivered)


def test_settings_are_read_as_they_are_now(world: World, table: DirectoryTable, alice: Address) -> None:
    table.settings(alice)
    [(operation, request)] = world.client.calls[-1:]
    assert (operation, request["RequestItems"]["directory"]["ConsistentRead"]) == ("batch_get_item", True)


def test_the_roster_rises_with_each_change_of_a_contact(table: DirectoryTable, alice: Address) -> None:
    changes = [("bob", BOB), ("carol", OwnContact("")), ("bob", None), ("bob", None)]
    assert [table.set_contact(alice, local, own) for local, own in changes] == [1, 2, 3, 4]
    assert table.settings(alice).contacts == {"carol": OwnContact("")}


def test_changing_one_contact_leaves_another_that_changes_at_the_same_time(
    world: World, table: DirectoryTable, alice: Address
) -> None:
    def meanwhile(operation: str, _request: dict[str, Any]) -> None:
        if operation == "update_item":
            world.client.before = lambda *_: None
            table.set_contact(alice, "carol", OwnContact("C"))

    world.client.before = meanwhile
    assert table.set_contact(alice, "bob", BOB) == 2
    assert table.settings(alice).contacts == {"bob": BOB, "carol": OwnContact("C")}


@pytest.mark.parametrize(
    ("own", "says"),
    [
        (OwnContact("x" * 101), "name has 101 characters, allowed are 100"),
        (OwnContact("Bob", ("x" * 101,)), "group has 101 characters, allowed are 100"),
        (OwnContact("Bob", ("",)), "group is empty"),
        (OwnContact("Bob", ("group",) * 11), "groups has 11 entries, allowed are 10"),
    ],
)
def test_an_own_contact_beyond_its_limits_is_refused(
    table: DirectoryTable, alice: Address, own: OwnContact, says: str
) -> None:
    with pytest.raises(BadField, match=says):
        table.set_contact(alice, "bob", own)
    assert table.settings(alice).contacts == {}


def test_an_own_contact_at_its_limits_is_kept(table: DirectoryTable, alice: Address) -> None:
    own = OwnContact("x" * 100, tuple(str(number) * 100 for number in range(10)))
    table.set_contact(alice, "bob", own)
    assert table.settings(alice).contacts == {"bob": own}


def test_a_name_that_xml_forbids_is_refused(table: DirectoryTable, alice: Address) -> None:
    with pytest.raises(BadText):
        table.set_contact(alice, "bob", OwnContact("Bob\x00"))


def test_one_own_contact_too_many_is_refused(
    table: DirectoryTable, alice: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_CONTACTS", 1)
    table.set_contact(alice, "bob", BOB)
    table.set_contact(alice, "bob", OwnContact("Bob again"))
    with pytest.raises(BadField, match="2 contacts would be named or grouped, allowed are 1"):
        table.set_contact(alice, "carol", BOB)


def test_own_contacts_that_would_not_fit_into_an_item_are_refused(
    table: DirectoryTable, alice: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_CONTACTS_BYTES", 5)
    table.set_contact(alice, "bob", OwnContact("ÄÖ"))
    with pytest.raises(BadField, match="would have 6 bytes, allowed are 5"):
        table.set_contact(alice, "carol", OwnContact("Ü"))


def test_blocking_adds_to_what_is_blocked(table: DirectoryTable, alice: Address) -> None:
    assert table.block(alice, ["bob"]) == {"bob"}
    assert table.block(alice, ["carol", "bob"]) == {"bob", "carol"} == table.settings(alice).blocked


def test_blocking_nobody_changes_nothing(table: DirectoryTable, alice: Address) -> None:
    table.block(alice, ["bob"])
    assert table.block(alice, []) == {"bob"} == table.unblock(alice, [])


def test_unblocking_takes_out_those_named(table: DirectoryTable, alice: Address) -> None:
    table.block(alice, ["bob", "carol"])
    assert table.unblock(alice, ["bob", "dave"]) == {"carol"}
    assert table.unblock(alice, ["carol"]) == frozenset() == table.settings(alice).blocked


def test_unblocking_everybody_leaves_other_settings(table: DirectoryTable, alice: Address) -> None:
    table.choose_status(alice, Status.AWAY)
    table.block(alice, ["bob", "carol"])
    assert table.unblock(alice, None) == frozenset()
    assert table.settings(alice) == Settings(Status.AWAY)


def test_more_are_not_blocked_than_may_be(
    table: DirectoryTable, alice: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_BLOCKED", 3)
    table.block(alice, ["a", "b"])
    with pytest.raises(BadField, match="4 contacts would be blocked, allowed are 3"):
        table.block(alice, ["c", "d"])
    with pytest.raises(BadField, match="4 contacts would be blocked, allowed are 3"):
        table.block(alice, ["a", "b", "c", "d"])
    assert table.settings(alice).blocked == {"a", "b"}


def test_who_is_blocked_already_does_not_count_twice(
    table: DirectoryTable, alice: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_BLOCKED", 3)
    table.block(alice, ["a", "b"])
    assert table.block(alice, ["a", "b", "c"]) == {"a", "b", "c"}
    assert table.block(alice, ["c"]) == {"a", "b", "c"}


def test_a_thousand_contacts_may_be_blocked_and_as_many_named() -> None:
    assert (limits.MAX_BLOCKED, limits.MAX_CONTACTS) == (1000, 1000)


def test_what_was_delivered_only_moves_forward(table: DirectoryTable, alice: Address) -> None:
    first, second = ids.new(NOW), ids.new(NOW + MINUTE)
    assert [table.set_delivered(alice, each) for each in (first, second, second, first)] == [True, True, False, False]
    assert table.settings(alice).delivered == second


def test_a_user_who_is_removed_leaves_no_settings(world: World, table: DirectoryTable, alice: Address) -> None:
    world.add("alice")
    table.set_contact(alice, "bob", BOB)
    table.block(alice, ["bob"])
    directory.remove_user(world.tables, alice, NOW)
    assert table.settings(alice) == Settings()
