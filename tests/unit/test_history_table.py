from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import ids
from chat.addresses import Address
from chat.tables.history import XMPP, HistoryTable, Last, Message, Thread, message_item
from tests.unit.world import MINUTE, NOW, World


@pytest.fixture
def table(world: World) -> HistoryTable:
    return world.tables.history


def message(world: World, at: int = NOW, sender: str = "alice", body: str = "hello") -> Message:
    return Message(ids.new(at), world.address(sender), world.address("bob"), body)


def last(world: World, message_id: str) -> Last:
    return Last(world.address("bob"), message_id, world.address("alice"), "hello")


def test_a_message_comes_back_as_it_was_stored(table: HistoryTable, world: World) -> None:
    alice, bob = world.addresses("alice", "bob")
    kept = Message(
        ids.new(NOW), alice, bob, "hello\n", XMPP, ("<active xmlns='urn:x'/>",), "origin-1", "normal", "phone"
    )
    assert table.add(world.thread("alice", "bob"), kept) is None
    assert table.message(world.thread("alice", "bob"), kept.id) == kept


def test_a_resource_is_kept_up_to_256_bytes(table: HistoryTable, world: World) -> None:
    thread = world.thread("alice", "bob")
    for resource, kept in (("é" * 128, "é" * 128), ("é" * 128 + "x", "")):
        sent = replace(message(world), resource=resource)
        table.add(thread, sent)
        assert table.message(thread, sent.id) == replace(sent, resource=kept)


def test_what_a_message_does_not_have_takes_no_room(world: World) -> None:
    item = message_item(message(world))
    assert {name for name, value in item.items() if value is not None} == {"sender", "recipient", "body", "door"}


def test_a_long_text_of_an_xmpp_client_with_all_that_is_beside_it_is_one_write_unit(world: World) -> None:
    """DynamoDB counts the UTF-8 of names and values, and 1 KB for a unit."""
    alice, bob = Address("alice.longname", "company.example"), Address("bob.longername", "company.example")
    beside = ('<request xmlns="urn:xmpp:receipts"/>', '<markable xmlns="urn:xmpp:chat-markers:0"/>')
    origin = "4f7a5a4e-0f4a-4f55-9d2b-5bd0f7c6d1a9"
    own_id = f'<origin-id xmlns="urn:xmpp:sid:0" id="{origin}"/>'
    sent = Message(ids.new(NOW), alice, bob, "x" * 280, XMPP, (*beside, own_id), origin, "normal", "Conversations.Xy7z")
    item = {"pk": Thread.between(alice, bob).partition, "sk": f"MESSAGE/{sent.id}"} | message_item(sent)
    texts = [
        text for name, value in item.items() if value for text in (name, *([value] if type(value) is str else value))
    ]
    assert sum(len(text.encode()) for text in texts) + 3 + len(beside) + 1 <= 1024


def test_an_id_in_use_gives_the_message_that_has_it(table: HistoryTable, world: World) -> None:
    first = message(world)
    table.add(world.thread("alice", "bob"), first)
    other = Message(first.id, world.address("bob"), world.address("alice"), "other")
    assert table.add(world.thread("alice", "bob"), other) == first


def test_an_id_nobody_used_gives_no_message(table: HistoryTable, world: World) -> None:
    assert table.message(world.thread("alice", "bob"), ids.new(NOW)) is None


def test_the_time_of_a_message_is_that_of_its_id(world: World) -> None:
    assert message(world, NOW).sent_at == "2026-01-01T09:00:00.000Z"


def test_a_thread_does_not_depend_on_who_is_named_first() -> None:
    one, other = Address("a", "company.example"), Address("b", "company.example")
    assert Thread.between(one, other) == Thread.between(other, one)


def test_no_two_threads_share_a_partition() -> None:
    """Addresses have no ``/``, so that the two of a thread cannot be read another way."""
    a, b = Address("a", "company.example"), Address("b", "company.example")
    assert len({Thread.between(a, b), Thread.between(a, a), Thread.of_alias(a), Thread.of_alias(b)}) == 4


def test_messages_come_in_the_order_of_their_ids(table: HistoryTable, world: World) -> None:
    thread = world.thread("alice", "bob")
    sent = [message(world, NOW + number) for number in range(3)]
    for each in reversed(sent):
        table.add(thread, each)
    assert table.messages(thread, limit=9) == (sent, False)
    assert table.messages(thread, limit=2, newest_first=True) == ([sent[2], sent[1]], True)
    assert table.messages(thread, low=sent[1].id, high=sent[1].id, limit=9)[0] == [sent[1]]


def test_rows_of_conversations_are_no_messages(table: HistoryTable, world: World) -> None:
    table.start_conversation(world.thread("alice", "bob"), message(world), "hello")
    assert table.messages(world.thread("alice", "bob"), limit=9) == ([], False)


def test_nothing_lies_between_ends_that_cross(table: HistoryTable, world: World) -> None:
    assert table.messages(world.thread("alice", "bob"), low="b", high="a", limit=9) == ([], False)


def test_a_conversation_start_is_the_last_at_or_before_a_message(table: HistoryTable, world: World) -> None:
    thread = world.thread("alice", "bob")
    starts = [message(world, NOW + number * MINUTE) for number in range(2)]
    for each in starts:
        table.start_conversation(thread, each, "hello")
    found = [table.conversation_start(thread, ids.new(NOW + time)) for time in (-1, 1, MINUTE + 1)]
    assert found == [None, starts[0].id, starts[1].id]
    assert table.conversation_start(thread, starts[1].id) == starts[1].id


@settings(max_examples=15)
@given(st.permutations(range(5)))
def test_whatever_the_order_the_newest_message_stays(world: World, order: list[int]) -> None:
    owner = Address(f"owner-{'-'.join(map(str, order))}", world.domain)
    lasts = [last(world, ids.lowest(NOW + number)) for number in range(5)]
    seen: list[int] = []
    for number in order:
        moved, before = world.tables.history.set_last(owner, lasts[number])
        assert moved == (not seen or number > max(seen))
        assert before == (lasts[max(seen)].id if seen else None)
        seen.append(number)
    assert world.tables.history.inbox(owner)[0] == {world.address("bob"): lasts[4]}


def test_newest_messages_are_read_by_owner_and_peer(table: HistoryTable, world: World) -> None:
    alice, bob, carol = world.addresses("alice", "bob", "carol")
    newest = last(world, ids.new(NOW))
    table.set_last(alice, newest)
    assert table.lasts([(alice, bob), (carol, bob)]) == {(alice, bob): newest}


def test_a_read_marker_moves_forward_alone(table: HistoryTable, world: World) -> None:
    alice, bob = world.addresses("alice", "bob")
    older, newer = ids.new(NOW), ids.new(NOW + 1)
    assert [table.set_read(alice, bob, each) for each in (newer, older, newer)] == [True, False, False]
    assert table.read_marker(alice, bob) == newer


def test_who_read_nothing_has_no_marker(table: HistoryTable, world: World) -> None:
    assert table.read_marker(*world.addresses("alice", "bob")) is None


def test_an_inbox_has_newest_messages_and_markers(table: HistoryTable, world: World) -> None:
    alice, bob = world.addresses("alice", "bob")
    newest = last(world, ids.new(NOW))
    table.set_last(alice, newest)
    table.set_read(alice, bob, newest.id)
    assert table.inbox(alice) == ({bob: newest}, {bob: newest.id})


def test_unread_are_the_messages_of_others_behind_the_marker(table: HistoryTable, world: World) -> None:
    thread = world.thread("alice", "bob")
    sent = [message(world, NOW + n, sender) for n, sender in enumerate(["bob", "bob", "alice", "bob"])]
    for each in sent:
        table.add(thread, each)
    alice = world.address("alice")
    assert [table.unread(thread, alice, read, 100) for read in ("", sent[0].id, sent[3].id)] == [3, 2, 0]


def test_unread_messages_are_counted_among_the_first_ones(table: HistoryTable, world: World) -> None:
    thread = world.thread("alice", "bob")
    for number in range(5):
        table.add(thread, message(world, NOW + number, "bob"))
    assert table.unread(thread, world.address("alice"), "", 3) == 3


def test_deleting_an_inbox_leaves_the_messages(table: HistoryTable, world: World) -> None:
    alice, bob = world.addresses("alice", "bob")
    kept = message(world)
    table.add(world.thread("alice", "bob"), kept)
    table.set_last(alice, last(world, kept.id))
    table.set_read(alice, bob, kept.id)
    assert table.delete_inbox(alice) == 2
    assert (table.inbox(alice), world.stored(world.thread("alice", "bob"))) == (({}, {}), [kept])


def test_the_own_part_of_an_alias_thread_is_one_senders(table: HistoryTable, world: World) -> None:
    team = world.address("team")
    sent = [Message(ids.new(NOW + n), world.address(s), team, "x") for n, s in enumerate(["alice", "carol", "alice"])]
    for each in sent:
        table.add(Thread.of_alias(team), each)
        table.add_own(team, each)
    assert table.messages(Thread.of_alias(team, world.address("alice")), limit=9)[0] == [sent[0], sent[2]]
