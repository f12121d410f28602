from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import directory, ids, sync
from chat.addresses import Address
from chat.errors import BadCursor
from chat.inbox import Entry
from chat.tables.history import Last, Message, Thread
from tests.unit.world import HOUR, MINUTE, NOW, World, empty, everything, room_for

Fit = Callable[[Sequence[Message]], int]


@pytest.fixture
def office(world: World) -> World:
    """Alice is a member of the team; Carol writes to it, as Alice does to the helpdesk, of which she is no member."""
    world.add("alice", "bob", "carol", "dave")
    world.alias("team", "alice", "bob")
    world.alias("helpdesk", "dave")
    return world


def say(world: World, sender: Address, recipient: Address, at: int, *, to_alias: bool = False) -> Message:
    """Store a message and what goes with it, without any connection."""
    history = world.tables.history
    message = Message(ids.new(at), sender, recipient, f"{sender.local} to {recipient.local}")
    history.add(Thread.of_alias(recipient) if to_alias else Thread.between(sender, recipient), message)
    if to_alias:
        history.add_own(recipient, message)
    history.set_last(sender, Last(recipient, message.id, sender, "x", to_alias))
    owner, peer = (recipient, recipient) if to_alias else (recipient, sender)
    history.set_last(owner, Last(peer, message.id, sender, "x", to_alias))
    return message


def everything_since(
    world: World, owner: Address, since: str | None, fit: Fit = everything
) -> tuple[list[Entry], list[Message]]:
    """All pages put together."""
    entries, messages, position = [], [], None
    while True:
        step = sync.page(world.tables, owner, since, position, fit)
        entries += step.threads
        messages += step.messages
        position = step.position
        if position is None:
            return entries, messages


TALKS = [
    ("alice", "bob", False),
    ("bob", "alice", False),
    ("dave", "alice", False),
    ("alice", "alice", False),
    ("carol", "team", True),
    ("alice", "team", True),
    ("alice", "helpdesk", True),
    ("carol", "helpdesk", True),
    ("bob", "carol", False),
]


@settings(max_examples=15)
@given(st.lists(st.sampled_from(range(len(TALKS))), max_size=25), st.integers(-1, 25), st.integers(1, 4))
def test_pages_give_every_message_behind_since_once_and_in_order(
    office: World, talk: list[int], since_number: int, room: int
) -> None:
    empty("history")
    sent = []
    for at, number in enumerate(talk):
        sender, recipient, to_alias = TALKS[number]
        message = say(office, office.address(sender), office.address(recipient), NOW + at * MINUTE, to_alias=to_alias)
        sent.append(message)
    since = ids.new(NOW - 1) if not 0 <= since_number < len(sent) else sent[since_number].id
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sync, "THREADS", 2)
        patch.setattr(sync, "_CHUNK", 3)
        entries, messages = everything_since(office, office.address("alice"), since, room_for(room))
    visible = [
        message
        for message, number in zip(sent, talk, strict=True)
        if message.id > since and ("alice" in TALKS[number][:2] or "team" in TALKS[number][:2])
    ]
    assert messages == visible
    changed = {
        message.recipient if message.recipient.local in {"team", "helpdesk"} else other(message) for message in visible
    }
    assert {entry.contact for entry in entries} == changed
    assert len(entries) == len(changed)
    assert [entry.last_id for entry in entries] == sorted((entry.last_id for entry in entries), reverse=True)


def other(message: Message) -> Address:
    """Whom Alice talks with in a message."""
    return message.recipient if message.sender.local == "alice" else message.sender


def test_a_new_client_gets_all_threads_and_no_messages(office: World) -> None:
    alice, bob, dave = office.addresses("alice", "bob", "dave")
    say(office, bob, alice, NOW)
    say(office, alice, dave, NOW + 1)
    entries, messages = everything_since(office, alice, None)
    assert ([entry.contact for entry in entries], messages) == ([dave, bob], [])


def test_a_new_client_gets_many_threads_page_by_page(office: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "THREADS", 2)
    alice, *peers = office.addresses("alice", "p1", "p2", "p3", "p4", "p5")
    for number, peer in enumerate(peers):
        say(office, peer, alice, NOW + number)
    first = sync.page(office.tables, alice, None, None, everything)
    assert [entry.contact for entry in first.threads] == peers[:2:-1]
    assert [entry.contact for entry in everything_since(office, alice, None)[0]] == peers[::-1]


def test_where_nothing_happened_one_empty_page_says_so(office: World) -> None:
    alice = office.address("alice")
    say(office, office.address("bob"), alice, NOW)
    assert sync.page(office.tables, alice, ids.new(NOW + 1), None, everything) == sync.Step([], [], None)


def test_only_threads_with_news_are_opened(office: World) -> None:
    alice, bob, dave = office.addresses("alice", "bob", "dave")
    say(office, bob, alice, NOW)
    since = ids.new(NOW + 1)
    say(office, dave, alice, NOW + 2)
    office.client.calls.clear()
    everything_since(office, alice, since)
    opened = {request["ExpressionAttributeValues"][":pk"]["S"] for op, request in office.client.calls if op == "query"}
    assert opened == {f"INBOX/{alice}", Thread.between(alice, dave).partition}


def test_threads_are_opened_at_once(office: World) -> None:
    alice, *peers = office.addresses("alice", "bob", "carol", "dave")
    since = ids.new(NOW - 1)
    sent = [say(office, peer, alice, NOW + number) for number, peer in enumerate(peers)]
    together = Barrier(len(peers), timeout=5)

    def wait_for_the_others(operation: str, request: dict[str, Any]) -> None:
        if operation == "query" and request["ExpressionAttributeValues"][":pk"]["S"].startswith("THREAD/"):
            together.wait()

    office.client.before = wait_for_the_others
    assert sync.page(office.tables, alice, since, f"messages:{since}", everything).messages == sent


def test_a_page_of_messages_has_no_more_than_its_limit(office: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "MESSAGES", 3)
    alice, bob = office.addresses("alice", "bob")
    since = ids.new(NOW - 1)
    sent = [say(office, bob, alice, NOW + number) for number in range(7)]
    first = sync.page(office.tables, alice, since, None, everything)
    second = sync.page(office.tables, alice, since, first.position, everything)
    assert (first.messages, second.messages) == ([], sent[:3])
    assert everything_since(office, alice, since)[1] == sent


def test_what_comes_in_between_two_pages_is_not_left_out(office: World) -> None:
    alice, bob, dave = office.addresses("alice", "bob", "dave")
    since = ids.new(NOW - 1)
    sent = [say(office, bob, alice, NOW)]
    first = sync.page(office.tables, alice, since, None, everything)
    sent.append(say(office, dave, alice, NOW + 1))
    assert sync.page(office.tables, alice, since, first.position, everything).messages == sent


def test_who_got_the_address_of_somebody_removed_gets_nothing_of_before(office: World) -> None:
    alice, bob = office.addresses("alice", "bob")
    say(office, alice, bob, NOW)
    directory.remove_user(office.tables, bob, NOW)
    office.add("bob", now=NOW + HOUR)
    new = say(office, alice, bob, NOW + HOUR)
    assert everything_since(office, bob, ids.new(NOW - 1))[1] == [new]


def test_who_was_dropped_from_an_alias_gets_nothing_of_it(office: World) -> None:
    carol, team = office.addresses("carol", "team")
    say(office, carol, team, NOW, to_alias=True)
    office.alias("team", "bob")
    assert everything_since(office, office.address("alice"), ids.new(NOW - 1)) == ([], [])


def test_a_reader_goes_back_by_twice_the_skew_that_ids_may_have() -> None:
    assert sync.OVERLAP == 2 * MINUTE


def test_a_message_stored_late_is_found_by_a_reader_who_goes_back(office: World) -> None:
    alice, bob, dave = office.addresses("alice", "bob", "dave")
    newest = say(office, bob, alice, NOW + MINUTE)
    late = say(office, dave, alice, NOW - MINUTE)
    since = ids.lowest(ids.time_of(newest.id) - sync.OVERLAP)
    assert everything_since(office, alice, since)[1] == [late, newest]


def test_two_messages_with_the_same_id_are_not_parted_by_a_page(world: World) -> None:
    world.add("alice", "bob", "carol")
    same, later = ids.new(NOW), ids.new(NOW + 1)
    for sender, message_id in (("bob", same), ("carol", same), ("bob", later)):
        world.send_as(world.web(sender), message_id, "alice")
    since = ids.lowest(NOW - 1)
    pages, position = [], f"messages:{since}"
    while position:
        step = sync.page(world.tables, world.address("alice"), since, position, room_for(1))
        pages.append([message.id for message in step.messages])
        position = step.position or ""
    assert sorted(each for page in pages for each in page) == sorted([same, same, later])


@pytest.mark.parametrize("position", ["", "threads:", "messages:x", f"messages:{ids.lowest(NOW)}+x", "else:where"])
def test_a_position_that_no_page_gave_is_refused(world: World, position: str) -> None:
    world.add("alice")
    with pytest.raises(BadCursor):
        sync.page(world.tables, world.address("alice"), None, position, everything)
