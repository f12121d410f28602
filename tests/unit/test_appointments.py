from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import appointments, communications, directory, ids
from chat.callers import Caller
from chat.communications import PAGE, Listing
from chat.errors import BadCursor
from chat.mail.budgets import Budget
from chat.tables.communications import Communication, Correspondence, Occurrence
from tests.unit.quick_history import quick
from tests.unit.world import HOUR, MINUTE, NOW, World, everything, room_for

DAY = 24 * HOUR
NEVER = ids.LATEST


@pytest.fixture
def office(world: World) -> World:
    made = quick(world)
    made.add("alice", "bob")
    return made


def keep(office: World, title: str, begins: int, length: int = HOUR, ends: int | None = None, **more: Any) -> str:
    """Keep an appointment of Alice with Bob; ``ends``: when the last occurrence of a series does."""
    item_id = ids.derived(begins + length if ends is None else ends, title)
    of = Correspondence.between(*office.addresses("alice", "bob"))
    fields: dict[str, Any] = {"arrived": NOW - DAY, "begins": begins, "ends": begins + length}
    office.tables.communications.add(of, Communication(item_id, "appointment", title, **fields | more))
    return item_id


def page(office: World, position: str | None = None, fit: Any = everything, now: int = NOW) -> Listing:
    caller = Caller(office.address("alice"), "web:alice-page")
    return communications.page(office.tables, caller, office.address("bob"), "appointment", position, now, fit)


def pages(office: World, fit: Any = everything) -> list[list[str]]:
    """The titles of all pages."""
    found, position, now = [], None, NOW
    while True:
        listing = page(office, position, fit, now)
        found.append([each.title for each in listing.communications])
        position, now = listing.next, now + DAY  # what the first page called coming is so on all
        if position is None:
            return found
        assert len(found) < 200


def test_rules_that_match_no_day_keep_no_page_busy(office: World) -> None:
    never: dict[str, Any] = {"rule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "ends": NEVER}
    for number in range(100):
        keep(office, f"{number}", NOW + number * MINUTE, **never)
    keep(office, "tomorrow", NOW + DAY, rule="FREQ=WEEKLY", ends=NEVER)
    made: list[Budget] = []

    def budget(left: int) -> Budget:
        made.append(Budget(left))
        return made[-1]

    with patch.object(appointments, "Budget", budget):
        listed = [title for each in pages(office) for title in each]
    assert sorted(listed) == sorted([*map(str, range(100)), "tomorrow"])
    assert (len(made), {each.left for each in made}) == (5, {0})


def test_one_of_which_no_occurrence_is_found_is_shown_with_its_first_one(office: World) -> None:
    keep(office, "never again", NOW - DAY, rule="FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", ends=NEVER)
    [found] = page(office).communications
    assert (found.begins, found.ends) == (NOW - DAY, NOW - DAY + HOUR)


def test_coming_ones_are_first_the_soonest_in_front_then_past_ones_the_latest_in_front(office: World) -> None:
    for title, begins in (("last week", -7), ("in a week", 7), ("yesterday", -1), ("tomorrow", 1)):
        keep(office, title, NOW + begins * DAY)
    assert pages(office) == [["tomorrow", "in a week", "yesterday", "last week"]]
    assert pages(office, room_for(1)) == [["tomorrow"], ["in a week"], ["yesterday"], ["last week"]]


def test_one_that_goes_on_is_coming(office: World) -> None:
    keep(office, "next", NOW + MINUTE)
    keep(office, "now", NOW - MINUTE)
    assert pages(office) == [["now", "next"]]


def test_a_series_stands_where_it_takes_place_next(office: World) -> None:
    keep(office, "tomorrow", NOW + DAY)
    keep(office, "in a week", NOW + 7 * DAY)
    keep(office, "weekly", NOW - 4 * DAY, ends=NEVER, rule="FREQ=WEEKLY", zone="UTC")
    listed = page(office).communications
    assert [each.title for each in listed] == ["tomorrow", "weekly", "in a week"]
    assert (listed[1].begins, listed[1].ends) == (NOW + 3 * DAY, NOW + 3 * DAY + HOUR)


def test_a_series_that_is_over_has_the_time_of_its_last_occurrence(office: World) -> None:
    last = NOW - DAY
    keep(office, "daily", NOW - 9 * DAY, ends=last + HOUR, rule="FREQ=DAILY;COUNT=9", zone="UTC")
    [found] = page(office).communications
    assert (found.begins, found.ends) == (last, last + HOUR)


def test_an_occurrence_that_was_moved_counts(office: World) -> None:
    moved = (Occurrence(NOW + 3 * DAY, NOW + 5 * DAY, NOW + 5 * DAY + MINUTE),)
    keep(office, "weekly", NOW - 4 * DAY, ends=NEVER, rule="FREQ=WEEKLY", zone="UTC", exceptions=moved)
    [found] = page(office).communications
    assert (found.begins, found.ends) == (NOW + 5 * DAY, NOW + 5 * DAY + MINUTE)


def test_a_rule_that_nobody_understands_is_shown_as_once(office: World) -> None:
    keep(office, "odd", NOW + DAY, rule="FREQ=SOMETIMES", zone="UTC")
    [found] = page(office).communications
    assert found.begins == NOW + DAY


def test_coming_and_past_ones_share_a_page(office: World) -> None:
    coming, past = ([f"{kind} {number}" for number in range(PAGE)] for kind in ("coming", "past"))
    for number in range(PAGE):
        keep(office, coming[number], NOW + (number + 1) * DAY)
        keep(office, past[number], NOW - (number + 1) * DAY)
    assert pages(office)[:2] == [coming, past]
    keep(office, "coming last", NOW + 900 * DAY)
    assert pages(office) == [coming, ["coming last", *past[:-1]], past[-1:]]


def test_more_than_are_put_in_order_at_once_all_come(office: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appointments, "COMING", 30)
    titles = [f"coming {number}" for number in range(70)]
    for number, title in enumerate(titles):
        keep(office, title, NOW + number * HOUR)
    keep(office, "past", NOW - DAY)
    assert [title for page in pages(office) for title in page] == [*titles, "past"]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), max_size=30), st.integers(1, 4), st.integers(25, 40))
def test_each_is_listed_once_and_in_order(office: World, made: list[tuple[int, bool]], room: int, at_once: int) -> None:
    office.client.clear()
    for number, (day, is_series) in enumerate(made):
        series: dict[str, Any] = {"rule": "FREQ=DAILY", "zone": "UTC", "ends": NEVER} if is_series else {}
        keep(office, f"{number}", NOW + day * DAY + number * MINUTE, **series)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(appointments, "COMING", at_once)
        found = [title for page in pages(office, room_for(room)) for title in page]
    assert sorted(found) == sorted(str(number) for number in range(len(made)))
    begins = [
        NOW + (day if not is_series or day >= 0 else 0) * DAY + int(title) * MINUTE
        for title in found
        for day, is_series in [made[int(title)]]
    ]
    coming = [each for each in begins if each + HOUR > NOW]
    assert begins == sorted(coming) + sorted(set(begins) - set(coming), reverse=True)


def test_a_page_costs_the_same_however_many_there_were(office: World) -> None:
    costs = []
    for much in (100, 1000):
        for number in range(much):
            keep(office, f"past {much} {number}", NOW - (number + 2) * HOUR)
        for number in range(5):
            keep(office, f"coming {much} {number}", NOW + number * HOUR)
        office.client.calls.clear()
        page(office)
        costs.append([(name, request.get("Limit")) for name, request in office.client.calls])
    assert costs[0] == [("batch_get_item", None), ("query", 200), ("query", PAGE - 5)]
    assert costs[1] == [("batch_get_item", None), ("query", 200), ("query", PAGE - 10)]


def test_what_the_one_before_was_invited_to_is_not_shown(office: World) -> None:
    keep(office, "of the one before", NOW + 30 * DAY)
    directory.remove_user(office.tables, office.address("alice"), NOW)
    office.add("alice", now=NOW + HOUR)
    keep(office, "own", NOW + 31 * DAY, arrived=NOW + 2 * HOUR)
    assert pages(office) == [["own"]]


@pytest.mark.parametrize(
    "position",
    [
        "",
        ids.new(NOW),
        f"past/x/{ids.new(NOW)}",
        f"past/{'9' * 16}/{ids.new(NOW)}",
        "past/1/x",
        f"coming/1/{ids.new(NOW)}/-1/{ids.new(NOW)}",
        f"coming/1/x/1/{ids.new(NOW)}",
        f"soon/1/{ids.new(NOW)}",
    ],
)
def test_a_position_that_no_page_gave(office: World, position: str) -> None:
    with pytest.raises(BadCursor):
        page(office, position)


def test_a_place_of_ones_own_making_shows_nothing_more_and_ends(office: World) -> None:
    for number in range(500):
        keep(office, f"coming {number}", NOW + number * HOUR)
    low = ids.lowest(0)
    office.client.calls.clear()
    page(office, f"coming/{NOW}/{low}/{10**14}/{ids.new(NOW)}")
    assert office.client.operations().count("query") <= 3
