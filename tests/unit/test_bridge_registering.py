"""Sessions in the tables: told in order, told again where that failed, and renewed in time."""

from __future__ import annotations

import asyncio

import pytest

from bridge import broadcasts
from bridge.renewal import AFTER_GRACE_SECONDS
from bridge.session import Session
from chat import connecting
from chat.callers import Caller
from chat.presence import MAX_CONNECTIONS
from chat.store import StoreBusy
from tests.unit.station import Station
from tests.unit.timeless import run
from tests.unit.world import NOW, World


@pytest.fixture
def station(world: World) -> Station:
    world.add("alice", "bob")
    return Station(world, NOW)


def resources(world: World, local: str = "alice") -> list[str]:
    return [each.resource for each in world.connections(local).values()]


def session_of(client: object) -> Session:
    found = getattr(client, "session", None)
    assert isinstance(found, Session)
    return found


# Coming.


def test_a_new_session_that_is_not_taken_is_not_registered(station: Station, world: World) -> None:
    async def test() -> None:
        session = session_of(await station.client(world, "alice", present=False))
        session.available = True
        station.failures["_open"] = [StoreBusy()]
        with pytest.raises(StoreBusy):
            await broadcasts.register(session)
        assert not session.registered
        await broadcasts.register(session)
        assert (session.registered, resources(world)) == (True, ["phone"])
        await station.idle()
        assert resources(world) == ["phone"]

    run(test())


def test_what_was_written_though_the_answer_was_lost_does_not_stay(station: Station, world: World) -> None:
    written = list[Caller]()

    async def test() -> None:
        session = session_of(await station.client(world, "alice", present=False))
        session.available = True
        station.failures["_open"] = [TimeoutError()]
        station.before["_open"] = lambda: written.append(world.xmpp("alice", "here"))
        with pytest.raises(TimeoutError):
            await broadcasts.register(session)
        session.available = False
        await station.idle()
        assert resources(world) == []

    run(test())


def test_a_change_that_is_not_taken_leaves_the_session_registered(station: Station, world: World) -> None:
    async def test() -> None:
        session = session_of(await station.client(world, "alice"))
        station.failures["_open"] = [StoreBusy()]
        with pytest.raises(StoreBusy):
            await broadcasts.register(session)
        await station.idle()
        assert (session.registered, resources(world)) == (True, ["phone"])

    run(test())


# Leaving.


def test_leaving_is_tried_until_it_is_done(station: Station, world: World) -> None:
    async def test() -> None:
        session = session_of(await station.client(world, "alice"))
        station.failures["close_xmpp"] = [StoreBusy(), OSError(), StoreBusy()]
        session.end()
        await asyncio.sleep(1)
        assert (session.registered, resources(world)) == (True, ["phone"])
        await station.idle()
        assert (session.registered, resources(world)) == (False, [])

    run(test())


def test_leaving_is_given_up_where_the_resource_is_in_use_again(station: Station, world: World) -> None:
    async def test() -> None:
        former = session_of(await station.client(world, "alice"))
        station.failures["close_xmpp"] = [StoreBusy()]
        former.end()
        await asyncio.sleep(0.1)
        await station.client(world, "alice")
        await station.idle()
        assert (station.called.count("close_xmpp"), resources(world)) == (1, ["phone"])

    run(test())


def test_who_leaves_and_comes_back_at_once_is_there(station: Station, world: World) -> None:
    async def test() -> None:
        session = session_of(await station.client(world, "alice"))
        station.failures["close_xmpp"] = [StoreBusy()]
        await broadcasts.leave(session)
        session.available = True
        await broadcasts.register(session)
        await station.idle()
        assert (session.registered, resources(world)) == (True, ["phone"])

    run(test())


def test_leaving_ends_with_the_node(station: Station, world: World) -> None:
    async def test() -> None:
        session = session_of(await station.client(world, "alice"))
        station.failures["close_xmpp"] = [StoreBusy() for _ in range(1000)]
        session.end()
        await asyncio.sleep(100)
        station.stopped.set()
        await station.idle()

    run(test())


# Renewing.


def test_what_fails_for_one_is_renewed_for_the_others(station: Station, world: World) -> None:
    async def test() -> None:
        for resource in ("desk", "phone", "tablet"):
            await station.client(world, "alice", resource)
        world.tables.connections.unwatch_all("here", [world.domain])
        connecting.close_xmpp(world.tables, "here", world.address("alice"), ["desk", "phone", "tablet"], NOW)
        station.failures["_open"] = [StoreBusy()]
        await station.renewal.renew()
        assert len(resources(world)) == 2
        assert world.tables.connections.domains_watched("here") == [world.domain]
        station.failures["watch"] = [StoreBusy()]
        await station.renewal.renew()
        assert len(resources(world)) == 3

    run(test())


def test_renewal_goes_on_after_a_failure(station: Station, world: World) -> None:
    async def test() -> None:
        await station.client(world, "alice")
        keeping = asyncio.create_task(station.renewal.keep())
        station.failures["_open"] = [OSError()]
        station.called.clear()
        await asyncio.sleep(2.5 * 3600)
        assert not keeping.done()
        assert station.called.count("_open") == 2

    run(test())


def test_what_a_grace_period_removed_is_there_again_soon_after_the_link_is(station: Station, world: World) -> None:
    class Link:
        complete_until = 0.0

    async def test() -> None:
        await station.client(world, "alice")
        station.link = Link()  # type: ignore[assignment]
        await station.linked(missed=True)
        connecting.remove_node(world.tables, "here", NOW)
        assert resources(world) == []
        await asyncio.sleep(AFTER_GRACE_SECONDS + 1)
        assert resources(world) == ["phone"]
        assert world.tables.connections.domains_watched("here") == [world.domain]

    run(test())


def test_a_session_for_which_there_is_no_place_any_more_ends(station: Station, world: World) -> None:
    async def test() -> None:
        client = await station.client(world, "alice")
        connecting.close_xmpp(world.tables, "here", world.address("alice"), ["phone"], NOW)
        for number in range(MAX_CONNECTIONS):
            world.xmpp("alice", "other", f"client-{number}")
        await station.renewal.renew()
        assert client.error == "resource-constraint"

    run(test())
