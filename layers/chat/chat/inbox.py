"""The inbox: for each peer the newest message, what of it was read, and how much is unread."""

from __future__ import annotations

from dataclasses import dataclass

from chat import ids
from chat.addresses import Address
from chat.tables import Tables
from chat.tables.history import Last, Thread

UNREAD_COUNTED = 100
"""Messages behind the read marker that are looked at, so that a count costs the same however many there are."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A thread as the inbox shows it."""

    contact: Address
    last_id: str
    sender: Address
    preview: str
    read: str | None
    unread: int
    """Messages from others behind the read marker, among the first 100."""

    @property
    def sent_at(self) -> str:
        return ids.iso(ids.time_of(self.last_id))


@dataclass(frozen=True, slots=True)
class Inbox:
    """All threads of a user that have messages, and the read markers."""

    owner: Address
    lasts: dict[Address, Last]
    reads: dict[Address, str]
    aliases: frozenset[Address]
    """The aliases whose whole thread the owner reads."""
    floor: str
    """The lowest message id that the owner may see."""

    def thread(self, last: Last) -> Thread:
        """The thread of an inbox row, as the owner may see it."""
        if last.to_alias:
            return Thread.of_alias(last.peer, None if last.peer in self.aliases else self.owner)
        return Thread.between(self.owner, last.peer)

    def newest_first(self) -> list[Last]:
        return sorted(self.lasts.values(), key=lambda last: last.id, reverse=True)


def load(tables: Tables, owner: Address) -> Inbox:
    """The inbox of a user: own rows, and the newest message of each alias that reaches the user.

    Costs 1 read unit per 4 KB of peers, and 1.5 and one more per alias; nothing for messages.
    """
    user = tables.directory.user(owner)
    aliases = frozenset(Address(local, owner.domain) for local in (user.aliases if user else ()))
    floor = user.history_from if user else ""
    lasts, reads = tables.history.inbox(owner)
    of_aliases = tables.history.lasts([(alias, alias) for alias in sorted(aliases)]) if aliases else {}
    lasts |= {alias: last for (alias, _), last in of_aliases.items()}
    return Inbox(owner, {peer: last for peer, last in lasts.items() if last.id >= floor}, reads, aliases, floor)


def describe(tables: Tables, inbox: Inbox, last: Last) -> Entry:
    """One thread with its unread count; costs a query where something behind the read marker exists."""
    read = inbox.reads.get(last.peer)
    unread = 0
    thread = inbox.thread(last)
    if thread.own is None and (read is None or read < last.id):
        unread = tables.history.unread(thread, inbox.owner, max(read or "", inbox.floor), UNREAD_COUNTED)
    return Entry(last.peer, last.id, last.sender, last.preview, read, unread)
