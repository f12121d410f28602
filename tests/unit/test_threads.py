from __future__ import annotations

import pytest

from chat import directory, ids, threads
from chat.addresses import Address
from chat.callers import Caller
from chat.errors import NotConnected, UnknownContact, UnknownConversation
from chat.tables.history import Message, Thread
from chat.threads import PAGE, Batch, Fit, View
from tests.unit.world import HOUR, MINUTE, NOW, SECOND, World, everything, room_for


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol")
    return world


def caller(world: World, local: str) -> Caller:
    return Caller(world.address(local), f"web:{local}-page")


def view(world: World, viewer: str, contact: str) -> View:
    return threads.view(world.tables, caller(world, viewer), world.address(contact))


def say(world: World, sender: str, recipient: str, at: int, thread: Thread | None = None) -> Message:
    """Store a message without any connection."""
    message = Message(ids.new(at), world.address(sender), world.address(recipient), f"{sender} at {at}")
    world.tables.history.add(thread or world.thread(sender, recipient), message)
    if thread:
        world.tables.history.add_own(message.recipient, message)
    return message


def earlier(world: World, seen: View, up_to: str | None = None, fit: Fit = everything) -> Batch:
    return threads.earlier(world.tables, seen, up_to, fit)


def conversation(world: World, seen: View, first: str, behind: str | None = None, fit: Fit = everything) -> Batch:
    return threads.conversation(world.tables, seen, first, behind, fit)


def pages(world: World, seen: View, fit: Fit = everything) -> list[list[Message]]:
    """All pages, the newest first."""
    found, position = [], None
    while True:
        batch = earlier(world, seen, position, fit)
        found.append(batch.messages)
        position = batch.next
        if position is None:
            return found


# ---- whose thread ----


def test_both_sides_see_the_same_thread(office: World) -> None:
    assert view(office, "alice", "bob").thread == view(office, "bob", "alice").thread


def test_nobody_sees_a_thread_with_another_domain(office: World) -> None:
    with pytest.raises(UnknownContact):
        threads.view(office.tables, caller(office, "alice"), Address("bob", "elsewhere.example"))


def test_a_member_sees_the_whole_thread_of_an_alias(office: World) -> None:
    team = office.alias("team", "bob")
    sent = [say(office, local, "team", NOW + n, Thread.of_alias(team)) for n, local in enumerate(["alice", "carol"])]
    assert earlier(office, view(office, "bob", "team")).messages == sent


def test_a_member_through_another_alias_sees_it_too(office: World) -> None:
    office.alias("inner", "bob")
    team = office.alias("team", "inner")
    assert view(office, "bob", "team").thread == Thread.of_alias(team)


def test_others_see_their_own_messages_in_it_alone(office: World) -> None:
    team = office.alias("team", "bob")
    own, _ = (say(office, local, "team", NOW + n, Thread.of_alias(team)) for n, local in enumerate(["alice", "carol"]))
    assert earlier(office, view(office, "alice", "team")).messages == [own]


def test_who_was_dropped_from_an_alias_sees_own_messages_alone(office: World) -> None:
    team = office.alias("team", "alice", "bob")
    say(office, "carol", "team", NOW, Thread.of_alias(team))
    office.alias("team", "bob")
    assert earlier(office, view(office, "alice", "team")).messages == []


def test_the_thread_with_somebody_removed_stays_readable(office: World) -> None:
    sent = say(office, "bob", "alice", NOW)
    directory.remove_user(office.tables, office.address("bob"), NOW)
    assert earlier(office, view(office, "alice", "bob")).messages == [sent]


def test_the_thread_with_somebody_disabled_stays_readable(office: World) -> None:
    sent = say(office, "bob", "alice", NOW)
    directory.disable_user(office.tables, office.address("bob"), True, NOW)
    assert earlier(office, view(office, "alice", "bob")).messages == [sent]


def test_the_thread_of_a_removed_alias_stays_readable_for_its_members(office: World) -> None:
    team = office.alias("team", "bob")
    sent = say(office, "carol", "team", NOW, Thread.of_alias(team))
    directory.remove_alias(office.tables, team)
    assert earlier(office, view(office, "bob", "team")).messages == [sent]


def test_an_alias_with_the_address_of_somebody_removed_has_a_thread_of_its_own(office: World) -> None:
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.alias("bob", "alice")
    assert view(office, "alice", "bob").thread == Thread.of_alias(office.address("bob"))


@pytest.mark.parametrize("disabled", [False, True])
def test_a_user_with_the_address_of_a_removed_alias_has_a_thread_of_its_own(office: World, disabled: bool) -> None:
    directory.remove_alias(office.tables, office.alias("team", "bob"))
    office.add("team")
    directory.disable_user(office.tables, office.address("team"), disabled, NOW)
    assert view(office, "alice", "team").thread == office.thread("alice", "team")


def test_who_got_the_address_of_somebody_removed_does_not_see_the_old_messages(office: World) -> None:
    say(office, "bob", "alice", NOW)
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.add("bob", now=NOW + HOUR)
    new = say(office, "alice", "bob", NOW + HOUR + 1)
    seen = view(office, "bob", "alice")
    assert earlier(office, seen).messages == [new]
    assert [page for page in pages(office, seen, room_for(1)) if page] == [[new]]


def test_the_other_side_keeps_seeing_the_old_messages(office: World) -> None:
    old = say(office, "bob", "alice", NOW)
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.add("bob", now=NOW + HOUR)
    assert earlier(office, view(office, "alice", "bob")).messages == [old]


def test_a_message_at_the_very_floor_ends_the_pages(office: World) -> None:
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.add("bob", now=NOW)
    seen = view(office, "bob", "alice")
    lowest = Message(ids.lowest(NOW), office.address("alice"), office.address("bob"), "first")
    office.tables.history.add(seen.thread, lowest)
    assert earlier(office, seen, lowest.id) == Batch([], None)


def test_a_thread_with_nobody_is_unknown(office: World) -> None:
    with pytest.raises(UnknownContact):
        earlier(office, view(office, "alice", "nobody"))


def test_a_thread_without_messages_is_empty(office: World) -> None:
    assert earlier(office, view(office, "alice", "bob")) == Batch([], None)


# ---- page by page ----


def test_the_newest_messages_come_first_each_page_in_order(office: World) -> None:
    sent = [say(office, "alice", "bob", NOW + number) for number in range(5)]
    assert pages(office, view(office, "alice", "bob"), room_for(2)) == [sent[3:], sent[1:3], sent[:1]]


def test_a_page_has_no_more_than_its_limit(office: World) -> None:
    sent = [say(office, "alice", "bob", NOW + number) for number in range(PAGE + 1)]
    assert pages(office, view(office, "alice", "bob")) == [sent[1:], sent[:1]]


def test_own_messages_in_an_alias_thread_are_paged_too(office: World) -> None:
    team = office.alias("team", "bob")
    sent = [say(office, "alice", "team", NOW + number, Thread.of_alias(team)) for number in range(3)]
    assert pages(office, view(office, "alice", "team"), room_for(2)) == [sent[1:], sent[:1]]


# ---- one conversation ----


def test_a_conversation_is_its_messages_and_no_others(office: World) -> None:
    times = [0, HOUR, HOUR + MINUTE, 3 * HOUR]
    sent = [say(office, "alice", "bob", NOW + time) for time in times]
    assert conversation(office, view(office, "alice", "bob"), sent[1].id) == Batch(sent[1:3], None)


def test_the_newest_conversation_goes_to_the_end(office: World) -> None:
    sent = [say(office, "alice", "bob", NOW + number * SECOND) for number in range(3)]
    assert conversation(office, view(office, "alice", "bob"), sent[0].id) == Batch(sent, None)


@pytest.mark.parametrize("room", [1, 2, 3, 10])
def test_a_long_conversation_is_paged_to_its_end(office: World, room: int) -> None:
    sent = [say(office, "alice", "bob", NOW + number * MINUTE) for number in range(5)]
    say(office, "alice", "bob", NOW + 2 * HOUR)
    seen, found, position = view(office, "alice", "bob"), [], None
    while True:
        batch = conversation(office, seen, sent[0].id, position, room_for(room))
        found += batch.messages
        position = batch.next
        if position is None:
            break
    assert found == sent


def test_a_page_full_of_one_conversation_goes_on(office: World) -> None:
    sent = [say(office, "alice", "bob", NOW + number) for number in range(PAGE + 1)]
    seen = view(office, "alice", "bob")
    first = conversation(office, seen, sent[0].id)
    assert first == Batch(sent[:PAGE], sent[PAGE - 1].id)
    assert conversation(office, seen, sent[0].id, first.next) == Batch(sent[PAGE:], None)


@pytest.mark.parametrize("with_others", [True, False])
def test_a_conversation_that_begins_with_no_message_is_unknown(office: World, with_others: bool) -> None:
    if with_others:
        say(office, "alice", "bob", NOW)
    with pytest.raises(UnknownConversation):
        conversation(office, view(office, "alice", "bob"), ids.new(NOW - 1))


def test_a_conversation_of_the_former_owner_of_an_address_is_unknown(office: World) -> None:
    old = say(office, "alice", "bob", NOW)
    directory.remove_user(office.tables, office.address("bob"), NOW)
    office.add("bob", now=NOW + HOUR)
    with pytest.raises(UnknownConversation):
        conversation(office, view(office, "bob", "alice"), old.id)


def test_who_has_been_disabled_reads_nothing_more(world: World) -> None:
    world.add("alice", "bob")
    caller = world.web("alice")
    directory.disable_user(world.tables, world.address("alice"), True, NOW)
    with pytest.raises(NotConnected):
        threads.view(world.tables, caller, world.address("bob"))
