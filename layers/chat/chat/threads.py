"""Reading a thread: what a viewer may see of it, page by page, and one conversation out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat.addresses import Address
from chat.callers import Caller, unknown_contact
from chat.conversations import starts_conversation
from chat.errors import UnknownConversation
from chat.store import LAST_SORT_KEY, after, before
from chat.tables import Tables
from chat.tables.directory import alias_from, user_from
from chat.tables.history import Message, Thread

PAGE = 50
"""Messages in one page at most; fewer where they are long."""

Fit = Callable[[Sequence[Message]], int]


@dataclass(frozen=True, slots=True)
class View:
    """A thread as one viewer may see it."""

    thread: Thread
    contact: Address
    is_alias: bool
    known: bool
    """Whether the contact is, or ever was, in the directory."""
    floor: str
    """The lowest message id that the viewer may see."""

    @property
    def is_member(self) -> bool:
        """Whether the contact is an alias, and the viewer one of its members."""
        return self.is_alias and self.thread.own is None


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages in the order of their ids, and the id to go on from, or None at the end."""

    messages: list[Message]
    next: str | None


def view(tables: Tables, caller: Caller, contact: Address) -> View:
    """The caller's view of the thread with a contact of the same domain.

    Members of an alias see its whole thread, others their own messages in it. Contacts that were removed stay readable.

    Raises:
        UnknownContact: the contact is of another domain.
        NotConnected: the caller has been disabled or removed since it connected.
    """
    if contact.domain != caller.address.domain:
        raise unknown_contact(contact)
    directory, domain = tables.directory, contact.domain
    keys = directory.user_key(caller.address), directory.user_key(contact), directory.alias_key(contact)
    found = tables.store.get_many(keys)
    floor = caller.user(found.get(keys[0])).history_from
    user, alias = user_from(found.get(keys[1]), domain), alias_from(found.get(keys[2]), domain)
    if alias and (user is None or user.removed):
        own = None if caller.address.local in alias.reach else caller.address
        return View(Thread.of_alias(contact, own), contact, True, True, floor)
    return View(Thread.between(caller.address, contact), contact, False, user is not None, floor)


def check_known(seen: View) -> None:
    """Raises UnknownContact where the contact is not, and never was, in the directory."""
    if not seen.known:
        raise unknown_contact(seen.contact)


def earlier(tables: Tables, seen: View, up_to: str | None, fit: Fit) -> Batch:
    """The newest messages before ``up_to``, or of all. ``fit`` tells how many of some messages go into one reply.

    Raises:
        UnknownContact: there is no such contact, nor any message with it.
    """
    high = before(up_to) if up_to else LAST_SORT_KEY
    messages, more = tables.history.messages(seen.thread, low=seen.floor, high=high, newest_first=True, limit=PAGE)
    if not messages and up_to is None:
        check_known(seen)
    count = fit(messages)
    more = more or count < len(messages)
    return Batch(messages[:count][::-1], messages[count - 1].id if more and count else None)


def conversation(tables: Tables, seen: View, first: str, behind: str | None, fit: Fit) -> Batch:
    """The messages of the conversation that begins with the message ``first``, from the one behind ``behind`` on.

    Raises:
        UnknownConversation: the viewer sees no message with that id.
    """
    low = after(behind) if behind else first
    messages, more = tables.history.messages(seen.thread, low=max(low, seen.floor), limit=PAGE)
    if behind is None and (not messages or messages[0].id != first):
        raise UnknownConversation(f"no message of this thread has the id {first}")
    count = fit(messages)
    previous = behind or first
    for number, message in enumerate(messages[:count]):
        if starts_conversation(previous, message.id):
            return Batch(messages[:number], None)
        previous = message.id
    more = more or count < len(messages)
    return Batch(messages[:count], previous if more and count else None)
