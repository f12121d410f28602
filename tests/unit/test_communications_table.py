from __future__ import annotations

import pytest

from chat import ids
from chat.frames.communications import CommunicationFrame
from chat.frames.paging import fit
from chat.store import LAST_SORT_KEY, Key
from chat.tables.communications import MAX_TITLE, Communication, CommunicationRows, Correspondence
from tests.unit.world import HOUR, NOW, World

MAIL = Communication(ids.new(NOW), "message", "Offer 7", NOW, "received", 1234)
MEETING = Communication(ids.new(NOW), "appointment", "Review", NOW - HOUR, ends=NOW + HOUR)


@pytest.fixture
def table(world: World) -> CommunicationRows:
    return world.tables.communications


@pytest.fixture
def correspondence(world: World) -> Correspondence:
    return Correspondence.between(world.address("alice"), world.address("bob"))


def newest(table: CommunicationRows, correspondence: Correspondence, kept: Communication) -> Communication:
    [found] = table.page(correspondence, kept.kind, low="", high=LAST_SORT_KEY, limit=9)[0]
    return found


@pytest.mark.parametrize("kept", [MAIL, MEETING], ids=["mail", "meeting"])
def test_a_communication_comes_back_as_it_was_kept(
    table: CommunicationRows, correspondence: Correspondence, kept: Communication
) -> None:
    table.add(correspondence, kept)
    assert newest(table, correspondence, kept) == kept


def test_indexing_again_keeps_one(table: CommunicationRows, correspondence: Correspondence) -> None:
    table.add(correspondence, MAIL)
    table.add(correspondence, MAIL)
    assert newest(table, correspondence, MAIL) == MAIL


def test_of_a_long_title_the_beginning_is_kept(table: CommunicationRows, correspondence: Correspondence) -> None:
    table.add(correspondence, Communication(MAIL.id, "message", "x" * 998, NOW))
    assert newest(table, correspondence, MAIL).title == "x" * MAX_TITLE


def test_a_page_of_the_longest_titles_fits_into_a_frame() -> None:
    longest = Communication(MAIL.id, "attachment", "𝄞" * MAX_TITLE, NOW, "received", 10**9)
    assert fit([CommunicationFrame.model_validate(longest)] * 25) == 25


def test_the_times_are_those_of_the_id_and_of_the_end() -> None:
    assert (MEETING.at, MEETING.ends_at) == ("2026-01-01T09:00:00.000Z", "2026-01-01T10:00:00.000Z")
    assert MAIL.ends_at is None


def test_nothing_lies_between_ends_that_cross(table: CommunicationRows, correspondence: Correspondence) -> None:
    assert table.page(correspondence, "message", low="b", high="a", limit=9) == ([], False)


def test_no_two_owners_share_a_partition(world: World) -> None:
    a, b = world.addresses("a", "b")
    made = [Correspondence.between(a, b), Correspondence.between(b, a), Correspondence.between(a, a)]
    assert len({*made, Correspondence.of_alias(a), Correspondence.of_alias(b)}) == 5


def test_a_domain_is_indexed_since_the_first_note(table: CommunicationRows, world: World) -> None:
    assert not table.is_indexed(world.domain)
    table.note_indexed(world.domain, NOW)
    table.note_indexed(world.domain, NOW + HOUR)
    assert table.is_indexed(world.domain)
    noted = world.tables.store.get(Key(table.name, f"COMMUNICATION/{world.domain}", "INDEXED"))
    assert noted
    assert noted["since"] == NOW
