"""Sync: everything since a message id, in order, across all of a user's threads, without a copy per user."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from chat import inbox as inboxes
from chat.addresses import Address
from chat.inbox import Entry, Inbox
from chat.messages import MAX_SKEW
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
    """
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
    found = list(islice(newer(tables.history, inbox, where), MESSAGES + 1))
    count = fit(found[:MESSAGES])
    return Step([], found[:count], f"messages:{found[count - 1].id}" if len(found) > count else None)


def newer(history: HistoryTable, inbox: Inbox, since: str) -> Iterator[Message]:
    """All messages of an inbox with ids behind ``since``, in order; opens only threads that have such."""
    threads = [inbox.thread(last) for last in inbox.lasts.values() if last.id > since]
    low = max(after(since), inbox.floor)
    return heapq.merge(*(_each(history, thread, low) for thread in threads), key=lambda message: message.id)


def _each(history: HistoryTable, thread: Thread, low: str) -> Iterator[Message]:
    more = True
    while more:
        messages, more = history.messages(thread, low=low, limit=_CHUNK)
        yield from messages
        if not messages:
            return
        low = after(messages[-1].id)
