from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import ids
from chat.mail.known import MAX_MOVES, Known, Source, name
from chat.mail.model import Appointment
from chat.store import StoreBusy
from tests.unit.mailing import has, meeting
from tests.unit.meetings import invite, occurrence, one, weekly
from tests.unit.world import DAY, HOUR, NOW, World


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol", "dave")
    return world


# ---- any order ----


def facts(known: Known) -> tuple[Any, ...]:
    """What an owner knows, without the way there."""
    return (
        known.rank,
        known.details,
        known.cancelled,
        known.exceptions,
        known.answers,
        known.invited,
        known.contacts,
        known.rows[-1:],
    )


MESSAGE = st.builds(
    Appointment,
    uid=st.just("meeting-1"),
    sequence=st.integers(0, 2),
    stamp=st.integers(NOW, NOW + 2),
    method=st.sampled_from(["REQUEST", "PUBLISH", "CANCEL", "REPLY", "COUNTER"]),
    summary=st.sampled_from(["a", "b"]),
    place=st.just(""),
    begins=st.none() | st.integers(NOW, NOW + 2),
    ends=st.integers(NOW + HOUR, NOW + HOUR + 2),
    all_day=st.just(False),
    zone=st.just(""),
    rule=st.sampled_from(["", "FREQ=DAILY;COUNT=2"]),
    excluded=st.just(()),
    recurrence=st.sampled_from([None, None, NOW, NOW + 1]),
    status=st.sampled_from(["confirmed", "cancelled"]),
    organizer=st.just("a@b.example"),
    answers=st.dictionaries(
        st.sampled_from(["a@b.example", "c@b.example"]), st.sampled_from(["needs-action", "accepted", "declined"])
    ),
)


@given(
    st.lists(MESSAGE, min_size=1, max_size=5).flatmap(lambda told: st.tuples(st.just(told), st.permutations(told))),
    st.lists(st.frozensets(st.sampled_from(["a@b.example", "c@b.example"])), min_size=5, max_size=5),
)
def test_messages_may_come_in_any_order_and_again(
    orders: tuple[list[Appointment], list[Appointment]], authors: list[frozenset[str]]
) -> None:
    told, again = orders
    sources = {
        id(each): Source(f"mail {number}", "Subject", NOW + number, authors[number]) for number, each in enumerate(told)
    }
    first, second = Known(), Known()
    for each in told:
        first = first.told(each, (), sources[id(each)])
    for each in [*again, *again]:
        second = second.told(each, (), sources[id(each)])
    first, second = first.placed("one"), second.placed("one")
    assert facts(first) == facts(second)
    assert Known.read(first.item()) == first


def test_where_it_was_is_forgotten_after_some_moves(world: World) -> None:
    known = Known()
    for number in range(40):
        moved = meeting(world, sequence=number, ends=NOW + DAY + number)
        known = known.told(moved, (), Source("mail", "", NOW, frozenset())).placed("one")
    assert len(known.rows) == MAX_MOVES


def test_one_message_may_move_it_often(office: World) -> None:
    when = [NOW + (1 + 7 * week) * DAY for week in range(MAX_MOVES + 4)]
    invite(office, weekly(office, rule="FREQ=WEEKLY;COUNT=3"))
    assert one(office, "bob", "alice").title == "Review"
    changes = [occurrence(office, each, begins=each + 90 * DAY, ends=each + 91 * DAY) for each in when]
    again = weekly(office, rule="FREQ=WEEKLY;COUNT=20", summary="Again", stamp=NOW + 1)
    invite(office, again, *changes, message_id="two")
    assert one(office, "bob", "alice").title == "Again"


# ---- at once ----


def test_two_that_come_at_once_end_in_one_row(office: World) -> None:
    """A second message is indexed between any two steps of the first."""
    newer = meeting(office, "alice", "bob", sequence=1, begins=NOW + 2 * DAY, ends=NOW + 2 * DAY + HOUR, uid="x")
    older = replace(newer, sequence=0, begins=NOW + DAY, ends=NOW + DAY + HOUR)

    def interrupted(at: int, first: Appointment, second: Appointment) -> bool:
        """Whether the first one still had a step at which the second could come in between."""
        steps = iter(range(1000))

        def before(_name: str, _request: dict[str, Any]) -> None:
            if next(steps) == at:
                office.client.before = lambda *_: None
                invite(office, second, message_id="second", to=("bob",))

        office.client.before = before
        invite(office, first, message_id="first", to=("bob",))
        was_interrupted = next(steps) > at
        office.client.before = lambda *_: None
        return was_interrupted

    for number, (first, second) in enumerate([(older, newer), (newer, older)]):
        at = 0
        while True:
            uid = f"{number} {at}"
            if not interrupted(at, replace(first, uid=uid), replace(second, uid=uid)):
                break
            at += 1
            found = [
                each
                for each in has(office, "bob", "alice", "appointment")
                if each.id.endswith(_end(replace(first, uid=uid)))
            ]
            assert [each.begins for each in found] == [NOW + 2 * DAY]
        assert at > 8


def _end(appointment: Appointment) -> str:
    """How the ids of all rows of an appointment end."""
    return ids.derived(0, f"appointment {name(appointment)}")[15:]


def test_what_is_changed_without_end_comes_again_later(office: World) -> None:
    def disturb(name: str, request: dict[str, Any]) -> None:
        if name == "put_item":
            office.client.before = lambda *_: None
            invite(office, meeting(office, "alice", "bob", sequence=next(sequences)), message_id="other")
            office.client.before = disturb

    sequences = iter(range(1000))
    office.client.before = disturb
    with pytest.raises(StoreBusy):
        invite(office, meeting(office, "alice", "bob", sequence=2000))
