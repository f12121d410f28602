"""When an appointment takes place next, and when for the last time.

Occurrences keep the time that the clock of their zone shows (RFC 5545 §3.8.5.3). A rule that is not understood counts
as none, and so does one that no day matches among as many as are looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice, takewhile
from typing import Protocol
from zoneinfo import ZoneInfo

from chat import ids
from chat.mail import rules
from chat.mail.budgets import Budget
from chat.mail.rules import GivenUp, NotUnderstood

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000
_BEFORE_THE_END = (40, 400, 4_000)
"""Days before the end of a series in which its last occurrence is looked for."""


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


def next_occurrence(series: Series, now: int, budget: Budget) -> tuple[int, int] | None:
    """When the first occurrence that is not over at ``now`` begins and ends, or None where there is none, or nothing is
    left of ``budget``.

    Times are in ms since the epoch. One that is going on is the next one.
    """
    changed = {each.recurrence for each in series.exceptions}
    regular = (each for each in _occurrences(series, now, budget) if each[1] > now and each[0] not in changed)
    found = [(each.begins, each.ends) for each in series.exceptions if each.ends > now and not each.cancelled]
    with suppress(GivenUp):
        found += islice(regular, 1)
    return min(found, default=None)


def end_after(appointment: Repeated, time: int) -> int | None:
    """When the first occurrence ends that is not over at ``time``, or None where there is none. Times are in ms since
    the epoch."""
    with suppress(GivenUp):
        return next((end for _, end in _occurrences(appointment, time, Budget()) if end > time), None)
    return None


def last_end(appointment: Repeated) -> int | None:
    """When the last occurrence ends, in ms since the epoch; None where that is never, or too many days lie before it.

    One of which no occurrence is found takes place once.
    """
    begins, ends = appointment.begins or 0, appointment.ends or appointment.begins or 0
    try:
        rule = rules.parse(appointment.rule or "", _local(begins, _zone(appointment)))
    except NotUnderstood:
        return ends
    if rule.until and not rule.count:
        until = _ms(rule.until)
        places = [max(begins, until - days * _DAY) for days in _BEFORE_THE_END]
    else:
        places = [begins]
    is_endless = not rule.until and not rule.count
    for since in places:
        found: list[int] = []
        try:
            occurrences = _occurrences(appointment, since, Budget())
            found.extend(end for _, end in islice(occurrences, 1 if is_endless else None))
        except GivenUp:
            is_endless = True
        if found:
            return None if is_endless else max(found)
    return ends


def occurring(series: Repeated, times: Collection[int]) -> frozenset[int]:
    """Those of some times, in ms since the epoch, at which occurrences begin; all of them where the rule is not
    understood."""
    try:
        rules.parse(series.rule or "", _local(series.begins or 0, _zone(series)))
    except NotUnderstood:
        return frozenset(times)
    latest = max(times, default=0)
    begin = (begins for begins, _ in _occurrences(series, min(times, default=0), Budget()))
    found: set[int] = set()
    with suppress(GivenUp):
        found.update(takewhile(lambda each: each <= latest, begin))
    return frozenset(times) & found


def _occurrences(series: Repeated, since: int, budget: Budget) -> Iterator[tuple[int, int]]:
    """When occurrences begin and end, in their order, from a few before ``since`` on; without those excluded.

    Raises:
        GivenUp: too many days would have to be looked at for more.
    """
    if series.begins is None:
        return
    ends = series.begins if series.ends is None else series.ends
    length = ends - series.begins
    zone = _zone(series)
    start = _local(series.begins, zone)
    try:
        rule = rules.parse(series.rule or "", start)
    except NotUnderstood:
        yield series.begins, ends
        return
    earliest = max(series.begins, since - length - _DAY)
    for day in rule.days(start.date(), _local(earliest, zone).date(), budget):
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
