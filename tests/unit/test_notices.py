from __future__ import annotations

import pytest

from chat import directory, ids, notices, statuses
from chat.addresses import Address
from chat.callers import Caller
from chat.errors import BadField, NotConnected, Offline, UnknownContact
from chat.presence import Status
from tests.unit.world import HOUR, MINUTE, NOW, World


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol")
    world.web("alice", "page")
    world.web("bob", "bobs")
    return world


@pytest.fixture
def alice(office: World) -> Caller:
    return Caller(office.address("alice"), "web:page")


def type_(world: World, caller: Caller, contact: Address, active: bool = True) -> None:
    notices.typing(world.tables, world.pusher, caller, contact, active, NOW)


def read(world: World, caller: Caller, contact: Address, message_id: str) -> bool:
    return notices.mark_read(world.tables, world.pusher, caller, contact, message_id, NOW)


@pytest.fixture
def stranger(office: World) -> Address:
    """Somebody of another domain who is there."""
    elsewhere = World(f"other.{office.domain}", office.client, office.tables)
    elsewhere.add("bob")
    elsewhere.web("bob", "strangers")
    return elsewhere.address("bob")


@pytest.mark.parametrize("active", [True, False])
def test_a_contact_is_told_that_somebody_types_or_stopped(office: World, alice: Caller, active: bool) -> None:
    type_(office, alice, office.address("bob"), active)
    own = str(alice.address)
    assert office.channel.posts == [("bobs", {"event": "typing", "contact": own, "sender": own, "active": active})]


def test_members_of_an_alias_see_typing_in_the_chat_of_the_alias(office: World, alice: Caller) -> None:
    team = office.alias("team", "alice", "bob", "carol")
    type_(office, alice, team)
    assert office.channel.receivers() == ["bobs"]
    assert office.channel.to("bobs")[0]["contact"] == str(team)


@pytest.mark.parametrize(("most", "told"), [(3, ["bobs"]), (2, [])])
def test_members_of_a_large_alias_do_not_see_typing(
    office: World, alice: Caller, monkeypatch: pytest.MonkeyPatch, most: int, told: list[str]
) -> None:
    monkeypatch.setattr(notices, "MAX_TOLD_OF_TYPING", most)
    team = office.alias("team", "alice", "bob", "carol")
    type_(office, alice, team)
    assert office.channel.receivers() == told


def test_typing_in_a_large_alias_reads_nobodys_presence(
    office: World, alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "MAX_TOLD_OF_TYPING", 2)
    team = office.alias("team", "alice", "bob", "carol")
    office.client.calls.clear()
    type_(office, alice, team)
    assert len(office.client.calls) == 1


def test_typing_to_oneself_is_told_nobody(office: World, alice: Caller) -> None:
    office.web("alice", "other")
    type_(office, alice, alice.address)
    assert office.channel.posts == []


def test_typing_is_not_stored(office: World, alice: Caller) -> None:
    office.client.calls.clear()
    type_(office, alice, office.address("bob"))
    assert set(office.client.operations()) == {"batch_get_item"}


def test_typing_does_not_go_to_offline_webmail(office: World, alice: Caller) -> None:
    bob = Caller(office.address("bob"), "web:bobs")
    statuses.choose(office.tables, office.pusher, bob, Status.OFFLINE, NOW)
    type_(office, alice, bob.address)
    assert office.channel.posts == []


def test_who_is_offline_does_not_type(office: World, alice: Caller) -> None:
    statuses.choose(office.tables, office.pusher, alice, Status.OFFLINE, NOW)
    with pytest.raises(Offline):
        type_(office, alice, office.address("bob"))


def test_a_connection_that_is_gone_does_not_type(office: World) -> None:
    with pytest.raises(NotConnected):
        type_(office, Caller(office.address("alice"), "web:gone"), office.address("bob"))


def test_typing_to_nobody_is_refused(office: World, alice: Caller) -> None:
    with pytest.raises(UnknownContact):
        type_(office, alice, office.address("nobody"))


def test_typing_to_somebody_removed_is_refused(office: World, alice: Caller) -> None:
    directory.remove_user(office.tables, office.address("bob"), NOW)
    with pytest.raises(UnknownContact):
        type_(office, alice, office.address("bob"))


def test_typing_to_another_domain_is_refused(office: World, alice: Caller, stranger: Address) -> None:
    with pytest.raises(UnknownContact):
        type_(office, alice, stranger)


def test_a_read_marker_moves_forward(office: World, alice: Caller) -> None:
    bob, first, second = office.address("bob"), ids.new(NOW - MINUTE), ids.new(NOW)
    assert [read(office, alice, bob, each) for each in (first, second, second, first)] == [True, True, False, False]
    assert office.tables.history.read_marker(alice.address, bob) == second


def test_the_contact_and_the_own_other_connections_are_told_what_was_read(office: World, alice: Caller) -> None:
    office.web("alice", "other")
    bob, message_id = office.address("bob"), ids.new(NOW)
    read(office, alice, bob, message_id)
    event = {"event": "read", "reader": str(alice.address), "id": message_id}
    assert office.channel.to("bobs") == [event | {"contact": str(alice.address)}]
    assert office.channel.to("other") == [event | {"contact": str(bob)}]
    assert office.channel.to("page") == []


def test_a_marker_that_did_not_move_is_told_nobody(office: World, alice: Caller) -> None:
    message_id = ids.new(NOW)
    for _ in range(2):
        read(office, alice, office.address("bob"), message_id)
    assert office.channel.receivers() == ["bobs"]


def test_who_is_offline_reads_unnoticed(office: World, alice: Caller) -> None:
    statuses.choose(office.tables, office.pusher, alice, Status.OFFLINE, NOW)
    assert read(office, alice, office.address("bob"), ids.new(NOW))
    assert office.channel.posts == []


def test_reading_the_chat_of_an_alias_is_told_the_own_connections_alone(office: World, alice: Caller) -> None:
    team = office.alias("team", "alice", "bob")
    office.web("alice", "other")
    read(office, alice, team, ids.new(NOW))
    assert office.channel.receivers() == ["other"]


def test_what_was_not_sent_yet_cannot_be_read(office: World, alice: Caller) -> None:
    with pytest.raises(BadField):
        read(office, alice, office.address("bob"), ids.new(NOW + HOUR))


def test_a_connection_that_is_gone_reads_nothing(office: World) -> None:
    with pytest.raises(NotConnected):
        read(office, Caller(office.address("alice"), "web:gone"), office.address("bob"), ids.new(NOW))


def test_nothing_of_another_domain_is_read(office: World, alice: Caller, stranger: Address) -> None:
    with pytest.raises(UnknownContact):
        read(office, alice, stranger, ids.new(NOW))
