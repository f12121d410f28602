"""The History table in memory does what DynamoDB's own does, as far as it is used."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import ids
from chat.store import LAST_SORT_KEY, after, before
from chat.tables.history import HistoryTable, Last, Message, Thread
from tests.unit.quick_history import quick
from tests.unit.world import NOW, World, empty

IDS = [ids.lowest(NOW + number) for number in range(6)]
PEOPLE = ("alice", "bob", "carol")

people, some_id = st.sampled_from(PEOPLE), st.sampled_from(IDS)
bounds = st.sampled_from(["", LAST_SORT_KEY, *IDS, *map(before, IDS), *map(after, IDS)])
steps = st.one_of(
    st.tuples(st.just("add"), people, some_id),
    st.tuples(st.just("add_own"), people, some_id),
    st.tuples(st.just("set_last"), people, some_id),
    st.tuples(st.just("messages"), people, bounds, bounds, st.booleans(), st.integers(1, 3)),
    st.tuples(st.just("count"), people, bounds, bounds, st.integers(1, 3)),
    st.tuples(st.just("find"), st.lists(some_id, max_size=3)),
    st.tuples(st.just("message"), people, some_id),
    st.tuples(st.just("before"), people, some_id),
    st.tuples(st.just("inbox"), people),
    st.tuples(st.just("lasts"), people),
)


def take(world: World, step: tuple[Any, ...]) -> Any:
    """One step in a world's history: what it gives."""
    history: HistoryTable = world.tables.history
    kind, *given = step
    alice, team = world.addresses("alice", "team")
    own = Thread.of_alias(team, alice)
    match kind, given:
        case "find", [wanted]:
            return history.find([own, *(world.thread("alice", each) for each in PEOPLE)], wanted)
        case "inbox", [local]:
            return history.inbox(world.address(local))
    peer = world.address(given[0])
    thread = Thread.between(alice, peer)
    match kind, given[1:]:
        case "add", [message_id]:
            return history.add(thread, Message(message_id, alice, peer, f"to {peer.local}"))
        case "add_own", [message_id]:
            message = Message(message_id, alice, team, "to all")
            history.add_own(team, message)
            return history.add(Thread.of_alias(team), message)
        case "set_last", [message_id]:
            return history.set_last(alice, Last(peer, message_id, peer, "a preview"))
        case "messages", [low, high, newest_first, limit]:
            options = {"low": low, "high": high, "newest_first": newest_first, "limit": limit}
            return history.messages(thread, **options), history.messages(own, **options)
        case "count", [low, high, limit]:
            return history.count(thread, low=low, high=high, limit=limit)
        case "message", [message_id]:
            return history.message(thread, message_id)
        case "before", [message_id]:
            return history.before(thread, message_id)
        case "lasts", []:
            return history.lasts([(alice, peer), (peer, alice)])
    raise AssertionError(kind)


@pytest.fixture
def in_memory(world: World) -> World:
    made = quick(world)
    made.domain = world.domain
    return made


@settings(max_examples=20)
@given(st.lists(steps, min_size=5, max_size=12))
def test_the_same_steps_give_the_same(world: World, in_memory: World, taken: list[tuple[Any, ...]]) -> None:
    empty("history")
    in_memory.client.clear()
    for step in taken:
        assert take(in_memory, step) == take(world, step), step
