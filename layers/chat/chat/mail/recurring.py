"""When an appointment takes place next, and when for the last time.

Occurrences keep the time that the clock of their zone shows (RFC 5545 §3.8.5.3). A rule that is not understood counts
as none. However a rule is made, 13 years of days are looked at and no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import takewhile
from typing import Protocol
from zoneinfo import ZoneInfo

from chat import ids
from chat.mail import rules

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Changed(Protocol):
    """One occurrence of a series that takes place otherwise, or not at all. Times are in ms since the epoch."""

    @property
    def recurrence(self) -> int: ...
    @property
    def begins(self) -> int: ...
    @property
    def ends(self) -> int: ...
    @property
    def cancelled(self) -> bool: ...


class Repeated(Protocol):
    """An appointment that may be repeated, with the times of its first occurrence, in ms since the epoch."""

    @property
    def begins(self) -> int | None: ...
    @property
    def ends(self) -> int | None: ...
    @property
    def rule(self) -> str | None: ...
    @property
    def zone(self) -> str | None: ...
    @property
    def excluded(self) -> Sequence[int]: ...


class Series(Repeated, Protocol):
    """The same with what its organizer changed since."""

    @property
    def exceptions(self) -> Sequence[Changed]: ...


def next_occurrence(series: Series, now: int) -> tuple[int, int] | None:
    """When the first occurrence that is not over at ``now`` begins and ends, or None where there is none.

    Times are in ms since the epoch. One that is going on is the next one.
    """
    changed = {each.recurrence for each in series.exceptions}
    regular = (each for each in _occurrences(series, now) if each[1] > now and each[0] not in changed)
    others = [(each.begins, each.ends) for each in series.exceptions if each.ends > now and not each.cancelled]
    return min([*others, *([found] if (found := next(regular, None)) else [])], default=None)


def last_end(appointment: Repeated) -> int | None:
    """When the last occurrence ends, in ms since the epoch; None where that is never, or more than 13 years of days
    lie before it."""
    begins, ends = appointment.begins or 0, appointment.ends or appointment.begins or 0
    try:
        rule = rules.parse(appointment.rule or "", _local(begins, _zone(appointment)))
    except rules.NotUnderstood:
        return ends
    if rule.until is None and rule.count is None:
        return None
    last = ends
    for count, (_, end) in enumerate(_occurrences(appointment, begins), 1):
        last = max(last, end)
        if count == rules.MAX_DAYS:
            return None
    return last


def occurring(series: Repeated, times: Collection[int]) -> frozenset[int]:
    """Those of some times, in ms since the epoch, at which occurrences begin; all of them where the rule is not
    understood."""
    try:
        rules.parse(series.rule or "", _local(series.begins or 0, _zone(series)))
    except rules.NotUnderstood:
        return frozenset(times)
    latest = max(times, default=0)
    begin = (begins for begins, _ in _occurrences(series, min(times, default=0)))
    return frozenset(takewhile(lambda each: each <= latest, begin)) & frozenset(times)


def _occurrences(series: Repeated, since: int) -> Iterator[tuple[int, int]]:
    """When occurrences begin and end, in their order, from a few before ``since`` on; without those excluded."""
    if series.begins is None:
        return
    ends = series.begins if series.ends is None else series.ends
    length = ends - series.begins
    zone = _zone(series)
    start = _local(series.begins, zone)
    try:
        rule = rules.parse(series.rule or "", start)
    except rules.NotUnderstood:
        yield series.begins, ends
        return
    earliest = max(series.begins, since - length - 86_400_000)
    for day in rule.days(start.date(), _local(earliest, zone).date()):
        moment = datetime.combine(day, start.timetz())
        if rule.until and moment > rule.until:
            return
        try:
            begins = _ms(moment)
        except OverflowError:  # behind the year 9999 by the clock of UTC
            return
        if begins + length > ids.LATEST:
            return
        if begins not in series.excluded:
            yield begins, begins + length


def _zone(series: Repeated) -> tzinfo:
    try:
        return ZoneInfo(series.zone or "UTC")
    except (ValueError, OSError, KeyError):  # one that this machine does not know
        return UTC


def _local(time: int, zone: tzinfo) -> datetime:
    return (_EPOCH + timedelta(milliseconds=time)).astimezone(zone)


def _ms(moment: datetime) -> int:
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)
