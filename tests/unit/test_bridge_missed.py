"""What was not pushed is caught up with: once, by those whom it concerns, and however often the tables fail."""

from __future__ import annotations

import pytest

from bridge.envelopes import Envelope
from bridge.missed import USERS_AT_ONCE
from bridge.names import CARBONS
from bridge.routing import Outgoing, give_missed
from chat import ids
from chat.frames.events import MissedEvent, NodeFrame
from chat.store import StoreBusy
from chat.tables.history import XMPP, Message
from tests.unit.station import Client, Station
from tests.unit.timeless import run
from tests.unit.world import HOUR, NOW, World

LATER = NOW + 1000


@pytest.fixture
def station(world: World) -> Station:
    world.add("alice", "bob", "carol")
    return Station(world, NOW)


def note(station: Station, since: int = NOW) -> None:
    station.take(NodeFrame(event=MissedEvent(since=since), sessions=[]))


def bodies(client: Client) -> list[str]:
    """The texts of the messages that a client was given since it was asked last; those in carbons with a star."""
    found = []
    for text in client.taken():
        if "<body>" in text:
            copied = "*" if CARBONS in text else ""
            found.append(copied + text.partition("<body>")[2].partition("</body>")[0])
    return found


def store(world: World, sender: str, recipient: str, body: str) -> None:
    """A message that was stored by another node."""
    world.send(world.xmpp(sender, "other", "desk"), recipient, body, LATER)


def test_everybody_gets_what_was_missed_and_gets_it_once(station: Station, world: World) -> None:
    async def test() -> None:
        bob, carol = await station.client(world, "bob"), await station.client(world, "carol")
        store(world, "alice", "bob", "hello")
        store(world, "alice", "carol", "hi")
        for _ in range(2):
            note(station)
            await station.idle()
        assert (bodies(bob), bodies(carol)) == (["hello"], ["hi"])

    run(test())


def test_it_is_read_until_that_succeeds(station: Station, world: World) -> None:
    async def test() -> None:
        bob = await station.client(world, "bob")
        store(world, "alice", "bob", "hello")
        station.failures = {name: [StoreBusy(), OSError()] for name in ("page", "read_directory", "watch")}
        note(station)
        await station.idle()
        assert bodies(bob) == ["hello"]

    run(test())


def test_notes_that_come_meanwhile_are_one_with_the_earliest_time(station: Station, world: World) -> None:
    async def test() -> None:
        bob = await station.client(world, "bob")
        store(world, "alice", "bob", "hello")
        station.called.clear()
        for since in (NOW + HOUR, NOW, NOW + HOUR):
            note(station, since)
        await station.idle()
        assert station.called.count("page") == 1
        assert bodies(bob) == ["hello"]

    run(test())


def test_only_some_archives_are_read_at_the_same_time(station: Station, world: World) -> None:
    async def test() -> None:
        names = [f"user{number}" for number in range(2 * USERS_AT_ONCE)]
        world.add(*names)
        for each in names:
            await station.client(world, each)
        station.called.clear()
        reading = list[int]()
        """How many archives were being read whenever one had been."""
        station.before["page"] = lambda: reading.append(station.called.count("page") - len(reading))
        note(station)
        await station.idle()
        assert len(reading) == len(names)
        assert max(reading) == USERS_AT_ONCE

    run(test())


# Who gets what.


def test_the_client_that_sent_a_message_gets_no_copy_of_it(station: Station, world: World) -> None:
    async def test() -> None:
        phone, desk = await station.client(world, "alice", "phone"), await station.client(world, "alice", "desk")
        for each in (phone, desk):
            assert each.session
            each.session.carbons = True
        sent = world.send(world.xmpp("alice", "here"), "bob", "hello", LATER)
        assert phone.session
        envelope = Envelope(sent, phone.session.jid, str(world.address("bob")))
        Outgoing(station, envelope, None, phone.session, "", "").here()
        assert (bodies(phone), bodies(desk)) == ([], ["*hello"])
        note(station)
        await station.idle()
        assert (bodies(phone), bodies(desk)) == ([], [])

    run(test())


def test_what_was_sent_over_another_node_is_copied_where_that_was_asked_for(station: Station, world: World) -> None:
    async def test() -> None:
        phone, desk = await station.client(world, "alice", "phone"), await station.client(world, "alice", "desk")
        assert phone.session
        phone.session.carbons = True
        store(world, "alice", "bob", "hello")
        note(station)
        await station.idle()
        assert (bodies(phone), bodies(desk)) == (["*hello"], [])

    run(test())


@pytest.mark.parametrize("blocked", ["alice", "sales"])
def test_nothing_comes_of_whom_or_what_is_blocked(station: Station, world: World, blocked: str) -> None:
    async def test() -> None:
        world.alias("sales", "bob", "carol")
        bob, carol = await station.client(world, "bob"), await station.client(world, "carol")
        world.send(world.xmpp("alice", "other"), "sales", "to all", LATER)
        world.block("bob", blocked)
        note(station)
        await station.idle()
        assert (bodies(bob), bodies(carol)) == ([], ["to all"])

    run(test())


def test_messages_of_before_a_client_was_there_came_by_another_way(station: Station, world: World) -> None:
    async def test() -> None:
        bob = await station.client(world, "bob")
        assert bob.session
        bob.session.live_from = ids.lowest(LATER + 1)
        store(world, "alice", "bob", "hello")
        note(station)
        await station.idle()
        assert bodies(bob) == []

    run(test())


def test_what_wants_no_copies_has_none(station: Station, world: World) -> None:
    async def test() -> None:
        phone = await station.client(world, "alice", "phone")
        assert phone.session
        phone.session.carbons = True
        extension = f'<private xmlns="{CARBONS}"/>'
        message = Message(ids.new(LATER), world.address("alice"), world.address("bob"), "secret", XMPP, (extension,))
        envelope = Envelope(message, f"{world.address('alice')}/desk", str(world.address("bob")))
        give_missed(station, envelope, world.address("alice"))
        assert bodies(phone) == []

    run(test())


def test_what_is_for_one_resource_goes_to_that_alone(station: Station, world: World) -> None:
    async def test() -> None:
        phone, desk = await station.client(world, "bob", "phone"), await station.client(world, "bob", "desk")
        assert phone.session
        message = Message(ids.new(LATER), world.address("alice"), world.address("bob"), "to the phone", XMPP)
        envelope = Envelope(message, f"{world.address('alice')}/desk", phone.session.jid)
        give_missed(station, envelope, world.address("bob"))
        assert (bodies(phone), bodies(desk)) == (["to the phone"], [])
        give_missed(station, envelope, world.address("bob"))
        assert (bodies(phone), bodies(desk)) == ([], []), "the phone has it, and nobody else is to"

    run(test())
