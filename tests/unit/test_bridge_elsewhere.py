"""Presence and changes of other nodes: who is shown what of it, and what somebody who is blocked sees."""

from __future__ import annotations

import pytest

from bridge.company import read_presence
from bridge.elements import element, qualified, write
from bridge.names import BLOCKING, CLIENT, ROSTER
from bridge.routing import TAKEN
from chat.frames.events import NodeFrame, PresenceEvent, Resource, StanzaEvent
from chat.frames.events import Session as Named
from chat.store import StoreBusy
from tests.unit.station import Client, Station
from tests.unit.timeless import run
from tests.unit.world import NOW, World

DESK = Resource(resource="desk", status="available", node="other")
AWAY_DESK = Resource(resource="desk", status="away", node="other")
WEBMAIL = Resource(resource="webmail", status="available")


@pytest.fixture
def station(world: World) -> Station:
    world.add("alice", "bob", "carol")
    return Station(world, NOW)


def push(station: Station, world: World, revision: int, *resources: Resource, blocked: tuple[str, ...] = ()) -> None:
    """What the fan-out tells of alice."""
    event = PresenceEvent(
        address=str(world.address("alice")),
        status="available",
        revision=revision,
        resources=list(resources),
        blocked=list(blocked),
    )
    station.take(NodeFrame(event=event, sessions=[]))


def tell(station: Station, world: World, text: str, *named: str) -> None:
    """A stanza of another node to some of alice's resources."""
    sessions = [Named(address=str(world.address("alice")), resource=each) for each in named]
    station.take(NodeFrame(event=StanzaEvent(xml=text), sessions=sessions))


def shown(client: Client, world: World, local: str = "alice") -> list[str]:
    """Whose resources a client has been shown since it was asked last, in order; those that have gone with a minus."""
    found = []
    for text in client.taken():
        if text.startswith("<presence") and f'from="{world.address(local)}/' in text:
            gone = "-" if 'type="unavailable"' in text else ""
            found.append(gone + text.partition("/")[2].partition('"')[0])
    return found


# Blocking.


def test_who_is_blocked_on_another_node_sees_all_resources_go_and_come(station: Station, world: World) -> None:
    async def test() -> None:
        bob, carol = await station.client(world, "bob"), await station.client(world, "carol")
        push(station, world, 1, DESK, WEBMAIL)
        assert shown(bob, world) == shown(carol, world) == ["desk", "webmail"]
        push(station, world, 2, DESK, WEBMAIL, blocked=("bob",))
        assert (shown(bob, world), shown(carol, world)) == (["-desk", "-webmail"], [])
        push(station, world, 3, AWAY_DESK, WEBMAIL, blocked=("bob",))
        assert (shown(bob, world), shown(carol, world)) == ([], ["desk"])
        push(station, world, 4, AWAY_DESK, blocked=("bob",))
        push(station, world, 5, AWAY_DESK)
        assert shown(bob, world) == ["desk"]

    run(test())


def test_an_older_push_hides_and_shows_nothing(station: Station, world: World) -> None:
    async def test() -> None:
        bob = await station.client(world, "bob")
        push(station, world, 5, DESK)
        bob.taken()
        push(station, world, 4, DESK, blocked=("bob",))
        assert shown(bob, world) == []

    run(test())


def test_a_user_of_this_node_who_is_blocked_on_another_one(station: Station, world: World) -> None:
    """The settings decide, as what is pushed may be of the time before; and what was shown is not shown again."""

    async def test() -> None:
        bob, alice = await station.client(world, "bob"), await station.client(world, "alice")
        push(station, world, 1, DESK)
        await station.client(world, "carol")
        bob.taken()
        world.block("alice", "bob")
        push(station, world, 2, DESK, blocked=("bob",))
        await station.idle()
        assert shown(bob, world) == ["-desk", "-phone"]
        assert shown(alice, world, "bob") == ["-phone"]
        push(station, world, 3, DESK)  # of before
        await station.idle()
        assert shown(bob, world) == []
        assert station.own(world.address("alice")).blocked == {"bob"}

    run(test())


def test_settings_that_cannot_be_read_are_read_later(station: Station, world: World) -> None:
    async def test() -> None:
        bob = await station.client(world, "bob")
        await station.client(world, "alice")
        world.block("alice", "bob")
        station.failures["settings"] = [StoreBusy(), StoreBusy()]
        push(station, world, 1, blocked=("bob",))
        await station.idle()
        assert shown(bob, world) == ["-phone"]

    run(test())


def test_who_blocks_back_is_shown_nothing_when_it_is_unblocked(station: Station, world: World) -> None:
    async def test() -> None:
        world.block("bob", "alice")
        bob = await station.client(world, "bob")
        push(station, world, 1, DESK)
        push(station, world, 2, DESK, blocked=("bob",))
        push(station, world, 3, DESK)
        assert shown(bob, world) == []

    run(test())


# Catching up.


def test_who_comes_while_everybody_is_read_has_not_gone(station: Station, world: World) -> None:
    async def test() -> None:
        bob = await station.client(world, "bob")
        push(station, world, NOW, WEBMAIL)
        station.before["read_presence"] = lambda: push(station, world, NOW + 1, DESK, WEBMAIL)
        present = read_presence(world.tables, world.domain, NOW)
        assert world.address("alice") not in [each[0] for each in present]
        bob.taken()
        await station.read_everything()
        assert shown(bob, world) == ["desk"]
        del station.before["read_presence"]
        await station.read_everything()
        assert shown(bob, world) == ["-desk", "-webmail"]

    run(test())


def test_whom_a_user_of_this_node_blocks_is_known_also_when_its_webmail_has_gone(
    station: Station, world: World
) -> None:
    async def test() -> None:
        world.block("alice", "bob")
        await station.client(world, "alice", present=False)
        push(station, world, NOW, WEBMAIL, blocked=("bob",))
        await station.read_everything()
        company = station.companies[world.domain]
        assert company.elsewhere("alice") == {}
        assert company.blocked_by("alice") == {"bob"}

    run(test())


# Changes that another node tells of.


@pytest.mark.parametrize(("namespace", "flag"), [(ROSTER, "interested"), (BLOCKING, "block_interested")])
def test_own_changes_go_to_those_who_asked(station: Station, world: World, namespace: str, flag: str) -> None:
    async def test() -> None:
        asked, other = await station.client(world, "alice", "asked"), await station.client(world, "alice", "other")
        bob = await station.client(world, "bob")
        setattr(asked.session, flag, True)
        for each in (asked, other, bob):
            each.taken()
        world.block("alice", "bob")
        address = str(world.address("alice"))
        content = element(qualified(namespace, "query"))
        push_ = write(element(f"{{{CLIENT}}}iq", content, type="set", id="p1", from_=address))
        tell(station, world, push_, "asked", "other")
        await station.idle()
        assert [len([text for text in each.taken() if "<iq" in text]) for each in (asked, other)] == [1, 0]
        assert station.own(world.address("alice")).blocked == {"bob"}
        assert shown(bob, world) == ["-asked", "-other"]

    run(test())


def test_a_request_of_another_client_is_passed_on_as_it_is(station: Station, world: World) -> None:
    async def test() -> None:
        alice = await station.client(world, "alice")
        alice.taken()
        content = element(qualified(ROSTER, "query"))
        sender = f"{world.address('bob')}/desk"
        tell(station, world, write(element(f"{{{CLIENT}}}iq", content, type="set", id="p1", from_=sender)), "phone")
        assert len(alice.taken()) == 1

    run(test())


# A resource that has moved.


def test_a_session_that_was_taken_over_ends_but_not_one_that_took_the_resource_back(
    station: Station, world: World
) -> None:
    async def test() -> None:
        alice = await station.client(world, "alice")
        tell(station, world, write(element(TAKEN, at=str(NOW - 1))), "phone")
        assert alice.error == ""
        tell(station, world, write(element(TAKEN, at=str(NOW + 1))), "phone")
        assert alice.error == "conflict"

    run(test())
