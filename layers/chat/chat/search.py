"""Searching by words what the viewer has with a contact: the thread's messages, mail, appointments and attachments.

There is no inverted index (docs/decisions.md): a search reads the rows newest first and compares. Each of the four
kinds is a source with rows in the order of their ids. Hits of one are kept back as long as another has not been read as
far, since it may have newer ones; so it is always the source behind the others that is read on. Of each, a request
reads 100 rows, and then 1 MB at most, and it tells how far it came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from chat import appointments, communications, ids, threads
from chat.addresses import Address
from chat.callers import Caller
from chat.errors import BadCursor
from chat.store import LAST_SORT_KEY, before
from chat.tables import Tables
from chat.tables.communications import Communication, Direction, Text
from chat.tables.history import Message
from chat.threads import View
from chat.words import Words, fold, unpack

PAGE = 25
"""Hits in one page at most."""
FIRST = 100
"""Rows of each source that every request reads."""
MORE = 10_000
"""Rows that it reads beyond them at most; 1 MB, where one query ends, has fewer."""
MORE_BY_POINTER = 400
"""The same of a thread whose messages are found by pointers: each is a read of its own."""

KINDS = ("attachment", "appointment", "message", "chat")
"""Of the same time, the last of these comes first: a mail stands in front of its files."""

Place = tuple[int, int, str]
"""Where something is: its time, the number of its kind, and its id. The newest come first, so the highest."""
_BEGINNING = ((1 << 48) - 2, len(KINDS), LAST_SORT_KEY)
"""Behind every time that an id can carry, but for one, whose ids no row has."""
_END = (-1, 0, "")


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that has all words."""

    id: str
    kind: str
    at: str
    title: str
    text: str
    """The passage around the first word."""
    sender: Address | None = None
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """A page, newest first. ``position`` says where to go on, or None where all has been looked at; else what is as new
    as ``searched_to`` has been."""

    hits: list[Hit]
    searched_to: str | None
    position: str | None


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of a source: what it is found by, and the hit that it makes."""

    place: Place
    hit: Callable[[], Hit]
    texts: tuple[str, ...]
    folded: str = ""
    """What of it is stored folded."""

    def has(self, words: Words) -> bool:
        return words.are_in(*map(fold, self.texts), self.folded)


Read = Callable[[str, int], tuple[list[_Row], bool]]
"""Rows with ids up to one, newest first, and whether there may be more."""


@dataclass(slots=True)
class _Source:
    """One of the four, as far as it has been read."""

    kind: int
    read: Read
    most: int
    """Rows of the second read."""
    reaches: Place
    """Down to where it has been read."""
    found: list[_Row] = field(default_factory=list)
    reads: int = 0
    more: bool = True

    def go_on(self, words: Words) -> None:
        """Read further, and keep what has the words."""
        rows, more = self.read(_high(self.reaches, self.kind), self.most if self.reads else FIRST)
        self.found += [row for row in rows if row.has(words)]
        self.reads += 1
        self.more = more and bool(rows)
        self.reaches = rows[-1].place if self.more else _END


def page(
    tables: Tables,
    caller: Caller,
    contact: Address,
    text: str,
    position: str | None,
    now: int,
    fit: Callable[[Sequence[Hit]], int],
) -> Results:
    """The newest of what has all words of ``text`` and the caller may see, behind ``position``.

    Members of an alias search all that it has, others what they have with it themselves. The order is that of the ids:
    an appointment stands where its last occurrence ends. ``fit`` tells how many of some hits go into one reply.

    Raises:
        BadField: ``text`` has no words, or too many.
        BadCursor: the position is none that a page gave.
        UnknownContact: not, and never was, a user or alias of the caller's domain.
        NotConnected: the caller has been disabled or removed since it connected.
    """
    words, start = Words.of(text), _place(position)
    seen = threads.view(tables, caller, contact)
    threads.check_known(seen)
    sources = _sources(tables, caller, seen, words, start, now)
    tables.store.together(*(partial(source.go_on, words) for source in sources))
    while True:
        last = max(sources, key=lambda source: source.reaches)
        found = [row for source in sources for row in source.found if row.place >= last.reaches]
        if len(found) >= PAGE or not last.more or last.reads > 1:
            return _results(sorted(found, key=lambda row: row.place, reverse=True), last, fit)
        last.go_on(words)


def _results(found: list[_Row], last: _Source, fit: Callable[[Sequence[Hit]], int]) -> Results:
    """The page of what was found down to where ``last`` reaches."""
    hits = [row.hit() for row in found[:PAGE]]
    count = fit(hits)
    if count < len(found):
        time, kind, item_id = found[count - 1].place
    elif last.more:
        time, kind, item_id = last.reaches
    else:
        return Results(hits, None, None)
    return Results(hits[:count], ids.iso(time), f"{item_id}/{KINDS[kind]}")


def _sources(tables: Tables, caller: Caller, seen: View, words: Words, start: Place, now: int) -> list[_Source]:
    of = communications.correspondence(caller, seen)
    low = seen.floor

    def chat(high: str, limit: int) -> tuple[list[_Row], bool]:
        messages, more = tables.history.messages(
            seen.thread, low=low, high=high, newest_first=True, limit=limit, consistent=False
        )
        return [_of_message(each, words) for each in messages], more

    def mail(high: str, limit: int) -> tuple[list[_Row], bool]:
        texts, more = tables.communications.texts(of, low=low, high=high, limit=limit)
        return [_of_text(each, words) for each in texts], more

    def appointment(high: str, limit: int) -> tuple[list[_Row], bool]:
        found, more = tables.communications.page(of, "appointment", low=low, high=high, limit=limit)
        return [_of_appointment(each, words, now, low) for each in found], more

    def attachment(high: str, limit: int) -> tuple[list[_Row], bool]:
        found, more = tables.communications.page(of, "attachment", low=low, high=high, limit=limit)
        return [_of_attachment(each, words) for each in found], more

    reads: dict[str, Read] = {"attachment": attachment, "appointment": appointment, "message": mail, "chat": chat}
    most = {"chat": MORE_BY_POINTER} if seen.thread.own else {}
    return [_Source(number, reads[kind], most.get(kind, MORE), start) for number, kind in enumerate(KINDS)]


def _of_message(message: Message, words: Words) -> _Row:
    def hit() -> Hit:
        return Hit(message.id, "chat", message.sent_at, "", words.passage(message.body), sender=message.sender)

    return _Row(_place_of(message.id, "chat"), hit, (message.body,))


def _of_text(text: Text, words: Words) -> _Row:
    beginning, others = unpack(text.packed) if text.packed else ("", "")

    def hit() -> Hit:
        at = ids.iso(ids.time_of(text.id))
        return Hit(text.id, "message", at, text.title, words.passage(beginning), direction=text.direction)

    return _Row(_place_of(text.id, "message"), hit, (text.title, beginning), others)


def _of_appointment(found: Communication, words: Words, now: int, floor: str) -> _Row:
    def hit() -> Hit:
        at = appointments.occurrence(found, now).at
        return Hit(found.id, "appointment", at, found.title, words.passage(found.place or ""))

    texts = (found.title, found.place or "") if communications.is_visible(found, floor) else ()
    return _Row(_place_of(found.id, "appointment"), hit, texts)


def _of_attachment(found: Communication, words: Words) -> _Row:
    def hit() -> Hit:
        passage = words.passage(found.mail_title or "")
        return Hit(found.id, "attachment", found.at, found.title, passage, direction=found.direction)

    return _Row(_place_of(found.id, "attachment"), hit, (found.title,))


def _high(place: Place, kind: int) -> str:
    """The highest id of a kind behind a place."""
    time, of_kind, item_id = place
    if kind == of_kind:
        return before(item_id)
    return before(ids.lowest(time + 1 if kind < of_kind else time))


def _place_of(item_id: str, kind: str) -> Place:
    return ids.time_of(item_id), KINDS.index(kind), item_id


def _place(position: str | None) -> Place:
    if position is None:
        return _BEGINNING
    found, _, kind = position.partition("/")
    if not ids.is_id(found) or kind not in KINDS:
        raise BadCursor("cursor was not given for this request")
    return _place_of(found, kind)
