"""An office whose archives are read: who writes to whom, and the pages that Alice asks for."""

from __future__ import annotations

from hypothesis import strategies as st

from chat import archive, ids, messages
from chat.archive import Page, Paging, Query
from chat.entries import Alias
from chat.tables.history import XMPP, Message
from tests.unit.quick_history import quick
from tests.unit.world import NOW, World

ALIASES = ("team", "helpdesk")
PEERS = ("bob", "dave", "alice", "team", "helpdesk", "carol")
TALKS = [
    ("alice", "bob"),
    ("bob", "alice"),
    ("dave", "alice"),
    ("alice", "alice"),
    ("carol", "team"),
    ("alice", "team"),
    ("alice", "helpdesk"),
    ("carol", "helpdesk"),
    ("bob", "carol"),
]
"""Who writes to whom. Alice reads all of the team, only her own part of the helpdesk, and nothing of the last two."""

talks = st.lists(st.tuples(st.sampled_from(TALKS), st.integers(0, 2)), max_size=11)
"""What is said: by whom to whom, and how many ms after what was said before."""
TALK = [(TALKS[number * 5 % len(TALKS)], number % 3) for number in range(2 * len(TALKS))]
"""Everybody twice, some of it in the same ms."""


def furnish(world: World) -> World:
    """A domain beside the one of ``world``, with Alice, three others and two aliases, and a quick history."""
    office = quick(world)
    office.add("alice", "bob", "carol", "dave")
    office.alias("team", "alice", "bob")
    office.alias("helpdesk", "dave")
    return office


def say(world: World, sender: str, recipient: str, at: int = NOW, message_id: str = "", size: int = 0) -> Message:
    """Store a message as sending it would have; with a ``size``, one of so many bytes."""
    one, other = world.addresses(sender, recipient)
    content = ("é" * (size // 4), ("x" * (size - size // 4 * 2),)) if size else (f"{sender} to {recipient}", ())
    message = Message(message_id or ids.new(at), one, other, content[0], XMPP, content[1])
    messages.record(world.tables, message, Alias(other, recipient) if recipient in ALIASES else None)
    return message


def say_all(world: World, talk: list[tuple[tuple[str, str], int]]) -> list[Message]:
    """Store a talk in an empty archive; what Alice may see of it, in order."""
    world.client.clear()
    time, sent = NOW, []
    for (sender, recipient), later in talk:
        time += later
        message = say(world, sender, recipient, time)
        if "alice" in (sender, recipient) or recipient == "team":
            sent.append(message)
    return sorted(sent, key=lambda message: message.id)


def thread_of(message: Message) -> str:
    """Whose thread with Alice a message is in."""
    to_other = message.recipient.local in ALIASES or message.sender.local == "alice"
    return (message.recipient if to_other else message.sender).local


def page(world: World, query: Query | None = None, paging: Paging | None = None, owner: str = "alice") -> Page:
    return archive.page(world.tables, world.address(owner), query or Query(), paging or Paging())


def pages_forward(world: World, query: Query, most: int) -> list[Page]:
    """All pages, each from the last id of the one before, as XEP-0313 §4.3.2 tells a client to ask."""
    pages = [page(world, query, Paging(max=most))]
    while not pages[-1].complete:
        assert len(pages) < 30
        pages.append(page(world, query, Paging(after=pages[-1].last, max=most)))
    return pages


def pages_forward_from(world: World, place: Message) -> list[Page]:
    """All pages behind a message."""
    pages = [page(world, paging=Paging(after=place.id))]
    while not pages[-1].complete:
        pages.append(page(world, paging=Paging(after=pages[-1].last)))
    return pages


def size_of(*messages: Message) -> int:
    return sum(len((message.body + "".join(message.extensions)).encode()) for message in messages)


def pages_backward(world: World, query: Query, most: int) -> list[Page]:
    """All pages from the end on, put into order."""
    pages = [page(world, query, Paging(before="", max=most))]
    while not pages[0].complete:
        assert len(pages) < 30
        pages.insert(0, page(world, query, Paging(before=pages[0].first, max=most)))
    return pages


def check_places(pages: list[Page], expected: list[Message]) -> None:
    """Every message once and in order, each page with its place and the number of all."""
    assert [message for each in pages for message in each.messages] == expected
    place = 0
    for each in pages:
        assert (each.count, each.exact) == (len(expected), True)
        assert each.index == (place if each.messages else None)
        assert (each.first, each.last) == (
            (each.messages[0].id, each.messages[-1].id) if each.messages else (None, None)
        )
        place += len(each.messages)


def check_pages(pages: list[Page], expected: list[Message], most: int) -> None:
    """Every message once and in order, in full pages, each with its place and the number of all."""
    check_places(pages, expected)
    assert all(len(each.messages) == most for each in pages if not each.complete)
