"""A user's message archive as XEP-0313 v1.1 (``urn:xmpp:mam:2``) and XEP-0059 page through it, without a copy per user.

The archive is every thread of the user's inbox: its own, those of aliases that reach it, and its own part of other
alias threads; never below the floor of its directory entry. A message's archive id is its id. Ids sort by time, so
every bound of a query, in time or by id, is a bound of ids.

Messages of two threads may have the same id. Both are kept, in the order of their threads, and no page parts them,
because an id could not say behind which of them to go on: a page ends before such a group if it does not fit, and is
the whole group where that alone is more than the page was to hold.

A page is bounded in messages and in bytes; XEP-0313 §4.3 lets a server give fewer messages than were asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from chat import ids, merging, threads
from chat import inbox as inboxes
from chat.addresses import Address
from chat.callers import Caller
from chat.errors import BadField, UnknownContact, UnknownItem
from chat.merging import Part, Range
from chat.store import LAST_SORT_KEY, after, before
from chat.tables import Tables
from chat.tables.history import Message

MAX_PAGE = 100
"""Messages in one page at most, whatever is asked for, but for those with the same id."""
PAGE = 50
"""Messages in one page where none is asked for."""
PAGE_BYTES = 512 * 1024
"""Bytes of content in one page at most, but for those with the same id. A message has up to 48 KB."""
SINCE_BYTES = 2 * 1024 * 1024
"""Bytes of content that are delivered offline at most."""
MAX_IDS = 20
"""Ids in one query: each is looked for in every thread that could hold it."""
COUNTED = 1000
"""Messages that are counted in one query at most, because counting costs what reading does."""
COUNTED_THREADS = 8
"""Threads that are counted beside a page; with more, counting would cost more than the page does."""
SEARCHED = 1000
"""Messages that are looked at in one search for those of others."""
_LAST_TIME = (1 << 48) - 1
"""The highest time that an id can carry, in ms since the epoch."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which messages (XEP-0313 §4.1). ``start`` and ``end``, in ms since the epoch, are included; the ids are not."""

    peer: Address | None = None
    """Only the thread with this user or alias (the field ``with``)."""
    start: int | None = None
    end: int | None = None
    after_id: str | None = None
    before_id: str | None = None
    ids: tuple[str, ...] = ()
    """Only these messages, at most 20."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of them (XEP-0059). With ``before`` it is the last page in front of that id, or of all with ``""``.

    A page has at most ``max`` messages, never over 100, and fewer where they are long; with 0 it has none, and the
    count alone is asked for. Where both ``after`` and ``before`` are given, the page is the last one between them.
    """

    after: str | None = None
    before: str | None = None
    max: int = PAGE


@dataclass(frozen=True, slots=True)
class Page:
    """Messages in the order of their ids, and what XEP-0059 §2 tells about them."""

    messages: list[Message]
    count: int | None
    """How many messages the whole query has, or None where it would be too costly to know. Leave it out then."""
    exact: bool
    """Whether ``count`` is the true number; else there are at least so many (XEP-0059 §2.7 allows that)."""
    index: int | None
    """How many messages of the query are in front of this page, or None where that is not known exactly. Clients take
    ``index`` + length = ``count`` for the end, so it is never given beside a count that is not exact."""
    complete: bool
    """Whether the page reaches the end of what was asked for, in its direction (XEP-0313 §4.3.2)."""

    @property
    def first(self) -> str | None:
        return self.messages[0].id if self.messages else None

    @property
    def last(self) -> str | None:
        return self.messages[-1].id if self.messages else None


def page(tables: Tables, owner: Address, query: Query, paging: Paging) -> Page:
    """One page of a user's archive.

    Costs the inbox, or with ``peer`` three directory entries, then a read of each thread that can have something in
    range, and at most one more per 10 messages of the page. From the end, threads are read, eight at a time, when the
    page reaches their newest message. Counting costs what reading up to 1,000 messages does, and nothing where the page
    is all.

    Raises:
        UnknownItem: an id in ``query`` or ``paging`` is not in the archive (XEP-0313 §4.1.3 and §4.3.2).
        BadField: more than 20 ``ids``.
        NotConnected: with ``peer``: the owner has been disabled or removed.
    """
    if len(query.ids) > MAX_IDS:
        raise BadField(f"ids has {len(query.ids)} values, allowed are {MAX_IDS}")
    places = {each for each in (query.after_id, query.before_id, paging.after, paging.before) if each}
    for each in (*places, *query.ids):
        if not ids.is_id(each):
            raise _unknown(each)
    archive = _archive(tables, owner, query.peer)
    start, end = _times(query)
    whole = archive.between(
        max(start, after(query.after_id)) if query.after_id else start,
        min(end, before(query.before_id)) if query.before_id else end,
    )
    most = min(max(paging.max, 0), MAX_PAGE)
    if query.ids:
        _check_known(tables, owner, archive, {*places, *query.ids}, query.peer)
        return _page_of(merging.named(tables, whole, query.ids), paging, most)
    if most == 0:
        _check_known(tables, owner, archive, places, query.peer)
        count, exact = merging.count(tables, whole, COUNTED)
        return Page([], count, exact, None, complete=exact and count == 0)

    # From the very message on that the page is to follow: so the reading itself shows whether the archive has it.
    low = max(start, query.after_id or "", paging.after or "")
    high = min(end, query.before_id or LAST_SORT_KEY, paging.before or LAST_SORT_KEY)
    backward = paging.before is not None
    found: set[str] = set()
    read = merging.messages(tables, archive.between(low, high), most + 2, newest_first=backward)
    messages, more = _cut(_without(places, read, found), most, PAGE_BYTES)
    _check_known(tables, owner, archive, places - found, query.peer)
    if backward:
        messages.reverse()
    starts = not paging.after and not (backward and more)
    ends = not paging.before and (backward or not more)
    return _described(tables, whole, messages, starts=starts, ends=ends, complete=not more)


def bounds(tables: Tables, owner: Address) -> tuple[Message | None, Message | None]:
    """The first and the last message of a user's archive (XEP-0313 §5); costs a read of each thread."""
    archive = _archive(tables, owner, None)
    first = next(merging.messages(tables, archive, 1, newest_first=False), None)
    return first, next(merging.messages(tables, archive, 1, newest_first=True), None)


def since(tables: Tables, owner: Address, since_id: str, limit: int) -> list[Message]:
    """The newest messages of others to a user behind ``since_id`` (``""``: of all), in order, for offline delivery
    (XEP-0160): at most ``limit``, and no more than have 2 MiB of content, but for those with one id; found among the
    newest 1,000 of the archive.
    """
    archive = _archive(tables, owner, None).between(after(since_id) if since_id else "", LAST_SORT_KEY)
    others = replace(archive, parts=[part for part in archive.parts if part.thread.own is None])
    newest = islice(merging.messages(tables, others, limit, newest_first=True), SEARCHED)
    found, _ = _cut((message for message in newest if message.sender != owner), limit, SINCE_BYTES)
    return found[::-1]


def _archive(tables: Tables, owner: Address, peer: Address | None) -> Range:
    """A user's archive, or what the user may see of the thread with ``peer``."""
    if peer is None:
        inbox = inboxes.load(tables, owner)
        return Range([Part(inbox.thread(last), last.id) for last in inbox.newest_first()], inbox.floor, LAST_SORT_KEY)
    try:
        seen = threads.view(tables, Caller(owner, ""), peer)
    except UnknownContact:
        return Range([], "", LAST_SORT_KEY)
    return Range([Part(seen.thread, LAST_SORT_KEY)], seen.floor, LAST_SORT_KEY)


def _times(query: Query) -> tuple[str, str]:
    """The lowest and the highest id of the times of a query."""
    start, end = query.start or 0, _LAST_TIME if query.end is None else query.end
    low = ids.lowest(start) if start <= _LAST_TIME else LAST_SORT_KEY
    return low, before(ids.lowest(end + 1)) if end < _LAST_TIME else LAST_SORT_KEY


def _check_known(tables: Tables, owner: Address, archive: Range, given: set[str], peer: Address | None) -> None:
    """Raises UnknownItem where an id is nowhere in the archive; ``archive`` may be the thread with ``peer`` only."""
    missing = given - {message.id for message in merging.named(tables, archive, given)}
    if missing and peer:
        missing -= {message.id for message in merging.named(tables, _archive(tables, owner, None), missing)}
    if missing:
        raise _unknown(min(missing))


def _unknown(message_id: str) -> UnknownItem:
    return UnknownItem(f"the archive has no message with the id {message_id[:80]!a}")


def _without(places: set[str], messages: Iterator[Message], found: set[str]) -> Iterator[Message]:
    """The messages but those with an id in ``places``, which is noted in ``found``."""
    for message in messages:
        if message.id in places:
            found.add(message.id)
        else:
            yield message


def _cut(messages: Iterator[Message], most: int, room: int) -> tuple[list[Message], bool]:
    """At most ``most`` of some messages, with ``room`` bytes at most, and whether there are more. Does not part those
    with the same id: where these alone are too many, it is all of them.
    """
    taken: list[Message] = []
    for message in messages:
        room -= _size(message)
        if len(taken) == most or (taken and room < 0):
            break
        taken.append(message)
    else:
        return taken, False
    fitting = [each for each in taken if each.id != message.id]
    if fitting or most == 0:
        return fitting, True
    taken.append(message)
    for message in messages:
        if message.id != taken[-1].id:
            return taken, True
        taken.append(message)
    return taken, False


def _size(message: Message) -> int:
    """Bytes of a message's content."""
    return len(message.body.encode()) + sum(len(each.encode()) for each in message.extensions)


def _page_of(named: list[Message], paging: Paging, most: int) -> Page:
    """A page of messages that have been read."""
    low, high = paging.after or "", paging.before or LAST_SORT_KEY
    between = [message for message in named if low < message.id < high]
    backward = paging.before is not None
    messages, more = _cut(iter(between[::-1] if backward else between), most, PAGE_BYTES)
    if backward:
        messages.reverse()
    index = named.index(messages[0]) if messages else None
    return Page(messages, len(named), True, index, complete=not more)


def _described(
    tables: Tables, whole: Range, messages: list[Message], *, starts: bool, ends: bool, complete: bool
) -> Page:
    """The page with these messages of a range; ``starts`` and ``ends``: nothing is in front of it, or behind it."""
    nothing = replace(whole, parts=[])
    if messages:
        front = nothing if starts else whole.between("", before(messages[0].id))
        behind = nothing if ends else whole.between(after(messages[-1].id), LAST_SORT_KEY)
    else:
        front, behind = nothing if starts and ends else whole, nothing
    if max(len(front.parts), len(behind.parts)) > COUNTED_THREADS:
        return Page(messages, None, False, 0 if starts and messages else None, complete)
    earlier, exact = merging.count(tables, front, COUNTED - len(messages))
    count = earlier + len(messages)
    if exact:
        later, exact = merging.count(tables, behind, COUNTED - count)
        count += later
    return Page(messages, count, exact, earlier if exact and messages else None, complete)
