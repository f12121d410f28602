from __future__ import annotations

from typing import Any

import pytest

from chat import communications, directory, ids
from chat.callers import Caller
from chat.communications import PAGE, Fit, Listing
from chat.errors import NotConnected, UnknownContact, UnknownItem
from chat.tables.communications import Communication, Correspondence, Kind
from tests.unit.quick_history import quick
from tests.unit.world import HOUR, MINUTE, NOW, World, everything, room_for


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol")
    world.tables.communications.note_indexed(world.domain, NOW)
    return world


def keep(
    world: World,
    owner: str,
    contact: str | None,
    at: int = NOW,
    kind: Kind = "message",
    arrived: int | None = None,
) -> Communication:
    """Keep something, as the indexer would; without a contact, of an alias."""
    made = Communication(ids.new(at), kind, f"{kind} of {owner}", at if arrived is None else arrived)
    of = Correspondence.between(world.address(owner), world.address(contact)) if contact else None
    world.tables.communications.add(of or Correspondence.of_alias(world.address(owner)), made)
    return made


def page(
    world: World,
    viewer: str,
    contact: str,
    kind: Kind = "message",
    position: str | None = None,
    fit: Fit = everything,
    now: int = NOW,
) -> Listing:
    caller = Caller(world.address(viewer), f"web:{viewer}-page")
    return communications.page(world.tables, caller, world.address(contact), kind, position, now, fit)


def pages(world: World, viewer: str, contact: str, kind: Kind = "message", fit: Fit = everything) -> list[list[str]]:
    """The ids of all pages."""
    found: list[list[str]] = []
    position = None
    while True:
        listing = page(world, viewer, contact, kind, position, fit)
        found.append([each.id for each in listing.communications])
        position = listing.next
        if position is None:
            return found


# ---- whose ----


def test_they_are_the_viewers_own(office: World) -> None:
    own = keep(office, "alice", "bob")
    keep(office, "bob", "alice")
    keep(office, "alice", "carol")
    assert page(office, "alice", "bob") == Listing([own], None, True)


def test_a_member_of_an_alias_sees_what_the_alias_has(office: World) -> None:
    office.alias("team", "bob")
    of_alias = keep(office, "team", None)
    keep(office, "bob", "team")
    assert page(office, "bob", "team").communications == [of_alias]


def test_a_member_through_another_alias_sees_it_too(office: World) -> None:
    office.alias("inner", "bob")
    office.alias("team", "inner")
    of_alias = keep(office, "team", None)
    assert page(office, "bob", "team").communications == [of_alias]


def test_others_see_what_they_have_with_the_alias_themselves(office: World) -> None:
    office.alias("team", "bob")
    keep(office, "team", None)
    own = keep(office, "alice", "team")
    assert page(office, "alice", "team").communications == [own]


def test_who_was_dropped_from_an_alias_sees_it_no_more(office: World) -> None:
    office.alias("team", "alice", "bob")
    keep(office, "team", None)
    office.alias("team", "bob")
    assert page(office, "alice", "team").communications == []


def test_what_is_with_somebody_removed_stays_readable(office: World) -> None:
    kept = keep(office, "alice", "bob")
    directory.remove_user(office.tables, office.address("bob"), NOW)
    assert page(office, "alice", "bob").communications == [kept]


def test_what_a_user_had_is_not_that_of_an_alias_with_the_same_address(office: World) -> None:
    keep(office, "bob", "bob")
    keep(office, "bob", "alice")
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.alias("bob", "alice")
    assert page(office, "alice", "bob").communications == []


def test_what_an_alias_had_is_not_that_of_a_user_with_the_same_address(office: World) -> None:
    office.alias("team", "bob")
    keep(office, "team", None)
    directory.remove_alias(office.tables, office.address("team"))
    office.add("team")
    assert [page(office, "team", contact).communications for contact in ("team", "bob")] == [[], []]


def test_who_got_the_address_of_somebody_removed_sees_nothing_of_before(office: World) -> None:
    keep(office, "bob", "alice", NOW - 1)
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.add("bob", now=NOW + HOUR)
    new = keep(office, "bob", "alice", NOW + HOUR + 1)
    assert pages(office, "bob", "alice") == [[new.id]]
    assert page(office, "bob", "alice", position=ids.lowest(NOW)).communications == []


def test_nor_the_appointments_of_the_one_before_that_are_still_to_come(office: World) -> None:
    keep(office, "bob", "alice", NOW + 24 * HOUR, "appointment", arrived=NOW - 1)
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.add("bob", now=NOW + HOUR)
    new = keep(office, "bob", "alice", NOW + 23 * HOUR, "appointment", arrived=NOW + 2 * HOUR)
    assert pages(office, "bob", "alice", "appointment") == [[new.id]]
    assert pages(office, "bob", "alice", "appointment", room_for(1)) == [[new.id], []]


def test_nobody_is_unknown(office: World) -> None:
    with pytest.raises(UnknownContact):
        page(office, "alice", "nobody")


def test_who_has_been_disabled_reads_nothing_more(office: World) -> None:
    directory.disable_user(office.tables, office.address("alice"), True, NOW)
    with pytest.raises(NotConnected):
        page(office, "alice", "bob")


# ---- which ----


@pytest.mark.parametrize("kind", ["message", "appointment", "attachment"])
def test_a_kind_is_listed_by_itself(office: World, kind: Kind) -> None:
    kinds: list[Kind] = ["message", "appointment", "attachment"]
    kept = {each: keep(office, "alice", "bob", kind=each) for each in kinds}
    assert page(office, "alice", "bob", kind).communications == [kept[kind]]


def test_the_newest_come_first_page_by_page(office: World) -> None:
    kept = [keep(office, "alice", "bob", NOW + number * MINUTE).id for number in range(5)]
    assert pages(office, "alice", "bob", fit=room_for(2)) == [kept[:2:-1], kept[2:0:-1], kept[:1]]


def test_a_page_has_no_more_than_its_limit(office: World) -> None:
    kept = [keep(office, "alice", "bob", NOW + number).id for number in range(PAGE + 1)]
    assert pages(office, "alice", "bob") == [kept[:0:-1], kept[:1]]


def test_a_page_costs_the_same_however_many_there_are(office: World) -> None:
    for number in range(3 * PAGE):
        keep(office, "alice", "bob", NOW + number)
    office.client.calls.clear()
    assert len(page(office, "alice", "bob").communications) == PAGE
    assert office.client.operations() == ["batch_get_item", "query"]
    assert office.client.calls[1][1]["Limit"] == PAGE


# ---- whether anything is indexed ----


def test_a_domain_of_which_nothing_is_indexed_says_so(world: World) -> None:
    world.add("alice", "bob")
    assert page(world, "alice", "bob") == Listing([], None, False)


def test_an_indexed_domain_says_so_where_there_is_nothing_with_a_contact(office: World) -> None:
    assert page(office, "alice", "bob") == Listing([], None, True)


def test_what_is_there_is_indexed_whatever_was_noted(world: World) -> None:
    world.add("alice", "bob")
    kept = keep(world, "alice", "bob")
    assert page(world, "alice", "bob") == Listing([kept], None, True)


# ---- one of them ----


def caller_of(world: World, viewer: str) -> Caller:
    return Caller(world.address(viewer), f"web:{viewer}-page")


def test_a_mail_comes_with_its_files_and_no_others(office: World) -> None:
    mail = keep(office, "alice", "bob")
    of = Correspondence.between(*office.addresses("alice", "bob"))
    time = ids.time_of(mail.id)
    for name, belongs_to in (("own.pdf", mail.id), ("of another.pdf", ids.new(NOW)), ("of the chat.pdf", None)):
        file = Communication(ids.derived(time, name), "attachment", name, NOW, mail=belongs_to)
        office.tables.communications.add(of, file)
    keep(office, "alice", "bob", NOW + 1, "attachment")
    found, files = communications.mail(office.tables, caller_of(office, "alice"), office.address("bob"), mail.id)
    assert (found, [each.title for each in files]) == (mail, ["own.pdf"])


def test_a_mail_costs_three_reads(office: World) -> None:
    mail = keep(office, "alice", "bob")
    office.client.calls.clear()
    communications.mail(office.tables, caller_of(office, "alice"), office.address("bob"), mail.id)
    assert office.client.operations() == ["batch_get_item", "get_item", "query"]


@pytest.mark.parametrize(("viewer", "contact"), [("carol", "alice"), ("carol", "bob"), ("alice", "carol")])
def test_of_others_neither_a_mail_nor_a_file_is_had(office: World, viewer: str, contact: str) -> None:
    mail, file = keep(office, "alice", "bob"), keep(office, "alice", "bob", kind="attachment")
    for find, item in ((communications.mail, mail), (communications.file, file)):
        with pytest.raises(UnknownItem):
            find(office.tables, caller_of(office, viewer), office.address(contact), item.id)


def test_a_file_is_had_by_members_of_an_alias_while_they_are(office: World) -> None:
    office.alias("team", "alice", "bob")
    file = keep(office, "team", None, kind="attachment")
    team, alice = office.address("team"), caller_of(office, "alice")
    assert communications.file(office.tables, alice, team, file.id) == file
    office.alias("team", "bob")
    with pytest.raises(UnknownItem):
        communications.file(office.tables, alice, team, file.id)


def test_a_mail_is_no_file_and_a_file_no_mail(office: World) -> None:
    mail, file = keep(office, "alice", "bob"), keep(office, "alice", "bob", kind="attachment")
    for find, item in ((communications.mail, file), (communications.file, mail)):
        with pytest.raises(UnknownItem):
            find(office.tables, caller_of(office, "alice"), office.address("bob"), item.id)


def test_what_the_one_before_had_is_not_had_by_its_id(office: World) -> None:
    mail, file = (keep(office, "bob", "alice", NOW - 1, kind) for kind in ("message", "attachment"))
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.add("bob", now=NOW + HOUR)
    for find, item in ((communications.mail, mail), (communications.file, file)):
        with pytest.raises(UnknownItem):
            find(office.tables, caller_of(office, "bob"), office.address("alice"), item.id)


# ---- what it costs ----


def test_a_page_reads_the_same_of_100_and_of_100_000(world: World) -> None:
    office = quick(world)
    office.add("alice", "bob")
    history: Any = office.client._client
    rows = history._rows[Correspondence.between(*office.addresses("alice", "bob")).partition]
    read = []
    for much in (100, 100_000):
        for number in range(len(rows), much):
            sk = f"MAIL/{ids.lowest(NOW + number)}"
            rows[sk] = {"sk": {"S": sk}, "title": {"S": "Offer"}, "arrived": {"N": str(NOW + number)}}
        history.read_bytes = 0
        assert len(page(office, "alice", "bob").communications) == PAGE
        read.append(history.read_bytes)
    assert read[0] == read[1] > 0
