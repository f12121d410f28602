from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import archive, directory, ids, merging
from chat.addresses import Address
from chat.archive import Page, Paging, Query
from chat.errors import BadField, NotConnected, UnknownItem
from chat.tables.history import Message, Thread
from tests.unit.archive_office import (
    PEERS,
    TALK,
    check_pages,
    furnish,
    page,
    pages_backward,
    pages_forward,
    say,
    say_all,
    talks,
    thread_of,
)
from tests.unit.world import HOUR, MINUTE, NOW, World

UNKNOWN = ids.new(NOW + 1)


@pytest.fixture
def office(world: World) -> World:
    return furnish(world)


@pytest.fixture
def talked(office: World) -> tuple[World, list[Message]]:
    """The office after a talk, and what Alice may see of it."""
    return office, say_all(office, TALK)


@settings(max_examples=40)
@given(talks, st.integers(2, 5), st.integers(1, 3))
def test_pages_in_both_directions_give_every_message_once_and_in_order(
    office: World, talk: list[tuple[tuple[str, str], int]], most: int, chunk: int
) -> None:
    expected = say_all(office, talk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merging, "_CHUNK", chunk)
        patch.setattr(merging, "_AT_ONCE", 2)
        check_pages(pages_forward(office, Query(), most), expected, most)
        check_pages(pages_backward(office, Query(), most), expected, most)


@settings(max_examples=80)
@given(
    st.none() | st.sampled_from(PEERS),
    st.none() | st.integers(-2, 20),
    st.none() | st.integers(-2, 20),
    st.none() | st.integers(0, 11),
    st.none() | st.integers(0, 11),
    st.sampled_from([pages_forward, pages_backward]),
)
def test_a_filter_gives_what_filtering_the_whole_archive_gives(
    talked: tuple[World, list[Message]],
    peer: str | None,
    start: int | None,
    end: int | None,
    low: int | None,
    high: int | None,
    pages: Callable[[World, Query, int], list[Page]],
) -> None:
    office, seen = talked
    start, end = (None if each is None else NOW + each for each in (start, end))
    after_id, before_id = (None if each is None else seen[each].id for each in (low, high))
    expected = [
        message
        for message in seen
        if (peer is None or thread_of(message) == peer)
        and (start is None or ids.time_of(message.id) >= start)
        and (end is None or ids.time_of(message.id) <= end)
        and (after_id is None or message.id > after_id)
        and (before_id is None or message.id < before_id)
    ]
    query = Query(office.address(peer) if peer else None, start, end, after_id, before_id)
    check_pages(pages(office, query, 4), expected, 4)


def test_messages_of_one_millisecond_are_all_in_a_range_that_starts_and_ends_with_it(office: World) -> None:
    say(office, "bob", "alice", NOW - 1)
    same = [say(office, "bob", "alice", NOW) for _ in range(5)]
    say(office, "bob", "alice", NOW + 1)
    found = page(office, Query(start=NOW, end=NOW))
    assert found.messages == sorted(same, key=lambda message: message.id)


def test_times_that_no_id_can_carry_are_before_or_after_all(office: World) -> None:
    sent = say(office, "bob", "alice")
    all_of_time = [Query(end=1 << 48), Query(end=(1 << 48) - 1), Query(start=-5), Query(start=NOW, end=1 << 60)]
    nothing = [Query(start=1 << 48), Query(start=1 << 60), Query(end=-5), Query(start=NOW + 1, end=NOW - 1)]
    for peer in (None, office.address("bob")):
        for query in all_of_time:
            assert page(office, replace(query, peer=peer)) == Page([sent], 1, True, 0, complete=True)
        for query in nothing:
            assert page(office, replace(query, peer=peer)) == Page([], 0, True, None, complete=True)


def test_a_page_has_fifty_messages_unless_asked_for_more_and_never_over_a_hundred(
    office: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (Paging().max, archive.MAX_PAGE) == (50, 100)
    monkeypatch.setattr(archive, "MAX_PAGE", 2)
    sent = [say(office, "bob", "alice", NOW + number) for number in range(3)]
    assert page(office, paging=Paging(max=1000)).messages == sent[:2]


def test_a_page_is_not_complete_when_exactly_one_more_is_there(office: World) -> None:
    sent = [say(office, "bob", "alice", NOW + number) for number in range(4)]
    assert not page(office, paging=Paging(max=3)).complete
    assert page(office, paging=Paging(max=4)).complete
    assert not page(office, paging=Paging(before=sent[3].id, max=2)).complete
    assert page(office, paging=Paging(before=sent[3].id, max=3)).complete


def test_before_and_after_together_give_the_last_page_between_them(office: World) -> None:
    sent = [say(office, "bob", "alice", NOW + number) for number in range(6)]
    found = page(office, paging=Paging(after=sent[0].id, before=sent[5].id, max=2))
    assert (found.messages, found.complete, found.index, found.count) == (sent[3:5], False, 3, 6)


def test_behind_the_last_message_there_is_an_empty_last_page(office: World) -> None:
    sent = [say(office, "bob", "alice", NOW + number) for number in range(3)]
    assert page(office, paging=Paging(after=sent[2].id)) == Page([], 3, True, None, complete=True)
    assert page(office, paging=Paging(before=sent[0].id)) == Page([], 3, True, None, complete=True)


def test_without_messages_there_is_one_empty_page(office: World) -> None:
    nothing = Page([], 0, True, None, complete=True)
    assert page(office) == page(office, paging=Paging(before="")) == page(office, paging=Paging(max=0)) == nothing


def test_max_zero_asks_for_the_count_alone(office: World) -> None:
    for number in range(3):
        say(office, "bob", "alice", NOW + number)
    say(office, "alice", "helpdesk", NOW + 3)
    say(office, "carol", "helpdesk", NOW + 4)
    assert page(office, paging=Paging(max=0)) == Page([], 4, True, None, complete=False)
    assert page(office, Query(office.address("bob")), Paging(max=0)).count == 3


class TestWith:
    def test_an_alias_shows_members_all_and_others_their_own_part(self, office: World) -> None:
        sent = [say(office, "carol", "team"), say(office, "bob", "team", NOW + 1)]
        query = Query(office.address("team"))
        assert page(office, query).messages == sent
        assert page(office, query, owner="carol").messages == sent[:1]
        assert page(office, query, owner="dave").messages == []

    def test_oneself_shows_the_notes_to_oneself_alone(self, office: World) -> None:
        say(office, "bob", "alice")
        note = say(office, "alice", "alice", NOW + 1)
        assert page(office, Query(office.address("alice"))).messages == [note]

    @pytest.mark.parametrize("peer", ["nobody@{}", "bob@elsewhere.example"])
    def test_an_address_without_a_thread_gives_an_empty_archive(self, office: World, peer: str) -> None:
        say(office, "bob", "alice")
        query = Query(Address.parse(peer.format(office.domain)))
        assert page(office, query) == Page([], 0, True, None, complete=True)

    def test_an_id_of_another_thread_is_a_place_in_the_archive_too(self, office: World) -> None:
        first, place, second = (
            say(office, peer, "alice", NOW + number) for number, peer in enumerate(("bob", "dave", "bob"))
        )
        query = Query(office.address("bob"))
        assert page(office, query, Paging(after=place.id)).messages == [second]
        assert page(office, replace(query, before_id=place.id)).messages == [first]

    def test_who_was_removed_reads_nothing(self, office: World) -> None:
        directory.remove_user(office.tables, office.address("alice"), NOW)
        with pytest.raises(NotConnected):
            page(office, Query(office.address("bob")))


class TestIds:
    def test_exactly_these_messages_in_order(self, office: World) -> None:
        sent = [say(office, peer, "alice", NOW + number) for number, peer in enumerate(("bob", "dave", "bob"))]
        own = say(office, "alice", "helpdesk", NOW + 3)
        found = page(office, Query(ids=(own.id, sent[1].id, sent[0].id, own.id)))
        assert found == Page([sent[0], sent[1], own], 3, True, 0, complete=True)

    def test_they_are_paged_as_others_are(self, office: World) -> None:
        sent = [say(office, "bob", "alice", NOW + number) for number in range(6)]
        query = Query(ids=tuple(message.id for message in sent[1:]))
        check_pages(pages_forward(office, query, 2), sent[1:], 2)
        check_pages(pages_backward(office, query, 2), sent[1:], 2)
        assert page(office, query, Paging(max=0)) == Page([], 5, True, None, complete=False)

    def test_other_fields_filter_them(self, office: World) -> None:
        sent = [say(office, peer, "alice", NOW + number) for number, peer in enumerate(("bob", "dave", "bob"))]
        query = Query(ids=tuple(message.id for message in sent))
        assert page(office, replace(query, peer=office.address("bob"))).messages == [sent[0], sent[2]]
        assert page(office, replace(query, start=NOW + 1)).messages == sent[1:]
        assert page(office, replace(query, before_id=sent[2].id)).messages == sent[:2]

    def test_one_that_is_not_in_the_archive_refuses_all(self, office: World) -> None:
        sent, foreign = say(office, "bob", "alice"), say(office, "carol", "helpdesk")
        for query in (Query(ids=(sent.id, foreign.id)), Query(office.address("bob"), ids=(sent.id, foreign.id))):
            with pytest.raises(UnknownItem, match=foreign.id):
                page(office, query)

    def test_more_than_twenty_are_refused(self, office: World) -> None:
        with pytest.raises(BadField, match="21"):
            page(office, Query(ids=(UNKNOWN,) * 21))


UNKNOWN_ITEMS = [
    (Query(), Paging(after=UNKNOWN)),
    (Query(), Paging(before=UNKNOWN)),
    (Query(), Paging(after=UNKNOWN, max=0)),
    (Query(after_id=UNKNOWN), Paging()),
    (Query(before_id=UNKNOWN), Paging()),
    (Query(before_id=UNKNOWN), Paging(before="")),
    (Query(start=NOW + HOUR), Paging(after=UNKNOWN)),
    (Query(ids=(UNKNOWN,)), Paging()),
    (Query(), Paging(after="not an id")),
    (Query(), Paging(before=UNKNOWN.upper())),
    (Query(ids=("\ud800",)), Paging()),
]


def test_an_id_that_is_not_in_the_archive_is_an_unknown_item(office: World) -> None:
    say(office, "bob", "alice")
    say(office, "bob", "alice", NOW + MINUTE)
    for query, paging in UNKNOWN_ITEMS:
        for peer in (None, office.address("bob"), Address("bob", "elsewhere.example")):
            with pytest.raises(UnknownItem):
                page(office, replace(query, peer=peer), paging)


def test_a_message_of_a_thread_that_is_not_the_users_is_an_unknown_item(office: World) -> None:
    say(office, "alice", "helpdesk")
    foreign = say(office, "carol", "helpdesk", NOW + 1)
    say(office, "alice", "helpdesk", NOW + 2)
    for paging in (Paging(after=foreign.id), Paging(before=foreign.id)):
        with pytest.raises(UnknownItem):
            page(office, paging=paging)


def test_who_got_the_address_of_somebody_removed_has_an_archive_of_its_own(office: World) -> None:
    old = say(office, "alice", "bob")
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.add("bob", now=NOW + HOUR)
    new = say(office, "alice", "bob", NOW + HOUR)
    for peer in (None, office.address("alice")):
        assert page(office, Query(peer), owner="bob") == Page([new], 1, True, 0, complete=True)
        with pytest.raises(UnknownItem):
            page(office, Query(peer), Paging(after=old.id), owner="bob")
    assert archive.bounds(office.tables, office.address("bob")) == (new, new)
    assert archive.since(office.tables, office.address("bob"), "", 10) == [new]
    assert page(office).messages == [old, new]


class TestEqualIds:
    @pytest.fixture
    def sent(self, office: World) -> list[Message]:
        """Six messages, of which the second, third and fourth have the same id."""
        same = ids.new(NOW + 1)
        return [
            say(office, "bob", "alice"),
            *sorted(
                (say(office, peer, "alice", message_id=same) for peer in ("dave", "carol", "bob")),
                key=lambda message: Thread.between(message.sender, message.recipient).partition,
            ),
            say(office, "bob", "alice", NOW + 2),
            say(office, "dave", "alice", NOW + 3),
        ]

    @pytest.mark.parametrize("pages", [pages_forward, pages_backward])
    def test_no_page_parts_them_and_none_is_lost(
        self, office: World, sent: list[Message], pages: Callable[[World, Query, int], list[Page]]
    ) -> None:
        for query, expected in ((Query(), sent), (Query(before_id=sent[4].id), sent[:4])):
            for most in (1, 4):
                found = pages(office, query, most)
                assert [message for each in found for message in each.messages] == expected
                assert [each.count for each in found] == [len(expected)] * len(found)
                assert max(len(each.messages) for each in found) <= max(most, 3)

    def test_asked_for_by_id_all_are_given(self, office: World, sent: list[Message]) -> None:
        assert page(office, Query(ids=(sent[1].id,))).messages == sent[1:4]


def test_a_message_whose_inbox_row_is_not_written_yet_does_not_disturb_the_order(office: World) -> None:
    first = say(office, "bob", "alice")
    second = say(office, "dave", "alice", NOW + 1)
    late = Message(ids.new(NOW + 2), office.address("bob"), office.address("alice"), "x")
    office.tables.history.add(office.thread("alice", "bob"), late)
    assert page(office, paging=Paging(before="")).messages == [first, second]
    assert page(office).messages == [first, second, late]


def test_bounds_are_the_first_and_the_last_message_of_all_threads(office: World) -> None:
    alice = office.address("alice")
    assert archive.bounds(office.tables, alice) == (None, None)
    say(office, "carol", "helpdesk", NOW - 1)
    sent = [say(office, peer, "alice", NOW + number) for number, peer in enumerate(("dave", "bob", "dave", "bob"))]
    last = say(office, "carol", "team", NOW + 9)
    assert archive.bounds(office.tables, alice) == (sent[0], last)


class TestSince:
    @settings(max_examples=10)
    @given(st.integers(-1, 11), st.integers(1, 8))
    def test_the_newest_of_others_in_order(self, talked: tuple[World, list[Message]], number: int, limit: int) -> None:
        office, seen = talked
        place = seen[number].id if number >= 0 else ""
        new = [message for message in seen if message.id > place and message.sender.local != "alice"]
        assert archive.since(office.tables, office.address("alice"), place, limit) == new[-limit:]

    def test_own_messages_are_passed_over_only_so_far(self, office: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive, "SEARCHED", 3)
        alice = office.address("alice")
        first = say(office, "bob", "alice")
        for number in range(1, 3):
            say(office, "alice", "bob", NOW + number)
        assert archive.since(office.tables, alice, "", 5) == [first]
        say(office, "alice", "bob", NOW + 3)
        assert archive.since(office.tables, alice, "", 5) == []

    def test_own_parts_of_alias_threads_are_not_read(self, office: World) -> None:
        say(office, "alice", "helpdesk")
        office.client.calls.clear()
        assert archive.since(office.tables, office.address("alice"), "", 5) == []
        assert office.client.operations().count("query") == 1
