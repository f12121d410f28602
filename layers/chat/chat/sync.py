"""Sync: everything since a message id, in order, across all of a user's threads, without a copy per user."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from chat import inbox as inboxes
from chat.addresses import Address
from chat.errors import BadCursor
from chat.ids import MAX_SKEW
from chat.inbox import Entry, Inbox
from chat.store import after
from chat.tables import Tables
from chat.tables.history import HistoryTable, Message, Thread

OVERLAP = 2 * MAX_SKEW
"""Milliseconds that a reader goes back behind its newest id: ids may be a minute ahead of and behind the server's time,
so a message stored later can carry an id up to two minutes lower. The reader drops what it has."""
THREADS = 40
"""Threads in one page."""
MESSAGES = 100
"""Messages in one page at most; fewer where they are long."""
_CHUNK = 25
_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_POSITION = re.compile(rf"threads:{_ID}|messages:{_ID}(\+\d{{1,4}})?")


@dataclass(frozen=True, slots=True)
class Step:
    """One page: changed threads first, then messages. ``position`` says where to go on, or None at the end."""

    threads: list[Entry]
    messages: list[Message]
    position: str | None


def page(
    tables: Tables, owner: Address, since: str | None, position: str | None, fit: Callable[[Sequence[Message]], int]
) -> Step:
    """The page at ``position`` of what happened to a user's threads behind the message id ``since``.

    Without ``since``, all threads and no messages: the state that a new client begins with. ``fit`` tells how many of
    some messages go into one reply.

    Raises:
        BadCursor: the position is none that a page gave.
    """
    if position is not None and not _POSITION.fullmatch(position):
        raise BadCursor("cursor was not given for this request")
    inbox = inboxes.load(tables, owner)
    kind, _, where = (position or "threads:").partition(":")
    if kind == "threads":
        changed = [last for last in inbox.newest_first() if last.id > (since or "") and (not where or last.id < where)]
        entries = [inboxes.describe(tables, inbox, last) for last in changed[:THREADS]]
        if len(changed) > THREADS:
            return Step(entries, [], f"threads:{changed[THREADS - 1].id}")
        if since is None:
            return Step(entries, [], None)
        more = bool(changed or where)
        return Step(entries, [], f"messages:{since}" if more else None)
    found = list(islice(_behind(tables, inbox, where), MESSAGES + 1))
    count = fit(found[:MESSAGES])
    return Step([], found[:count], f"messages:{_place(where, found[:count])}" if len(found) > count else None)


def _behind(tables: Tables, inbox: Inbox, place: str) -> Iterator[Message]:
    """All messages of an inbox behind a place, in order: ``<id>``, or ``<id>+<n>`` behind the n-th with that id.

    The messages of two threads may have the same id. Opens only threads that have something new, all of them at once.
    """
    since, _, given = place.partition("+")
    threads = [inbox.thread(last) for last in inbox.lasts.values() if last.id >= since]
    low = max(since if given else after(since), inbox.floor)
    threads.sort(key=lambda thread: thread.partition)
    read = partial(tables.history.messages, limit=_CHUNK)
    chunks = tables.store.together(*(partial(read, thread, low=low) for thread in threads))
    each = (_each(tables.history, thread, *chunk) for thread, chunk in zip(threads, chunks, strict=True))
    return islice(heapq.merge(*each, key=lambda message: message.id), int(given or 0), None)


def _place(place: str, messages: Sequence[Message]) -> str:
    """The place behind these messages, which stand behind ``place``."""
    since, _, given = place.partition("+")
    last = messages[-1].id
    same = sum(message.id == last for message in messages)
    return f"{last}+{same + (int(given or 0) if last == since else 0)}"


def _each(history: HistoryTable, thread: Thread, messages: Sequence[Message], more: bool) -> Iterator[Message]:
    """A thread's messages from a chunk on; further chunks are read when they are reached."""
    yield from messages
    while messages and more:
        messages, more = history.messages(thread, low=after(messages[-1].id), limit=_CHUNK)
        yield from messages
