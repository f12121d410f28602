"""Sending in groups, for a bridge node that has many messages at once: few calls, the same rows as ``messages.send``.

A node makes ids that nobody else makes, so a message needs no condition. ``LAST`` rows do, as another door may have
written a newer one. Only where both ends of a thread are on this node alone is there no other writer, and they go with
the group (``alone``). All may be written again: a group that the store refused in part is simply tried once more. When
there is no more time for that, ``NotAllStored`` tells what of it there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from chat import shared_files, texts
from chat.addresses import Address
from chat.conversations import starts_conversation
from chat.entries import Alias
from chat.presence import Connection, connections_in
from chat.tables import Tables
from chat.tables.history import Last, Message, NotAllStored, Thread

GROUP = 100
"""Messages of one group at most."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is to be stored. ``alias``: whom it goes to, where that is no user."""

    message: Message
    alias: Alias | None = None
    alone: bool = False
    """Whether nobody but this node writes to the thread now."""

    @property
    def thread(self) -> Thread:
        message = self.message
        return Thread.of_alias(self.alias.address) if self.alias else Thread.between(message.sender, message.recipient)

    @property
    def inbox(self) -> tuple[Address, Address]:
        """Owner and peer of the ``LAST`` row that tells of the whole thread."""
        recipient = self.message.recipient
        return (recipient, recipient) if self.alias else (recipient, self.message.sender)


def store(tables: Tables, drafts: Sequence[Draft], known: Mapping[Thread, str], http_url: str = "") -> None:
    """Store messages, in the order of their ids. Costs 3 write units each, one more where a conversation starts.

    ``known``: the newest message of threads whose last one is known, so that it need not be read. Links to files below
    ``http_url``, the URL of our HTTP API, are listed among the attachments.

    Raises:
        NotAllStored: part of it was refused again and again, or a call failed. Messages that it names as ``missing``
            are not stored, as far as is known; those that it names as ``unnoted`` are, but the inbox or the start of a
            conversation does not tell of them yet; the others are stored whole. The group may be stored again, or those
            of it that are stored, in the same order: then the rows that are missing are written.
        Other errors: the store could not be read, and nothing was written.
    """
    history = tables.history
    previous = dict(known)
    wanted = [draft.inbox for draft in drafts if draft.alone and draft.thread not in previous]
    found = history.lasts(list(dict.fromkeys(wanted))) if wanted else {}
    lasts: dict[tuple[Address, Address], Last] = {}
    starts: list[tuple[Thread, Message, str]] = []
    for draft in drafts:
        message, thread = draft.message, draft.thread
        before = previous.get(thread) or (found[draft.inbox].id if draft.inbox in found else None)
        if draft.alone:
            if before is not None and before >= message.id:  # an earlier try came as far as this
                before = history.before(thread, message.id)
            lasts |= _lasts(draft)
            if starts_conversation(before, message.id):
                starts.append((thread, message, texts.preview(message.body)))
        previous[thread] = message.id
    own = [(draft.alias.address, draft.message) for draft in drafts if draft.alias]
    refused: NotAllStored | None = None
    try:
        history.write_group([(draft.thread, draft.message) for draft in drafts], own, list(lasts.items()), starts)
    except NotAllStored as error:
        refused = error
    sharing = [draft for draft in drafts if shared_files.entries(draft.message, draft.alias, http_url)]
    threads = _by_thread(draft for draft in drafts if not draft.alone)
    jobs = [_Job(thread, partial(_note, tables, thread)) for thread in threads]
    jobs += [
        _Job([draft], partial(shared_files.keep, tables, draft.message, draft.alias, http_url)) for draft in sharing
    ]
    _do_all(tables, jobs, refused)


def connections(tables: Tables, addresses: Sequence[Address], now: int) -> dict[Address, list[Connection]]:
    """The connections of these users, as they are after what was stored before."""
    found = tables.connections.of_many(addresses, consistent=True)
    return {address: connections_in(found.get(address), now) for address in addresses}


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """A write that tells of stored messages."""

    drafts: Sequence[Draft]
    do: Callable[[], object]


def _ids(drafts: Iterable[Draft]) -> set[str]:
    return {draft.message.id for draft in drafts}


def _by_thread(drafts: Iterable[Draft]) -> list[list[Draft]]:
    threads: dict[Thread, list[Draft]] = {}
    for draft in drafts:
        threads.setdefault(draft.thread, []).append(draft)
    return list(threads.values())


def _lasts(draft: Draft) -> dict[tuple[Address, Address], Last]:
    """The ``LAST`` rows of a message, by owner and peer."""
    message, to_alias = draft.message, draft.alias is not None
    preview = texts.preview(message.body)
    owner, peer = draft.inbox
    return {
        (owner, peer): Last(peer, message.id, message.sender, preview, to_alias),
        (message.sender, message.recipient): Last(message.recipient, message.id, message.sender, preview, to_alias),
    }


def _do_all(tables: Tables, jobs: list[_Job], refused: NotAllStored | None) -> None:
    """Write what else tells of messages, but for those of which one was refused before: where a conversation starts in
    their thread, nobody can say yet.

    Raises:
        NotAllStored: something was refused, before or here.
    """
    missing, unnoted = (refused.missing, refused.unnoted) if refused else (frozenset(), frozenset())
    whole = [job for job in jobs if missing.isdisjoint(_ids(job.drafts))]
    outcomes = tables.store.outcomes(*(job.do for job in whole))
    cause = refused or next(filter(None, outcomes), None)
    if cause is not None:
        done = [job for job, error in zip(whole, outcomes, strict=True) if error is None]
        waiting = [_ids(job.drafts) for job in jobs if job not in done]
        raise NotAllStored(missing, unnoted.union(*waiting) - missing) from cause


def _note(tables: Tables, drafts: Sequence[Draft]) -> None:
    """Move the ``LAST`` rows of one thread forward, and note where a conversation starts."""
    history = tables.history
    first, newest = drafts[0], drafts[-1]
    rows: dict[tuple[Address, Address], Last] = {}
    for draft in drafts:
        rows |= _lasts(draft)
    moved, previous = (
        history.set_last(newest.inbox[0], rows.pop(newest.inbox)) if newest.inbox in rows else (False, None)
    )
    for (owner, _), last in rows.items():
        history.set_last(owner, last)
    if previous == newest.message.id:  # an earlier try came as far as this
        moved, previous = True, history.before(first.thread, first.message.id)
    if moved and starts_conversation(previous, first.message.id):
        history.start_conversation(first.thread, first.message, texts.preview(first.message.body))
