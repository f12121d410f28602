"""How fast a client may send, and how often typing is told."""

from __future__ import annotations

import pytest

from bridge.rates import Bucket
from bridge.typing_news import _KEPT, AGAIN, Typing
from chat.addresses import Address

ALICE, BOB = Address("alice", "example.com"), Address("bob", "example.com")


class Clock:
    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def milliseconds(self) -> int:
        return round(self.now)


# Stanzas.


def test_a_burst_costs_no_waiting() -> None:
    bucket = Bucket(10, 5, Clock())
    assert [bucket.take() for _ in range(5)] == [0.0] * 5


def test_what_comes_after_it_waits_for_its_turn() -> None:
    bucket = Bucket(10, 2, Clock())
    assert [bucket.take() for _ in range(5)] == pytest.approx([0, 0, 0.1, 0.2, 0.3])


def test_who_waits_as_told_gets_the_rate() -> None:
    clock = Clock()
    bucket = Bucket(10, 3, clock)
    for _ in range(103):
        clock.now += bucket.take()
    assert clock.now - 1000 == pytest.approx(10)


def test_time_without_stanzas_gives_no_more_than_the_burst() -> None:
    clock = Clock()
    bucket = Bucket(10, 2, clock)
    clock.now += 3600
    assert [bucket.take() for _ in range(3)] == pytest.approx([0, 0, 0.1])


# Typing.


def typing() -> tuple[Typing, Clock]:
    clock = Clock()
    return Typing(clock.milliseconds), clock


def test_typing_is_told_when_it_begins_and_when_it_ends() -> None:
    told, _ = typing()
    assert [told.is_news(ALICE, BOB, active) for active in (True, True, False, False)] == [True, False, True, False]


def test_typing_is_told_again_while_it_lasts() -> None:
    told, clock = typing()
    told.is_news(ALICE, BOB, True)
    clock.now += AGAIN - 1
    assert not told.is_news(ALICE, BOB, True)
    clock.now += 1
    assert told.is_news(ALICE, BOB, True)
    assert not told.is_news(ALICE, BOB, True)


def test_who_has_not_begun_has_not_stopped() -> None:
    told, _ = typing()
    assert not told.is_news(ALICE, BOB, False)


def test_each_direction_is_told_for_itself() -> None:
    told, _ = typing()
    assert told.is_news(ALICE, BOB, True)
    assert told.is_news(BOB, ALICE, True)


def test_only_so_many_are_remembered() -> None:
    told, _ = typing()
    told.is_news(ALICE, BOB, True)
    for number in range(_KEPT):
        told.is_news(Address(f"user{number}", "example.com"), BOB, True)
    assert told.is_news(ALICE, BOB, True)


def test_one_who_types_and_stops_all_the_time_is_told_at_a_rate() -> None:
    told, clock = typing()
    found = [told.is_news(ALICE, BOB, number % 2 == 0) for number in range(100)]
    assert found[:10] == [True] * 10
    assert found.count(True) == 10
    assert told.is_news(BOB, ALICE, True), "another one has a bucket of its own"
    clock.now += 1000
    again = [told.is_news(ALICE, BOB, number % 2 == 0) for number in range(100)]
    assert again.count(True) == 2


def test_what_was_not_told_is_still_to_be_told() -> None:
    told, clock = typing()
    for number in range(10):
        told.is_news(ALICE, BOB, number % 2 == 0)
    assert not told.is_news(ALICE, BOB, True)
    clock.now += 1000
    assert told.is_news(ALICE, BOB, True)
