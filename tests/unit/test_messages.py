from __future__ import annotations

from itertools import count
from threading import Event
from typing import Any

import pytest

from chat import directory, ids, statuses
from chat.callers import Caller
from chat.errors import BodyTooLarge, ClockSkew, EmptyBody, IdTaken, NotConnected, Offline, UnknownRecipient
from chat.ids import MAX_SKEW
from chat.messages import record, send
from chat.presence import Status
from chat.store import StoreBusy
from chat.tables.history import XMPP, Last, Message, Thread
from tests.unit.world import HOUR, MINUTE, NOW, SECOND, World


@pytest.fixture
def office(world: World) -> World:
    """Alice, Bob and Carol, of whom Alice and Bob are there."""
    world.add("alice", "bob", "carol")
    world.web("alice")
    world.web("bob")
    return world


@pytest.fixture
def alice(office: World) -> Caller:
    return Caller(office.address("alice"), "web:alice-page")


def bodies(world: World, thread: Thread) -> list[str]:
    return [message.body for message in world.stored(thread)]


def starts(world: World, thread: Thread) -> list[str]:
    rows = world.tables.store.query_all("history", thread.partition, low="CONVERSATION/", high="CONVERSATION0")
    return [row["sk"].removeprefix("CONVERSATION/") for row in rows]


def last(world: World, owner: str, peer: str) -> Last:
    return world.tables.history.inbox(world.address(owner))[0][world.address(peer)]


def test_a_message_is_stored_and_pushed_to_the_recipient(office: World, alice: Caller) -> None:
    sent = office.send(alice, "bob", "good morning")
    assert office.stored(office.thread("bob", "alice")) == [sent]
    assert office.channel.to("bob-page")[0]["message"]["body"] == "good morning"


def test_the_pushed_frame_says_who_when_and_through_which_door(office: World, alice: Caller) -> None:
    sent = office.send(alice, "bob", at=NOW)
    assert office.channel.to("bob-page")[0] == {
        "event": "message",
        "message": {
            "id": sent.id,
            "sender": str(alice.address),
            "recipient": str(office.address("bob")),
            "body": "hello",
            "sent_at": "2026-01-01T09:00:00.000Z",
            "door": "web",
        },
    }


def test_the_sending_connection_is_pushed_nothing(office: World, alice: Caller) -> None:
    office.send(alice, "bob")
    assert office.channel.receivers() == ["bob-page"]


def test_the_senders_other_connections_see_what_was_sent(office: World, alice: Caller) -> None:
    office.web("alice", "second-page")
    office.send(alice, "bob")
    assert office.channel.receivers() == ["bob-page", "second-page"]


def test_reached_counts_other_users_not_connections(office: World, alice: Caller) -> None:
    office.web("alice", "second-page")
    office.web("bob", "bobs-second-page")
    assert office.send_as(alice, ids.new(NOW), "bob").reached == 1


def test_a_message_to_somebody_who_is_away_from_chat_is_kept(office: World, alice: Caller) -> None:
    sent = office.send_as(alice, ids.new(NOW), "carol")
    assert (sent.reached, bodies(office, office.thread("alice", "carol"))) == (0, ["hello"])


def test_a_retry_with_the_same_id_is_one_message(office: World, alice: Caller) -> None:
    message_id = ids.new(NOW)
    first = office.send_as(alice, message_id, "bob", now=NOW)
    again = office.send_as(alice, message_id, "bob", now=NOW + SECOND)
    assert again.message == first.message
    assert bodies(office, office.thread("alice", "bob")) == ["hello"]


def test_a_retry_is_not_pushed_again(office: World, alice: Caller) -> None:
    message_id = ids.new(NOW)
    for _ in range(2):
        office.send_as(alice, message_id, "bob")
    assert office.channel.receivers() == ["bob-page"]


def test_a_retry_an_hour_later_is_acknowledged_again(office: World, alice: Caller) -> None:
    message_id = ids.new(NOW)
    office.send_as(alice, message_id, "bob", now=NOW)
    assert office.send_as(alice, message_id, "bob", now=NOW + HOUR).message.id == message_id


def test_a_retry_completes_what_a_crash_left_undone(office: World, alice: Caller) -> None:
    thread, message_id = office.thread("alice", "bob"), ids.new(NOW)
    message = Message(message_id, alice.address, office.address("bob"), "hello")
    office.tables.history.add(thread, message)
    office.send_as(alice, message_id, "bob")
    assert last(office, "bob", "alice").id == message_id
    assert starts(office, thread) == [message_id]
    assert office.channel.receivers() == ["bob-page"]


def test_the_same_id_with_another_body_is_refused(office: World, alice: Caller) -> None:
    message_id = ids.new(NOW)
    office.send_as(alice, message_id, "bob", "yes")
    with pytest.raises(IdTaken):
        office.send_as(alice, message_id, "bob", "no")
    assert bodies(office, office.thread("alice", "bob")) == ["yes"]


def test_an_id_of_the_other_side_of_a_thread_is_refused(office: World, alice: Caller) -> None:
    message_id = ids.new(NOW)
    office.send_as(alice, message_id, "bob")
    with pytest.raises(IdTaken):
        office.send_as(Caller(office.address("bob"), "web:bob-page"), message_id, "alice")


def test_an_old_id_of_somebody_else_is_refused(office: World, alice: Caller) -> None:
    message_id = ids.new(NOW)
    office.send_as(alice, message_id, "bob", now=NOW)
    with pytest.raises(IdTaken):
        office.send_as(Caller(office.address("bob"), "web:bob-page"), message_id, "alice", now=NOW + HOUR)


@pytest.mark.parametrize("skew", [MAX_SKEW, -MAX_SKEW])
def test_an_id_a_minute_off_is_taken(office: World, alice: Caller, skew: int) -> None:
    office.send_as(alice, ids.new(NOW + skew), "bob", now=NOW)
    assert len(office.stored(office.thread("alice", "bob"))) == 1


@pytest.mark.parametrize("skew", [MAX_SKEW + 1, -MAX_SKEW - 1])
def test_a_new_id_over_a_minute_off_is_refused_with_the_servers_time(office: World, alice: Caller, skew: int) -> None:
    with pytest.raises(ClockSkew) as refused:
        office.send_as(alice, ids.new(NOW + skew), "bob", now=NOW)
    assert refused.value.details == {"server_time": NOW}
    assert office.stored(office.thread("alice", "bob")) == []


@pytest.mark.parametrize(("body", "error"), [(" \n", EmptyBody), ("x" * (16 * 1024 + 1), BodyTooLarge)])
def test_a_body_that_cannot_be_sent_is_refused(office: World, alice: Caller, body: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        office.send(alice, "bob", body)


def test_nobody_is_reached_in_another_domain(office: World, alice: Caller) -> None:
    elsewhere = World(f"other.{office.domain}", office.client, office.tables)
    elsewhere.add("bob")
    with pytest.raises(UnknownRecipient):
        send(office.tables, office.pusher, alice, ids.new(NOW), elsewhere.address("bob"), "hello", NOW)


def test_somebody_unknown_is_not_reached(office: World, alice: Caller) -> None:
    with pytest.raises(UnknownRecipient):
        office.send(alice, "nobody")


def test_a_removed_user_is_not_reached(office: World, alice: Caller) -> None:
    directory.remove_user(office.tables, office.address("bob"), NOW)
    with pytest.raises(UnknownRecipient):
        office.send(alice, "bob")


def test_a_disabled_user_is_not_reached(office: World, alice: Caller) -> None:
    directory.disable_user(office.tables, office.address("bob"), True, NOW)
    with pytest.raises(UnknownRecipient):
        office.send(alice, "bob")


def test_a_removed_alias_is_not_reached(office: World, alice: Caller) -> None:
    directory.remove_alias(office.tables, office.alias("team", "bob"))
    with pytest.raises(UnknownRecipient):
        office.send(alice, "team")


def test_a_disabled_sender_cannot_send(office: World, alice: Caller) -> None:
    directory.disable_user(office.tables, alice.address, True, NOW)
    with pytest.raises(NotConnected):
        office.send(alice, "bob")


def test_a_connection_that_is_not_registered_cannot_send(office: World) -> None:
    with pytest.raises(NotConnected):
        office.send(Caller(office.address("alice"), "web:unknown"), "bob")


def test_who_is_offline_in_webmail_cannot_send_from_there(office: World, alice: Caller) -> None:
    statuses.choose(office.tables, office.pusher, alice, Status.OFFLINE, NOW)
    with pytest.raises(Offline):
        office.send(alice, "bob")


def test_offline_in_webmail_leaves_the_xmpp_client_sending(office: World, alice: Caller) -> None:
    phone = office.xmpp("alice")
    statuses.choose(office.tables, office.pusher, alice, Status.OFFLINE, NOW)
    office.send(phone, "bob")
    assert office.channel.receivers() == ["bob-page"]


def test_offline_in_webmail_leaves_the_xmpp_client_alone_receiving(office: World, alice: Caller) -> None:
    bob = Caller(office.address("bob"), "web:bob-page")
    statuses.choose(office.tables, office.pusher, bob, Status.OFFLINE, NOW)
    office.xmpp("bob", "node", "phone")
    office.tables.connections.add_link("node", "link", NOW, NOW + HOUR)
    office.send(alice, "bob")
    assert office.channel.receivers() == ["link"]


def test_what_comes_over_xmpp_keeps_its_door_and_extensions(office: World) -> None:
    phone = office.xmpp("alice")
    sent = send(
        office.tables,
        office.pusher,
        phone,
        ids.new(NOW),
        office.address("bob"),
        "hello",
        NOW,
        door=XMPP,
        extensions=("<markable xmlns='urn:xmpp:chat-markers:0'/>",),
    )
    assert office.stored(office.thread("alice", "bob")) == [sent.message]


def test_equal_resources_of_two_users_on_one_node_both_get_the_message(office: World) -> None:
    phone = office.xmpp("alice", "node", "phone")
    office.xmpp("bob", "node", "phone")
    office.tables.connections.add_link("node", "link", NOW, NOW + HOUR)
    office.send(phone, "bob")
    [frame] = office.channel.to("link")
    assert frame["sessions"] == [{"address": str(office.address("bob")), "resource": "phone"}]


def test_equal_resources_of_alias_members_on_one_node_all_get_the_message(office: World, alice: Caller) -> None:
    office.alias("team", "bob", "carol")
    for member in ("bob", "carol"):
        office.xmpp(member, "node", "phone")
    office.tables.connections.add_link("node", "link", NOW, NOW + HOUR)
    assert office.send_as(alice, ids.new(NOW), "team").reached == 2
    [frame] = office.channel.to("link")
    assert {session["address"] for session in frame["sessions"]} == {
        str(office.address(member)) for member in ("bob", "carol")
    }


def test_the_newest_message_is_noted_in_both_inboxes(office: World, alice: Caller) -> None:
    sent = office.send(alice, "bob", "one\n\ntwo")
    assert last(office, "alice", "bob") == Last(office.address("bob"), sent.id, alice.address, "one two")
    assert last(office, "bob", "alice") == Last(alice.address, sent.id, alice.address, "one two")


def test_a_message_with_an_earlier_id_does_not_move_the_inboxes_back(office: World, alice: Caller) -> None:
    newer = office.send_as(alice, ids.new(NOW + 1), "bob", now=NOW).message
    office.send_as(alice, ids.new(NOW), "bob", now=NOW)
    assert last(office, "alice", "bob").id == last(office, "bob", "alice").id == newer.id


def test_the_first_message_starts_a_conversation(office: World, alice: Caller) -> None:
    first = office.send(alice, "bob", at=NOW)
    office.send(alice, "bob", at=NOW + MINUTE)
    assert starts(office, office.thread("alice", "bob")) == [first.id]


def test_a_message_after_half_an_hour_starts_a_conversation(office: World, alice: Caller) -> None:
    first = office.send(alice, "bob", at=NOW)
    second = office.send(alice, "bob", at=NOW + 30 * MINUTE + 1)
    assert starts(office, office.thread("alice", "bob")) == [first.id, second.id]


@pytest.mark.parametrize("slow", [0, 1])
def test_a_note_to_oneself_starts_a_conversation_whichever_write_comes_first(
    office: World, alice: Caller, slow: int
) -> None:
    arrived, other_done = count(), Event()

    def hold_back(operation: str, request: dict[str, Any]) -> None:
        if operation == "update_item" and next(arrived) == slow:
            other_done.wait(0.2)
        if operation == "batch_get_item" and "PRESENCE" in str(request) and "DOMAIN" not in str(request):
            other_done.set()

    first = office.send(alice, "alice", at=NOW)
    office.client.before = hold_back
    second = office.send(alice, "alice", at=NOW + HOUR)
    assert starts(office, office.thread("alice", "alice")) == [first.id, second.id]


def test_a_note_to_oneself_reaches_the_own_other_connections_once(office: World, alice: Caller) -> None:
    office.web("alice", "second-page")
    office.send(alice, "alice")
    assert office.channel.receivers() == ["second-page"]


def test_an_alias_message_goes_to_the_members_who_are_there(office: World, alice: Caller) -> None:
    office.alias("team", "bob", "carol")
    sent = office.send_as(alice, ids.new(NOW), "team")
    assert (sent.reached, office.channel.receivers()) == (1, ["bob-page"])


def test_an_alias_message_comes_from_its_sender_marked_with_the_alias(office: World, alice: Caller) -> None:
    team = office.alias("team", "bob")
    office.send(alice, "team")
    message = office.channel.to("bob-page")[0]["message"]
    assert (message["sender"], message["recipient"]) == (str(alice.address), str(team))


def test_an_alias_message_is_stored_once_in_the_aliass_thread(office: World, alice: Caller) -> None:
    team = office.alias("team", "bob", "carol")
    sent = office.send(alice, "team")
    assert office.stored(Thread.of_alias(team)) == [sent]
    assert office.stored(office.thread("alice", "bob")) == []


def test_a_member_who_sends_to_the_alias_is_not_reached_by_it(office: World, alice: Caller) -> None:
    office.alias("team", "alice", "bob")
    office.web("alice", "second-page")
    assert office.send_as(alice, ids.new(NOW), "team").reached == 1
    assert office.channel.receivers() == ["bob-page", "second-page"]


def test_an_alias_message_is_noted_for_the_sender_and_for_the_alias(office: World, alice: Caller) -> None:
    team = office.alias("team", "bob")
    sent = office.send(alice, "team")
    noted = Last(team, sent.id, alice.address, "hello", to_alias=True)
    assert last(office, "alice", "team") == last(office, "team", "team") == noted


def test_conversations_of_an_alias_start_by_its_thread_not_by_the_sender(office: World, alice: Caller) -> None:
    team = office.alias("team", "carol")
    first = office.send(alice, "team", at=NOW)
    office.send(Caller(office.address("bob"), "web:bob-page"), "team", at=NOW + MINUTE)
    assert starts(office, Thread.of_alias(team)) == [first.id]


def test_senders_find_their_own_part_of_an_alias_thread(office: World, alice: Caller) -> None:
    team = office.alias("team", "carol")
    own = office.send(alice, "team", "from alice")
    office.send(Caller(office.address("bob"), "web:bob-page"), "team", "from bob")
    assert office.stored(Thread.of_alias(team, alice.address)) == [own]


def test_a_recipients_presence_is_read_when_the_message_can_be_found_by_sync(office: World, alice: Caller) -> None:
    """Else who connects in between would neither be pushed the message nor find it."""
    bob = str(office.address("bob"))
    presence_read = Event()
    too_early = []

    def watch(operation: str, request: dict[str, Any]) -> None:
        if operation == "batch_get_item" and f"USER/{bob}" in str(request):
            presence_read.set()
        if operation == "update_item" and f"INBOX/{bob}" in str(request):
            too_early.append(presence_read.wait(0.2))

    office.client.before = watch
    office.send(alice, "bob")
    assert (too_early, presence_read.is_set()) == ([False], True)


def test_a_message_costs_three_writes_and_three_reads_at_most(office: World, alice: Caller) -> None:
    office.send(alice, "bob", at=NOW)
    office.client.calls.clear()
    office.send(alice, "bob", at=NOW + MINUTE)
    writes = [operation for operation in office.client.operations() if operation in {"put_item", "update_item"}]
    reads = [
        len(table["Keys"]) * (1 if table["ConsistentRead"] else 0.5)
        for operation, request in office.client.calls
        if operation == "batch_get_item"
        for table in request["RequestItems"].values()
    ]
    assert (len(writes), sum(reads)) == (3, 3)
    assert len(office.client.calls) == 5


def test_the_cost_of_a_message_does_not_grow_with_the_domain_or_its_history(office: World, alice: Caller) -> None:
    def cost(at: int) -> list[str]:
        office.client.calls.clear()
        office.send(alice, "bob", at=at)
        return sorted(office.client.operations())

    before = cost(NOW)
    office.add(*(f"colleague{number}" for number in range(30)))
    for number in range(20):
        office.send(alice, "bob", at=NOW + number * SECOND)
    assert cost(NOW + 31 * MINUTE) == before


def fail_once(world: World, operation: str, table_part: str) -> None:
    """Let the next call of an operation that names something fail, as a throttled table does."""

    def before(name: str, request: dict[str, Any]) -> None:
        if name == operation and table_part in str(request):
            world.client.before = lambda *_: None
            raise StoreBusy("throttled")

    world.client.before = before


def test_a_retry_finishes_what_the_first_try_did_not_and_pushes(world: World) -> None:
    world.add("alice", "bob")
    alice, _ = world.web("alice"), world.web("bob", "bobs")
    message_id = ids.new(NOW)
    fail_once(world, "batch_get_item", f"USER/{world.address('bob')}'")
    with pytest.raises(StoreBusy):
        world.send_as(alice, message_id, "bob")
    assert world.channel.to("bobs") == []
    assert world.send_as(alice, message_id, "bob").reached == 1
    assert len(world.channel.to("bobs")) == 1
    assert world.send_as(alice, message_id, "bob").reached == 0
    assert len(world.channel.to("bobs")) == 1


def test_a_retry_notes_the_start_of_a_conversation_that_the_first_try_did_not(world: World) -> None:
    world.add("alice", "bob")
    alice, message_id = world.web("alice"), ids.new(NOW)
    fail_once(world, "put_item", "CONVERSATION/")
    with pytest.raises(StoreBusy):
        world.send_as(alice, message_id, "bob")
    world.send_as(alice, message_id, "bob")
    thread = world.thread("alice", "bob")
    assert world.tables.history.conversation_start(thread, message_id) == message_id


def test_a_recorded_message_is_kept_as_if_sent_then_and_pushed_to_nobody(world: World) -> None:
    world.add("alice", "bob")
    world.web("bob", "bobs")
    then = ids.new(NOW - 24 * HOUR)
    message = Message(then, world.address("alice"), world.address("bob"), "long ago")
    for _ in range(2):
        record(world.tables, message, None)
    thread = world.thread("alice", "bob")
    assert world.stored(thread) == [message]
    assert world.tables.history.conversation_start(thread, then) == then
    assert {peer for owner in ("alice", "bob") for peer in world.tables.history.inbox(world.address(owner))[0]} == {
        world.address("alice"),
        world.address("bob"),
    }
    assert world.channel.posts == []
