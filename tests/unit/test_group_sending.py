"""Sending in groups leaves the same rows as sending one by one, however often it has to be tried."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from chat import group_sending, ids, messages
from chat.entries import Alias
from chat.group_sending import GROUP, Draft
from chat.tables.history import XMPP, Message, NotAllStored, Thread
from tests.unit.world import MINUTE, NOW, REGION, SECOND, World, alias, empty

Rows = dict[tuple[str, str], dict[str, Any]]
PEOPLE = ("alice", "bob", "carol")


@pytest.fixture
def office(world: World) -> World:
    """Three people on XMPP, and an alias of two of them."""
    world.add(*PEOPLE, now=NOW - MINUTE)
    world.alias("sales", "bob", "carol")
    for local in PEOPLE:
        world.xmpp(local)
    return world


def history() -> Rows:
    """All rows of the History table."""
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables["history"]
    items = [item.to_json()["Attributes"] for part in table.items.values() for item in part.values()]
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in items}


def message(world: World, number: int, sender: str, recipient: str, at: int = NOW) -> Message:
    # One id after the other, as a node makes them.
    message_id = ids.lowest(at + number)
    return Message(message_id, world.address(sender), world.address(recipient), f"hello {number}", XMPP)


def drafts(world: World, found: list[Message], alone: bool = False) -> list[Draft]:
    made: list[Draft] = []
    for each in found:
        to: Alias | None = alias(world, "sales") if each.recipient.local == "sales" else None
        made.append(Draft(each, to, alone and to is None))
    return made


def store(world: World, found: list[Message], alone: bool = False) -> None:
    group_sending.store(world.tables, drafts(world, found, alone), {})


def send(world: World, found: list[Message]) -> None:
    """Send one by one, at the times in the ids."""
    callers = {local: world.xmpp(local, now=ids.time_of(found[0].id)) for local in PEOPLE}
    for each in found:
        now, caller = ids.time_of(each.id), callers[each.sender.local]
        messages.send(world.tables, world.pusher, caller, each.id, each.recipient, each.body, now, door=XMPP)


def starts(world: World, one: str, other: str) -> list[str]:
    partition = Thread.between(world.address(one), world.address(other)).partition
    return [
        sk.removeprefix("CONVERSATION/") for pk, sk in history() if pk == partition and sk.startswith("CONVERSATION/")
    ]


def last(world: World, owner: str, peer: str) -> str:
    key = (world.address(owner), world.address(peer))
    return world.tables.history.lasts([key])[key].id


senders = st.sampled_from(PEOPLE)
recipients = st.sampled_from((*PEOPLE, "sales"))
groups = st.lists(
    st.tuples(st.lists(st.tuples(senders, recipients), min_size=1, max_size=5), st.integers(0, 40)), max_size=2
)
"""Groups of messages, and the minutes in front of each."""


@settings(max_examples=6)  # moto takes 10 ms a call
@given(found=groups)
def test_a_group_leaves_the_rows_of_its_messages_sent_one_by_one(
    office: World, found: list[tuple[list[tuple[str, str]], int]]
) -> None:
    at, made = NOW, list[list[Message]]()
    for pairs, minutes in found:
        at += minutes * MINUTE + SECOND
        made.append([message(office, number, *pair, at=at) for number, pair in enumerate(pairs)])
    empty("history")
    for group in made:
        send(office, group)
    one_by_one = history()
    for alone in (False, True):
        empty("history")
        for group in made:
            store(office, group, alone)
        assert history() == one_by_one


@pytest.mark.parametrize("alone", [False, True])
def test_a_group_may_be_stored_again(office: World, alone: bool) -> None:
    found = [message(office, number, "alice", to) for number, to in enumerate(("bob", "bob", "carol", "sales"))]
    store(office, found, alone)
    before = history()
    store(office, found, alone)
    assert history() == before


@pytest.mark.parametrize("alone", [False, True])
def test_a_group_that_was_refused_halfway_is_finished_by_another_try(office: World, alone: bool) -> None:
    """The conversation's start is the row that nothing else could tell of."""
    store(office, [message(office, 0, "alice", "bob", at=NOW - 60 * MINUTE)])
    found = [message(office, number, "alice", "bob") for number in range(2)]
    store(office, found, alone)
    whole = history()
    thread = Thread.between(office.address("alice"), office.address("bob"))
    start = {"pk": {"S": thread.partition}, "sk": {"S": f"CONVERSATION/{found[0].id}"}}
    office.client.delete_item(TableName="history", Key=start)
    assert len(history()) == len(whole) - 1
    store(office, found, alone)
    assert history() == whole


class TestRefusals:
    """What is told of a group that the store did not take whole."""

    @staticmethod
    def refuse(world: World, *rows: str) -> None:
        """Have every call fail that writes a row whose sort key begins so."""

        def look(operation: str, request: dict[str, Any]) -> None:
            writes = [each for batch in request.get("RequestItems", {}).values() for each in batch]
            keys = [each["PutRequest"]["Item"] for each in writes] if operation == "batch_write_item" else []
            keys += [request["Key"]] if operation == "update_item" else []
            if any(key["sk"]["S"].startswith(rows) for key in keys):
                raise OSError("the network is down")

        world.client.before = look

    def test_messages_that_another_call_carried_are_stored(self, office: World) -> None:
        found = [message(office, number, "alice", "bob") for number in range(60)]
        self.refuse(office, f"MESSAGE/{found[30].id}")
        with pytest.raises(NotAllStored) as refused:
            store(office, found, alone=True)
        assert refused.value.missing == {each.id for each in found[25:50]}
        assert refused.value.unnoted == set()
        assert office.stored(office.thread("alice", "bob")) == found[:25] + found[50:]

    @pytest.mark.parametrize("alone", [False, True])
    @pytest.mark.parametrize("row", ["LAST/", "CONVERSATION/"])
    def test_a_message_is_stored_though_no_inbox_tells_of_it_and_trying_again_completes_it(
        self, office: World, row: str, alone: bool
    ) -> None:
        found = [message(office, number, "alice", "bob") for number in range(25)]
        store(office, found, alone)
        whole = history()
        empty("history")
        self.refuse(office, row)
        if not alone and row == "CONVERSATION/":
            office.client.before = lambda operation, _: self.fail(operation == "put_item")
        with pytest.raises(NotAllStored) as refused:
            store(office, found, alone)
        assert refused.value.missing == set()
        assert found[0].id in refused.value.unnoted or found[-1].id in refused.value.unnoted
        office.client.before = lambda *_: None
        store(office, found, alone)
        assert history() == whole

    @staticmethod
    def fail(wanted: bool) -> None:
        if wanted:
            raise OSError("the network is down")

    def test_a_thread_of_which_a_message_is_missing_waits_with_its_inbox_rows(self, office: World) -> None:
        """They say where a conversation starts, and that is not known before the first message is stored."""
        to_bob = [message(office, number, "alice", "bob") for number in range(30)]
        to_carol = [message(office, number, "alice", "carol") for number in range(30, 50)]
        self.refuse(office, f"MESSAGE/{to_bob[0].id}")
        with pytest.raises(NotAllStored) as refused:
            store(office, to_bob + to_carol)
        assert refused.value.missing == {each.id for each in to_bob[:25]}
        assert refused.value.unnoted == {each.id for each in to_bob[25:]}
        assert starts(office, "alice", "bob") == []
        assert last(office, "carol", "alice") == to_carol[-1].id
        office.client.before = lambda *_: None
        store(office, to_bob[25:])
        assert starts(office, "alice", "bob") == [to_bob[25].id]
        assert last(office, "bob", "alice") == to_bob[-1].id

    def test_a_pointer_that_is_missing_leaves_its_message_unnoted(self, office: World) -> None:
        found = [message(office, number, "alice", "sales") for number in range(25)]
        office.client.before = lambda _, request: self.fail("OWN/" in str(request))
        with pytest.raises(NotAllStored) as refused:
            store(office, found)
        assert refused.value.missing == set()
        assert refused.value.unnoted == {each.id for each in found}

    def test_where_the_store_cannot_be_read_nothing_is_written(self, office: World) -> None:
        office.client.before = lambda operation, _: self.fail(operation == "batch_get_item")
        with pytest.raises(OSError, match="network"):
            store(office, [message(office, 0, "alice", "bob")], alone=True)
        assert history() == {}


@pytest.mark.parametrize("alone", [False, True])
def test_a_conversation_starts_after_half_an_hour(office: World, alone: bool) -> None:
    early = message(office, 0, "alice", "bob")
    soon = message(office, 1, "bob", "alice", at=NOW + 29 * MINUTE)
    late = message(office, 2, "alice", "bob", at=NOW + 60 * MINUTE)
    for each in (early, soon, late):
        store(office, [each], alone)
    assert starts(office, "alice", "bob") == [early.id, late.id]


def test_what_is_known_of_a_thread_is_not_read(office: World) -> None:
    first, second = (message(office, number, "alice", "bob") for number in range(2))
    thread = Thread.between(first.sender, first.recipient)
    office.client.calls.clear()
    group_sending.store(office.tables, drafts(office, [second], alone=True), {thread: first.id})
    assert office.client.operations() == ["batch_write_item"]
    assert starts(office, "alice", "bob") == []


def test_a_group_of_people_who_are_alone_takes_few_calls(office: World) -> None:
    found = [message(office, number, "alice", "bob") for number in range(GROUP)]
    office.client.calls.clear()
    store(office, found, alone=True)
    # 100 messages, two newest rows and a start, 25 rows a call.
    assert sorted(office.client.operations()) == ["batch_get_item"] + ["batch_write_item"] * 5


def test_the_newest_message_never_moves_back(office: World) -> None:
    newer = message(office, 9, "bob", "alice")
    messages.record(office.tables, newer, None)
    store(office, [message(office, 1, "alice", "bob")])
    assert (last(office, "alice", "bob"), last(office, "bob", "alice")) == (newer.id, newer.id)


def test_a_newer_message_of_webmail_keeps_the_conversation_whole(office: World) -> None:
    newer = message(office, 9, "bob", "alice")
    messages.record(office.tables, newer, None)
    store(office, [message(office, 10, "alice", "bob")])
    assert starts(office, "alice", "bob") == [newer.id]


def test_the_type_and_the_senders_resource_are_kept(office: World) -> None:
    sent = replace(message(office, 0, "alice", "bob"), kind="headline", resource="phone")
    store(office, [sent])
    assert office.stored(office.thread("alice", "bob")) == [sent]


def test_a_message_to_an_alias_is_part_of_its_senders_own_history(office: World) -> None:
    sent = message(office, 0, "alice", "sales")
    store(office, [sent])
    own = Thread.of_alias(office.address("sales"), office.address("alice"))
    assert [each.id for each in office.stored(own)] == [sent.id]


def test_connections_are_those_that_hold_now(office: World) -> None:
    office.xmpp("bob", resource="old", lifetime=SECOND)
    found = group_sending.connections(office.tables, office.addresses("alice", "bob"), NOW + MINUTE)
    assert {address.local: [each.ref for each in present] for address, present in found.items()} == {
        "alice": ["xmpp:node:phone"],
        "bob": ["xmpp:node:phone"],
    }
