from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import contacts, directory
from chat.callers import Caller
from chat.contacts import Listing
from chat.entries import Alias, User
from chat.errors import NotConnected, UnknownContact
from tests.unit.world import NOW, World, everything, room_for

USERS = [f"user{number}" for number in range(6)]
ALIASES = [f"alias{number}" for number in range(4)]


@pytest.fixture
def office(world: World) -> World:
    """Six users, of whom one was removed and one disabled; four aliases, of which one was removed."""
    world.add(*USERS)
    for alias in ALIASES:
        world.alias(alias, "user0")
    directory.remove_user(world.tables, world.address("user2"), NOW)
    directory.disable_user(world.tables, world.address("user5"), True, NOW)
    directory.remove_alias(world.tables, world.address("alias1"))
    return world


def caller(world: World, local: str) -> Caller:
    return Caller(world.address(local), f"web:{local}-page")


ACTIVE = ["alias0", "alias2", "alias3", "user0", "user1", "user3", "user4"]


def pages(world: World, room: int) -> list[Listing]:
    found, position = [], None
    while True:
        page = contacts.listing(world.tables, world.domain, position, room_for(room))
        found.append(page)
        position = page.position
        if position is None:
            return found


def listed(pages: list[Listing]) -> list[str]:
    return [entry.address.local for page in pages for entry in page.contacts]


def test_aliases_come_first_each_kind_in_order_without_those_that_are_gone(office: World) -> None:
    assert listed(pages(office, 100)) == ACTIVE


@settings(max_examples=12)
@given(st.integers(1, 4), st.integers(1, 12))
def test_pages_of_any_size_list_every_contact_once(office: World, room: int, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contacts, "PAGE", most)
        assert listed(pages(office, room)) == ACTIVE


def test_a_page_that_aliases_fill_leads_to_the_users(office: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts, "PAGE", len(ALIASES))
    assert listed(pages(office, 100)) == ACTIVE


def test_a_domain_without_contacts_has_one_empty_page(world: World) -> None:
    assert contacts.listing(world.tables, world.domain, None, everything) == Listing([], None)


def test_a_domain_that_does_not_exist_has_none(world: World) -> None:
    assert contacts.listing(world.tables, f"not.{world.domain}", None, everything) == Listing([], None)


def test_the_version_is_that_of_the_callers_domain(office: World) -> None:
    assert contacts.version(office.tables, caller(office, "user0")) == office.tables.directory.version(office.domain)


def test_the_version_costs_one_read(office: World) -> None:
    office.client.calls.clear()
    contacts.version(office.tables, caller(office, "user0"))
    assert office.client.operations() == ["batch_get_item"]


@pytest.mark.parametrize("local", ["user2", "user5", "nobody"])
def test_who_was_removed_or_disabled_while_connected_sees_no_contacts(office: World, local: str) -> None:
    with pytest.raises(NotConnected, match="disabled or removed"):
        contacts.version(office.tables, caller(office, local))
    with pytest.raises(NotConnected, match="disabled or removed"):
        contacts.contact(office.tables, caller(office, local), office.address("user0"))


def test_nobody_of_another_domain_is_listed(office: World) -> None:
    other = World(f"other.{office.domain}", office.client, office.tables)
    other.add("stranger")
    assert "stranger" not in listed(pages(office, 100))


def test_a_page_costs_two_reads_however_many_contacts_there_are(office: World) -> None:
    office.client.calls.clear()
    contacts.listing(office.tables, office.domain, None, everything)
    assert office.client.operations() == ["query", "query"]


@pytest.mark.parametrize("local", ["user0", "alias0"])
def test_a_contact_is_an_active_user_or_alias(office: World, local: str) -> None:
    found = contacts.contact(office.tables, caller(office, "user1"), office.address(local))
    assert found.address == office.address(local)


def test_a_caller_is_a_contact_too(office: World) -> None:
    own = office.address("user0")
    assert contacts.contact(office.tables, caller(office, "user0"), own).address == own


@pytest.mark.parametrize("local", ["user2", "user5", "alias1", "nobody"])
def test_who_is_removed_disabled_or_unknown_is_no_contact(office: World, local: str) -> None:
    with pytest.raises(UnknownContact):
        contacts.contact(office.tables, caller(office, "user0"), office.address(local))


def test_an_alias_with_the_address_of_somebody_removed_is_the_contact(office: World) -> None:
    office.alias("user2", "user0")
    assert isinstance(contacts.contact(office.tables, caller(office, "user0"), office.address("user2")), Alias)


@pytest.mark.parametrize(("local", "member"), [("user0", True), ("user1", False)])
def test_members_are_those_an_alias_reaches(office: World, local: str, member: bool) -> None:
    alias = contacts.contact(office.tables, caller(office, "user0"), office.address("alias0"))
    assert isinstance(alias, Alias)
    assert contacts.is_member(caller(office, local), alias) is member


def test_a_removed_alias_is_not_among_the_aliases_of_a_user(world: World) -> None:
    world.add("alice")
    gone, stays = world.alias("gone", "alice"), world.alias("stays", "alice")
    directory.remove_alias(world.tables, gone)
    user = contacts.contact(world.tables, caller(world, "alice"), world.address("alice"))
    assert isinstance(user, User)
    assert contacts.aliases_of(world.tables, user) == [stays]
