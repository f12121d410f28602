from __future__ import annotations

from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import conversations, ids
from chat.addresses import Address
from chat.conversations import GAP, Conversation, group, starts_conversation
from chat.store import Key
from chat.tables.history import WEB, XMPP, HistoryTable, Message, Thread, message_item
from tests.unit.world import HOUR, MINUTE, NOW, World, empty

ALICE, BOB = Address("alice", "company.example"), Address("bob", "company.example")
numbers = count()

gaps = st.lists(st.sampled_from([1, MINUTE, 29 * MINUTE, GAP, GAP + 1, HOUR, 24 * HOUR]), min_size=1, max_size=40)


def messages_at(times: list[int]) -> list[Message]:
    return [
        Message(
            ids.new(time), (ALICE, BOB)[number % 2], (BOB, ALICE)[number % 2], f"at {time}", (WEB, XMPP)[number % 2]
        )
        for number, time in enumerate(times)
    ]


def with_gaps(between: list[int]) -> list[Message]:
    times = [NOW]
    for gap in between:
        times.append(times[-1] + gap)
    return messages_at(times)


def store(world: World, messages: list[Message], thread: Thread | None = None) -> Thread:
    """Store messages in a thread, a new one if none is given, with the rows of conversation starts."""
    thread = thread or Thread(f"THREAD/{next(numbers)}")
    table, history = world.tables.history.name, world.tables.history
    keys = [Key(table, thread.partition, f"MESSAGE/{message.id}") for message in messages]
    world.tables.store.write_many([(key, message_item(m)) for key, m in zip(keys, messages, strict=True)])
    for run in group(messages):
        history.start_conversation(thread, run[0], run[0].body)
    return thread


def pages(history: HistoryTable, thread: Thread, floor: str = "") -> list[list[Conversation]]:
    """All pages, the newest first."""
    found, position = [], None
    while True:
        listed, position = conversations.page(history, thread, floor, position)
        found.append(listed)
        if position is None:
            return found


def every(history: HistoryTable, thread: Thread, floor: str = "") -> list[Conversation]:
    """The conversations of all pages; the last page may be empty."""
    return [each for page in pages(history, thread, floor) for each in page]


@pytest.mark.parametrize(("gap", "starts"), [(0, False), (GAP, False), (GAP + 1, True), (-HOUR, False)])
def test_a_conversation_starts_after_more_than_half_an_hour(gap: int, starts: bool) -> None:
    assert starts_conversation(ids.new(NOW), ids.new(NOW + gap)) is starts


@pytest.mark.parametrize("previous", [None, ""])
def test_the_first_message_starts_a_conversation(previous: str | None) -> None:
    assert starts_conversation(previous, ids.new(NOW))


@given(gaps)
def test_groups_put_together_are_the_messages(between: list[int]) -> None:
    messages = with_gaps(between)
    assert [message for run in group(messages) for message in run] == messages


@given(gaps)
def test_gaps_within_a_group_are_short_and_between_groups_long(between: list[int]) -> None:
    runs = group(with_gaps(between))
    times = [[ids.time_of(message.id) for message in run] for run in runs]
    assert all(later - earlier <= GAP for run in times for earlier, later in pairwise(run))
    assert all(later[0] - earlier[-1] > GAP for earlier, later in pairwise(times))


def test_no_messages_are_no_groups() -> None:
    assert group([]) == []


@settings(max_examples=12)
@given(gaps)
def test_pages_list_exactly_the_groups_newest_first(world: World, between: list[int]) -> None:
    empty("history")
    messages = with_gaps(between)
    listed = pages(world.tables.history, store(world, messages))
    assert [(each.id, each.last_id, each.count, each.complete) for page in listed for each in page] == [
        (run[0].id, run[-1].id, len(run), True) for run in reversed(group(messages))
    ]
    assert all(len(page) <= conversations.PAGE for page in listed)


@settings(max_examples=15)
@given(gaps, st.integers(1, 6), st.integers(2, 4))
def test_pages_of_conversations_longer_than_a_page_reads_list_each_once(
    world: World, between: list[int], chunk: int, chunks: int
) -> None:
    empty("history")
    messages = with_gaps(between)
    thread = store(world, messages)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conversations, "_CHUNK", chunk)
        patch.setattr(conversations, "MOST_MESSAGES", chunk * chunks)
        listed = every(world.tables.history, thread)
    runs = list(reversed(group(messages)))
    assert [(each.id, each.last_id) for each in listed] == [(run[0].id, run[-1].id) for run in runs]
    for each, run in zip(listed, runs, strict=True):
        assert each.count == len(run) if each.complete else chunk * chunks <= each.count <= len(run)


def test_a_conversation_says_who_took_part_through_which_doors_and_what_came_last(world: World) -> None:
    messages = with_gaps([MINUTE, MINUTE])
    [[listed]] = pages(world.tables.history, store(world, messages))
    assert (listed.participants, listed.doors, listed.preview) == ((ALICE, BOB), (WEB, XMPP), messages[-1].body)
    assert (listed.started_at, listed.ended_at) == ("2026-01-01T09:00:00.000Z", "2026-01-01T09:02:00.000Z")


def test_a_thread_without_messages_has_no_conversations(world: World) -> None:
    assert conversations.page(world.tables.history, Thread("THREAD/empty"), "", None) == ([], None)


def test_ten_conversations_are_one_page(world: World) -> None:
    thread = store(world, with_gaps([HOUR] * 9))
    assert [len(page) for page in pages(world.tables.history, thread)] == [10]


def test_eleven_conversations_are_two_pages(world: World) -> None:
    thread = store(world, with_gaps([HOUR] * 10))
    assert [len(page) for page in pages(world.tables.history, thread)] == [10, 1]


def test_conversations_below_the_floor_are_not_listed(world: World) -> None:
    messages = with_gaps([HOUR, MINUTE, HOUR])
    listed = every(world.tables.history, store(world, messages), floor=ids.lowest(NOW + HOUR + MINUTE))
    assert [each.id for each in listed] == [messages[3].id, messages[2].id]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One page reads ten messages, five at a time."""
    monkeypatch.setattr(conversations, "MOST_MESSAGES", 10)
    monkeypatch.setattr(conversations, "_CHUNK", 5)


@pytest.mark.usefixtures("small")
def test_a_conversation_longer_than_one_page_reads_is_listed_from_its_start(world: World) -> None:
    messages = with_gaps([MINUTE] * 30)
    [listed] = every(world.tables.history, store(world, messages))
    assert (listed.id, listed.last_id, listed.count, listed.complete) == (messages[0].id, messages[-1].id, 10, False)


@pytest.mark.usefixtures("small")
def test_behind_a_long_conversation_the_earlier_ones_are_listed(world: World) -> None:
    messages = with_gaps([HOUR] + [MINUTE] * 30)
    listed = every(world.tables.history, store(world, messages))
    assert [(each.id, each.complete) for each in listed] == [(messages[1].id, False), (messages[0].id, True)]


@pytest.mark.usefixtures("small")
def test_a_long_conversation_cut_by_the_floor_begins_with_a_message(world: World) -> None:
    messages = with_gaps([MINUTE] * 30)
    floor = ids.lowest(ids.time_of(messages[3].id) + 1)
    [listed] = every(world.tables.history, store(world, messages), floor)
    assert listed.id == messages[4].id


@pytest.mark.usefixtures("small")
def test_a_long_conversation_without_its_start_row_begins_where_reading_ended(world: World) -> None:
    messages = with_gaps([MINUTE] * 12)
    thread = store(world, messages)
    key = Key("history", thread.partition, f"CONVERSATION/{messages[0].id}")
    world.tables.store.delete(key)
    listed = every(world.tables.history, thread)
    assert [(each.id, each.complete) for each in listed] == [(messages[3].id, False), (messages[0].id, True)]


@pytest.mark.usefixtures("small")
def test_the_own_part_of_an_alias_thread_is_grouped_by_itself(world: World) -> None:
    team = world.address("team")
    thread = Thread.of_alias(team)
    messages = [Message(ids.new(NOW + n * MINUTE), (ALICE, BOB)[n % 2], team, "x") for n in range(24)]
    store(world, messages, thread)
    for message in messages:
        world.tables.history.add_own(team, message)
    listed = every(world.tables.history, Thread.of_alias(team, ALICE))
    assert {each.participants for each in listed} == {(ALICE,)}
    assert (listed[0].last_id, sum(each.count for each in listed)) == (messages[-2].id, 12)


@pytest.mark.usefixtures("small")
def test_one_page_reads_no_more_than_its_limit(world: World) -> None:
    thread = store(world, with_gaps([MINUTE] * 30))
    world.client.calls.clear()
    conversations.page(world.tables.history, thread, "", None)
    read = [request["Limit"] for name, request in world.client.calls if name == "query"]
    assert read == [5, 5, 1, 1]


def test_a_page_reads_a_thousand_messages_at_most() -> None:
    assert conversations.MOST_MESSAGES == 1000
