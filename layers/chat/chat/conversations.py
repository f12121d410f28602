"""Conversations: runs of messages in a thread with no gap over 30 minutes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chat import ids, texts
from chat.addresses import Address
from chat.store import LAST_SORT_KEY, before
from chat.tables.history import HistoryTable, Message, Thread

GAP = 30 * 60_000
"""Milliseconds without a message after which the next one starts a conversation."""
PAGE = 10
"""Conversations in one page."""
PARTICIPANTS = 20
"""Participants that one conversation names, so that a page of them fits into a frame."""
MOST_MESSAGES = 1000
"""Messages that one page reads at most; a conversation with more is listed with this count as its minimum."""
_CHUNK = 250


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as the Chat tab lists it. Its ``id`` is that of its first message."""

    id: str
    last_id: str
    count: int
    complete: bool
    """Whether ``count``, ``participants`` and ``doors`` cover all its messages, or only the newest ones."""
    preview: str
    participants: tuple[Address, ...]
    doors: tuple[str, ...]

    @property
    def started_at(self) -> str:
        return ids.iso(ids.time_of(self.id))

    @property
    def ended_at(self) -> str:
        return ids.iso(ids.time_of(self.last_id))


def starts_conversation(previous: str | None, message_id: str) -> bool:
    """Whether a message behind ``previous``, or behind none, starts a conversation."""
    return not previous or ids.time_of(message_id) - ids.time_of(previous) > GAP


def group(messages: Iterable[Message]) -> list[list[Message]]:
    """Messages in the order of their ids, as conversations."""
    runs: list[list[Message]] = []
    for message in messages:
        if starts_conversation(runs[-1][-1].id if runs else None, message.id):
            runs.append([])
        runs[-1].append(message)
    return runs


def page(history: HistoryTable, thread: Thread, floor: str, up_to: str | None) -> tuple[list[Conversation], str | None]:
    """Up to ten conversations, newest first, and the id before which the next page begins.

    ``floor`` is the lowest message id that the viewer may see. Reads at most 1,000 messages, however long the thread.
    """
    high = before(up_to) if up_to else LAST_SORT_KEY
    newest_first: list[Message] = []
    more = True
    while more and len(newest_first) < MOST_MESSAGES:
        chunk, more = history.messages(thread, low=floor, high=high, newest_first=True, limit=_CHUNK)
        if not chunk:
            break
        newest_first += chunk
        high = before(chunk[-1].id)
        if len(group(reversed(newest_first))) > PAGE:
            break
    runs = group(reversed(newest_first))
    cut = more and len(runs) > 1
    if cut:
        runs = runs[1:]  # the oldest may go on behind what was read
    runs = runs[-PAGE:]
    listed = [_describe(run) for run in reversed(runs)]
    if more and not cut and listed:
        listed = [_long(history, thread, floor, runs[0])]
    rest = listed and (more or newest_first[-1].id < listed[-1].id)
    return listed, listed[-1].id if rest else None


def _describe(run: list[Message]) -> Conversation:
    return Conversation(
        run[0].id,
        run[-1].id,
        len(run),
        True,
        texts.preview(run[-1].body),
        tuple(sorted({message.sender for message in run})[:PARTICIPANTS]),
        tuple(sorted({message.door for message in run})),
    )


def _long(history: HistoryTable, thread: Thread, floor: str, run: list[Message]) -> Conversation:
    """A conversation with more messages than one page reads: its start comes from its own row."""
    known = _describe(run)
    start = history.conversation_start(thread, run[0].id) if thread.own is None else None
    seen, _ = history.messages(thread, low=max(start, floor), limit=1) if start else (run, True)
    return Conversation(seen[0].id, known.last_id, known.count, False, known.preview, known.participants, known.doors)
