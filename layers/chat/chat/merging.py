"""Several threads read as one, in the order of their messages' ids."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from operator import itemgetter

from chat.store import LAST_SORT_KEY, after, before
from chat.tables import Tables
from chat.tables.history import Message, Thread

_CHUNK = 10
"""Messages that a thread is read by at the least: about 4 KB, which one read unit reads."""
_AT_ONCE = 8
"""Threads that are read at the same time."""


@dataclass(frozen=True, slots=True)
class Part:
    """A thread of the archive, and an id that none of its messages is behind."""

    thread: Thread
    last: str


@dataclass(frozen=True, slots=True)
class Range:
    """Threads, and the ids that are looked for in them: from ``low`` to ``high``, both included."""

    parts: list[Part]
    low: str
    high: str

    def between(self, low: str, high: str) -> Range:
        """The part of the range from ``low`` to ``high``, and the threads that can have something there."""
        low, high = max(low, self.low), min(high, self.high)
        return Range([part for part in self.parts if part.last >= low], low, high)


def messages(tables: Tables, where: Range, most: int, *, newest_first: bool) -> Iterator[Message]:
    """The messages of a range in order; reads as far as they are asked for, which will be about ``most``.

    A thread is merged in as the place where it can begin, which needs no read. Only when the merge comes to that place
    is the thread opened, and the next ones with it.
    """
    ordered = sorted(where.parts, key=lambda part: (part.last, part.thread.partition), reverse=True)
    chunk = min(most, max(_CHUNK, 2 * most // max(len(ordered), 1)))
    unread = dict.fromkeys(ordered)
    opened: dict[Part, tuple[list[Message], bool]] = {}

    def read(part: Part, low: str, high: str) -> tuple[list[Message], bool]:
        return tables.history.messages(part.thread, low=low, high=high, newest_first=newest_first, limit=chunk)

    def of(part: Part) -> Iterator[tuple[tuple[str, str], Message | None]]:
        # A message whose inbox row is still being written may be behind ``last``; from the end it would come too late.
        low, high = where.low, min(part.last, where.high) if newest_first else where.high
        yield ((high, LAST_SORT_KEY) if newest_first else (low, "")), None
        if part in unread:
            wave = [part, *islice((each for each in unread if each != part), _AT_ONCE - 1)]
            calls = (partial(read, each, low, min(each.last, where.high) if newest_first else high) for each in wave)
            opened.update(zip(wave, tables.store.together(*calls), strict=True))
            for each in wave:
                del unread[each]
        found, more = opened.pop(part)
        while found:
            yield from (((message.id, part.thread.partition), message) for message in found)
            if not more:
                return
            end = found[-1].id
            low, high = (low, before(end)) if newest_first else (after(end), high)
            found, more = read(part, low, high)

    for _, message in heapq.merge(*map(of, ordered), key=itemgetter(0), reverse=newest_first):
        if message is not None:
            yield message


def named(tables: Tables, where: Range, given: Iterable[str]) -> list[Message]:
    """The messages of a range that have one of these ids, in order; looks into each thread that is not older."""
    wanted = [each for each in given if where.low <= each <= where.high]
    able = where.between(min(wanted), LAST_SORT_KEY).parts if wanted else []
    return tables.history.find([part.thread for part in able], wanted)


def count(tables: Tables, where: Range, most: int) -> tuple[int, bool]:
    """How many messages a range has, and whether that is exact: it is up to ``most``, if they are not too long."""
    counted = 0
    for part in where.parts:
        found, more = tables.history.count(part.thread, low=where.low, high=where.high, limit=most - counted + 1)
        counted += found
        if more or counted > most:
            return counted, False
    return counted, True
