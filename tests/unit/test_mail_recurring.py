from __future__ import annotations

import datetime as datetimes
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from unittest.mock import patch

import pytest
from dateutil import rrule
from hypothesis import assume, given
from hypothesis import strategies as st

from chat import ids
from chat.mail import rules
from chat.mail.budgets import Budget
from chat.mail.recurring import last_end, next_occurrence, occurring
from chat.mail.rules import GivenUp, NotUnderstood

HOUR = 3_600_000
DAY = 24 * HOUR
WEEK = 7 * DAY
BEGINS = 1_719_820_800_000
"""Monday, 2024-07-01, 10:00 in Berlin."""


@dataclass(frozen=True)
class Change:
    recurrence: int
    begins: int
    ends: int
    cancelled: bool = False


@dataclass(frozen=True)
class Event:
    rule: str | None = ""
    begins: int | None = BEGINS
    ends: int | None = BEGINS + HOUR
    zone: str | None = "Europe/Berlin"
    excluded: tuple[int, ...] = ()
    exceptions: tuple[Change, ...] = ()


def coming(event: Event, now: int) -> int | None:
    """When the next occurrence begins, an hour long."""
    found = next_occurrence(event, now, Budget())
    assert found is None or found[1] == found[0] + HOUR
    return found[0] if found else None


@pytest.mark.parametrize(("now", "begins"), [(0, BEGINS), (BEGINS + HOUR - 1, BEGINS), (BEGINS + HOUR, None)])
def test_one_without_a_rule_takes_place_once(now: int, begins: int | None) -> None:
    assert coming(Event(), now) == begins


def test_the_next_one_is_the_first_that_is_not_over() -> None:
    weekly = Event("FREQ=WEEKLY")
    assert coming(weekly, 0) == BEGINS
    assert coming(weekly, BEGINS + HOUR) == BEGINS + WEEK
    assert coming(weekly, BEGINS + WEEK + HOUR // 2) == BEGINS + WEEK


def test_the_clock_of_the_zone_shows_the_same_in_winter() -> None:
    assert coming(Event("FREQ=WEEKLY"), BEGINS + 20 * WEEK) == BEGINS + 20 * WEEK + HOUR
    assert coming(Event("FREQ=WEEKLY", zone=None), BEGINS + 20 * WEEK) == BEGINS + 20 * WEEK


@pytest.mark.parametrize("zone", ["Nowhere", "../etc", "Europe", "\0"])
def test_a_zone_that_is_unknown_counts_as_utc(zone: str) -> None:
    assert coming(Event("FREQ=WEEKLY", zone=zone), BEGINS + 20 * WEEK) == BEGINS + 20 * WEEK


def test_occurrences_are_told_from_other_times() -> None:
    winter = BEGINS + 20 * WEEK + HOUR
    times = {BEGINS, BEGINS + WEEK, BEGINS + DAY, winter, winter - HOUR, BEGINS - WEEK}
    assert occurring(Event("FREQ=WEEKLY", excluded=(BEGINS + WEEK,)), times) == {BEGINS, winter}
    assert occurring(Event("FREQ=WEEKLY;COUNT=2"), times) == {BEGINS, BEGINS + WEEK}
    assert occurring(Event("FREQ=WEEKLY"), ()) == set()


def test_where_a_rule_is_not_understood_any_time_may_be_an_occurrences() -> None:
    assert occurring(Event("FREQ=HOURLY"), {BEGINS + DAY}) == {BEGINS + DAY}


def test_excluded_and_cancelled_ones_are_passed_over_and_moved_ones_count() -> None:
    moved = Change(BEGINS + 2 * WEEK, BEGINS + 2 * WEEK + DAY, BEGINS + 2 * WEEK + DAY + HOUR)
    event = Event("FREQ=WEEKLY", excluded=(BEGINS,), exceptions=(Change(BEGINS + WEEK, 0, HOUR, True), moved))
    assert coming(event, 0) == moved.begins
    assert coming(event, moved.ends) == BEGINS + 3 * WEEK


def test_one_that_was_moved_to_the_front_comes_first() -> None:
    event = Event("FREQ=WEEKLY", exceptions=(Change(BEGINS + WEEK, BEGINS - DAY, BEGINS - DAY + HOUR),))
    assert coming(event, 0) == BEGINS - DAY


@pytest.mark.parametrize(
    ("rule", "last"),
    [
        ("", BEGINS),
        ("FREQ=WEEKLY;COUNT=3", BEGINS + 2 * WEEK),
        ("FREQ=WEEKLY;UNTIL=20240715T080000Z", BEGINS + 2 * WEEK),
        ("FREQ=WEEKLY;UNTIL=20240715T075959Z", BEGINS + WEEK),
        ("FREQ=WEEKLY;UNTIL=20240715", BEGINS + 2 * WEEK),
        ("FREQ=WEEKLY;UNTIL=20240715T100000", BEGINS + 2 * WEEK),
        ("FREQ=HOURLY", BEGINS),
    ],
)
def test_the_last_one_is_known_and_none_follows(rule: str, last: int) -> None:
    event = Event(rule)
    assert last_end(event) == last + HOUR
    assert coming(event, last) == last
    assert coming(event, last + HOUR) is None


def test_until_the_end_of_all_years_is_for_long() -> None:
    assert coming(Event("FREQ=WEEKLY;UNTIL=99991231T235959Z"), BEGINS + HOUR) == BEGINS + WEEK
    assert last_end(Event("FREQ=YEARLY;UNTIL=99991231")) != BEGINS + HOUR


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", ""])
@pytest.mark.parametrize("length", [HOUR, 30 * DAY])
def test_no_occurrence_is_behind_the_year_9999(zone: str, length: int) -> None:
    late = ids.LATEST - 40 * DAY + 3 * HOUR  # in New York the evening before, by whose clock there is one day more
    last = last_end(Event("FREQ=DAILY;COUNT=999", begins=late, ends=late + length, zone=zone))
    assert last is not None
    assert ids.LATEST - DAY <= last <= ids.LATEST


def test_what_never_ends_has_no_last_one() -> None:
    assert last_end(Event("FREQ=WEEKLY")) is None
    assert last_end(Event("FREQ=DAILY;COUNT=999999")) is None


def test_a_birthday_of_long_ago_is_found_though_it_is_counted() -> None:
    assert coming(Event("FREQ=YEARLY;COUNT=200", begins=-DAY * 18_262, ends=-DAY * 18_262 + HOUR, zone=""), BEGINS)


def test_a_daily_one_of_long_ago_is_found_at_once() -> None:
    old = Event("FREQ=DAILY", begins=-DAY * 20_000, ends=-DAY * 20_000 + HOUR, zone="")
    assert coming(old, BEGINS - BEGINS % DAY + HOUR) == BEGINS - BEGINS % DAY + DAY


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=YEARLY;INTERVAL=999999;BYMONTH=1",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;UNTIL=99991231T235959Z",
    ],
)
def test_a_rule_that_no_day_matches_is_given_up_and_takes_place_once(rule: str) -> None:
    assert coming(Event(rule), BEGINS) is None
    assert last_end(Event(rule)) == BEGINS + HOUR


def test_a_position_that_is_named_again_and_again_makes_no_more_work() -> None:
    positions = ",".join(["1"] * 400)
    assert len(rules.parse(f"FREQ=DAILY;BYSETPOS={positions}", datetime(2024, 1, 1, tzinfo=UTC)).positions) == 1


def test_what_many_take_together_has_an_end() -> None:
    budget = Budget(100)
    never, weekly = Event("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), Event("FREQ=WEEKLY")
    assert next_occurrence(weekly, BEGINS, budget) == (BEGINS, BEGINS + HOUR)
    assert next_occurrence(never, BEGINS, budget) is None
    assert next_occurrence(weekly, BEGINS, budget) is None
    assert budget.left == 0


@pytest.mark.parametrize(
    ("rule", "excluded", "last"),
    [
        ("FREQ=WEEKLY;UNTIL=20240715T080000Z", (), BEGINS + 2 * WEEK),
        ("FREQ=WEEKLY;UNTIL=20240715T080000Z", (BEGINS + 2 * WEEK, BEGINS + WEEK), BEGINS),
        ("FREQ=WEEKLY;COUNT=1043", (), BEGINS + 2 * WEEK),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;UNTIL=20270715", (), BEGINS - 123 * DAY + HOUR),
        ("FREQ=DAILY;COUNT=5000", (), BEGINS - 1040 * WEEK + 4999 * DAY),
    ],
)
def test_the_last_one_of_a_series_that_began_twenty_years_ago_is_known(
    rule: str, excluded: tuple[int, ...], last: int
) -> None:
    ago = BEGINS - 1040 * WEEK
    assert last_end(Event(rule, begins=ago, ends=ago + HOUR, excluded=excluded)) == last + HOUR


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=DAILY;BYHOUR=9", "FREQ=YEARLY;BYWEEKNO=3", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=x",
     "FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=DAILY;UNTIL=20241301", "", "x", "FREQ=DAILY;" * 100,
     "FREQ=DAILY;RSCALE=HEBREW", "FREQ=MONTHLY;BYDAY=99MO", "FREQ=DAILY;COUNT=" + "9" * 5000],
)  # fmt: skip
def test_a_rule_that_is_not_understood_counts_as_none(rule: str) -> None:
    assert coming(Event(rule), 0) == BEGINS
    assert coming(Event(rule), BEGINS + HOUR) is None


def test_a_rule_may_repeat_the_time_of_the_beginning() -> None:
    assert coming(Event("FREQ=DAILY;BYHOUR=10;BYMINUTE=0;BYSECOND=0"), BEGINS + HOUR) == BEGINS + DAY


def _listed(name: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.just("") | st.lists(values, min_size=1, max_size=3).map(lambda found: f";{name}={','.join(found)}")


def numbers(*values: int) -> st.SearchStrategy[str]:
    return st.sampled_from([str(value) for value in values])


frequencies = st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
weekdays = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
numbered = st.tuples(st.sampled_from(["1", "2", "-1", "+3", "5"]), weekdays).map("".join)
ends = st.just("") | st.integers(1, 30).map(";COUNT={}".format) | st.sampled_from([";UNTIL=20290501T100000"])
starts = st.datetimes(datetime(2015, 1, 1), datetime(2024, 12, 31)).map(lambda day: day.replace(microsecond=0))  # noqa: DTZ001


@st.composite
def written_rules(draw: st.DrawFn) -> str:
    """Rules which dateutil and RFC 5545 agree about: it has days in BYDAY with and without a number exclude each other,
    and counts positions in the part of the first week that is left."""
    frequency = draw(frequencies)
    days = numbered if frequency in ("MONTHLY", "YEARLY") and draw(st.booleans()) else weekdays
    rule = f"FREQ={frequency};INTERVAL={draw(st.integers(1, 5))}" + draw(ends)
    rule += draw(_listed("BYMONTH", numbers(*range(1, 13)))) + draw(_listed("BYDAY", days))
    rule += draw(_listed("BYMONTHDAY", numbers(1, 2, 15, 28, 29, 30, 31, -1, -2, -31)))
    if frequency == "YEARLY":
        rule += draw(_listed("BYYEARDAY", numbers(1, 100, 366, -1, -366)))
    if frequency != "WEEKLY" and ";BY" in rule:
        rule += draw(_listed("BYSETPOS", numbers(1, 2, 4, -1, -2)))
    return rule + draw(st.just("") | weekdays.map(";WKST={}".format))


class Until2035:
    """The module ``datetime`` in a world that ends then, so that dateutil stops looking."""

    MAXYEAR = 2035

    def __getattr__(self, name: str) -> object:
        return getattr(datetimes, name)


@given(written_rules(), starts, st.integers(0, 3000))
def test_rules_give_the_days_that_dateutil_gives(text: str, start: datetime, later: int) -> None:
    rule = rules.parse(text, start)
    since = start + timedelta(0 if rule.count else later)
    until = min(since + timedelta(3650), datetime(2035, 1, 1))  # noqa: DTZ001
    with patch.object(rrule, "datetime", Until2035()):
        theirs = [each for each in rrule.rrulestr(text, dtstart=start) if since <= each < until][:20]
    moments = (datetime.combine(day, start.time()) for day in rule.days(start.date(), since.date(), Budget(50_000)))
    mine = takewhile(lambda each: each < until and (rule.until is None or each <= rule.until), moments)
    found: list[datetime] = []
    with suppress(GivenUp):
        found += islice((each for each in mine if each >= since), 20)
    assert found == theirs


@given(st.text(st.sampled_from("FREQDAILYBYO=;,-+0123456789MOTUWEYTZ"), max_size=60))
def test_no_rule_breaks_the_reader(text: str) -> None:
    try:
        rules.parse("FREQ=DAILY;" + text, datetime(2024, 1, 1, tzinfo=UTC))
    except NotUnderstood:
        assume(True)
    next_occurrence(Event("FREQ=DAILY;" + text), BEGINS, Budget())
    last_end(Event("FREQ=DAILY;" + text))
