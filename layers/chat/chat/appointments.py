"""Appointments in the order of their tab: those to come first, the soonest in front, then those that are over.

A row's id is of the time when its last occurrence ends, so rows from now on are to come, and one query finds them. In
what order depends on when each occurs next, which is computed when it is read; so up to 200 are read and sorted. Behind
them come the next 200, where somebody has so many with one contact. Where rules make more work than one page may, the
rest is shown as if nothing of it were to come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from operator import itemgetter

from chat import ids
from chat.errors import BadCursor
from chat.mail.budgets import MAX_DAYS_OF_A_PAGE, Budget
from chat.store import LAST_SORT_KEY, after, before
from chat.tables.communications import Communication, CommunicationRows, Correspondence

COMING = 200
"""Appointments that are put in order at once: all of them are read with each page that has some."""
NEVER = ids.LATEST
"""When an appointment ends that is repeated for ever, in ms since the epoch."""

_ID = ids.PATTERN.strip("^$")
_COMING = re.compile(rf"coming/(\d{{1,15}})/({_ID})/(\d{{1,15}})/({_ID})")
_PAST = re.compile(rf"past/(\d{{1,15}})/({_ID})")


Listed = tuple[Communication, str]
"""An appointment with the times of its next occurrence, or of its last, and the position behind it."""


def page(
    table: CommunicationRows, rows: Correspondence, floor: str, position: str | None, now: int, limit: int
) -> tuple[list[Listed], bool]:
    """At most ``limit`` appointments with ids from ``floor`` on, behind ``position``, and whether there may be more.

    What is to come and what is over goes by the time of the first page. Costs a query of up to 200 rows where there are
    coming ones, and one of up to ``limit`` rows where the page has others.

    Raises:
        BadCursor: the position is none that a page gave.
    """
    place, budget = _Place.read(position, now), Budget(MAX_DAYS_OF_A_PAGE)
    found = list(islice(_coming(table, rows, floor, place, budget), limit)) if place.low else []
    if len(found) == limit:
        return found, True
    high = before(ids.lowest(place.now) if place.low else place.behind)
    past, more = table.page(rows, "appointment", low=floor, high=high, limit=limit - len(found))
    shown = [(occurrence(each, place.now, budget), f"past/{place.now}/{each.id}") for each in past]
    return found + shown, more


def occurrence(appointment: Communication, now: int, budget: Budget | None = None) -> Communication:
    """An appointment with the times of its next occurrence, or of its last where none is to come, and the answers to
    that one. ``budget`` is what all that are shown together may take."""
    if not (appointment.rule or appointment.exceptions) or appointment.begins is None or appointment.ends is None:
        return appointment
    from chat.mail.recurring import next_occurrence  # only what is repeated has to pay for it

    found = next_occurrence(appointment, now, budget or Budget())
    begins, ends = found if found and found[1] <= ids.time_of(appointment.id) else _last(appointment)
    shown = replace(appointment, begins=begins, ends=ends)
    for each in appointment.exceptions:
        if (each.begins, each.ends, each.cancelled) == (begins, ends, False):
            answer, contact_answer = each.answer or shown.answer, each.contact_answer or shown.contact_answer
            return replace(shown, answer=answer, contact_answer=contact_answer)
    return shown


def _last(appointment: Communication) -> tuple[int, int]:
    """When the last occurrence of one that is repeated or changed begins and ends; the first where that is never."""
    first, end = (appointment.begins or 0, appointment.ends or 0), ids.time_of(appointment.id)
    if not appointment.rule:
        there = ((each.begins, each.ends) for each in appointment.exceptions if not each.cancelled)
        return max(there, key=itemgetter(1), default=first)
    return first if end == NEVER else (end - (first[1] - first[0]), end)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a list goes on."""

    now: int
    """When its first page was made."""
    low: str = ""
    """Behind which coming ones are read, to be put in order; "" where all of them have been listed."""
    begins: int = -1
    """When the last one that has been listed of these begins."""
    behind: str = ""
    """The id of the last one that has been listed."""

    @classmethod
    def read(cls, position: str | None, now: int) -> _Place:
        if position is None:
            return cls(now, ids.lowest(now))
        if coming := _COMING.fullmatch(position):
            made, low, begins, behind = coming.groups()
            return cls(int(made), low, int(begins), behind)
        if past := _PAST.fullmatch(position):
            return cls(int(past[1]), behind=past[2])
        raise BadCursor("cursor was not given for this request")


def _coming(
    table: CommunicationRows, rows: Correspondence, floor: str, place: _Place, budget: Budget
) -> Iterator[Listed]:
    """The coming ones behind a place, the soonest first among each 200 of them."""
    low, listed = place.low, (place.begins, place.behind)
    for _ in range(2):  # from one 200 into the next; a page has fewer
        found, more = table.page(
            rows, "appointment", low=max(floor, after(low)), high=LAST_SORT_KEY, limit=COMING, newest_first=False
        )
        due = sorted((occurrence(each, place.now, budget) for each in found), key=_time)
        for each in due:
            begins, item_id = _time(each)
            if (begins, item_id) > listed:
                yield each, f"coming/{place.now}/{low}/{begins}/{item_id}"
        if not more:
            return
        low, listed = found[-1].id, (-1, "")


def _time(appointment: Communication) -> tuple[int, str]:
    """When it begins, and its id, by which those that begin together are in order."""
    begins = ids.time_of(appointment.id) if appointment.begins is None else appointment.begins
    return max(begins, 0), appointment.id
