from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import ids
from tests.unit.strategies import times


@given(times, times)
def test_ids_sort_by_time(one: int, other: int) -> None:
    if one != other:
        assert (ids.new(one) < ids.new(other)) == (one < other)


@given(times)
def test_an_id_carries_its_time(time: int) -> None:
    assert ids.time_of(ids.new(time)) == time


@given(times)
def test_an_id_is_a_version_7_uuid(time: int) -> None:
    parsed = uuid.UUID(ids.new(time))
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)


@given(times)
def test_the_lowest_id_of_a_millisecond_sorts_before_all_of_it(time: int) -> None:
    assert ids.lowest(time) <= ids.new(time)


@given(st.integers(1, 253_402_300_799_999))
def test_the_lowest_id_of_a_millisecond_sorts_behind_all_earlier_ones(time: int) -> None:
    assert ids.new(time - 1) < ids.lowest(time)


def test_ids_of_one_millisecond_differ() -> None:
    assert len({ids.new(1) for _ in range(100)}) == 100


def test_there_is_no_lowest_id_before_the_epoch() -> None:
    assert ids.time_of(ids.lowest(-1)) == 0


@given(times)
def test_every_new_id_has_the_accepted_spelling(time: int) -> None:
    assert ids.is_id(ids.new(time))
    assert re.search(ids.PATTERN, ids.new(time))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0198C0DE-0000-7000-8000-000000000000",
        "0198c0de00007000800000000000000",
        "0198c0de-0000-4000-8000-000000000000",
        "0198c0de-0000-7000-c000-000000000000",
        "0198c0de-0000-7000-8000-000000000000\n",
        "{0198c0de-0000-7000-8000-000000000000}",
    ],
)
def test_other_spellings_and_versions_are_no_ids(text: str) -> None:
    assert not ids.is_id(text)


@given(st.integers(1, 253_402_300_799_999))
def test_times_are_written_to_the_millisecond_in_their_order(time: int) -> None:
    assert ids.iso(time)[-4:-1] == f"{time % 1000:03}"
    assert ids.iso(time - 1) < ids.iso(time)


def test_times_are_written_as_xep_0082_wants() -> None:
    assert ids.iso(1_769_851_800_123) == "2026-01-31T09:30:00.123Z"
