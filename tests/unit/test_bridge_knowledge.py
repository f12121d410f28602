"""What a node knows: read again after every change and every failure, and never older than before."""

from __future__ import annotations

import asyncio

import pytest

from bridge.company import read_directory
from chat.store import StoreBusy
from tests.unit.station import Station
from tests.unit.timeless import run
from tests.unit.world import NOW, World


@pytest.fixture
def station(world: World) -> Station:
    world.add("alice", "bob")
    return Station(world, NOW)


def users(station: Station, world: World) -> set[str]:
    return set(station.companies[world.domain].directory.users)


# Domains.


def test_a_domain_that_could_not_be_read_is_read_when_it_is_asked_for_again(station: Station, world: World) -> None:
    async def test() -> None:
        station.failures["read_directory"] = [StoreBusy()]
        both = await asyncio.gather(*(station.company(world.domain) for _ in range(2)), return_exceptions=True)
        assert [type(each) for each in both] == [StoreBusy, StoreBusy]
        assert station.companies == {}
        assert set((await station.company(world.domain)).directory.users) == {"alice", "bob"}

    run(test())


def test_one_who_was_refused_does_not_undo_what_another_reads_meanwhile(station: Station, world: World) -> None:
    async def late() -> None:
        with pytest.raises(StoreBusy):
            await station.company(world.domain)

    async def early() -> None:
        with pytest.raises(StoreBusy):
            await station.company(world.domain)
        await station.company(world.domain)

    async def test() -> None:
        station.failures["read_directory"] = [StoreBusy()]
        await asyncio.gather(early(), late())
        await station.company(world.domain)
        assert station.called.count("watch") == 2

    run(test())


def test_a_replica_is_not_replaced_by_an_older_one(station: Station, world: World) -> None:
    async def test() -> None:
        await station.company(world.domain)
        old = read_directory(world.tables, world.domain)
        world.add("carol")
        station.refresh(world.domain)
        await station.idle()
        company = station.companies[world.domain]
        station._take(company, (old, [], {}))
        assert users(station, world) == {"alice", "bob", "carol"}

    run(test())


# Changes of the directory.


def test_a_change_is_read_again_until_that_succeeds(station: Station, world: World) -> None:
    async def test() -> None:
        await station.company(world.domain)
        world.add("carol")
        station.failures["read_directory"] = [StoreBusy(), OSError()]
        station.refresh(world.domain)
        await station.idle()
        assert users(station, world) == {"alice", "bob", "carol"}

    run(test())


def test_a_change_while_the_directory_is_read_leads_to_another_reading(station: Station, world: World) -> None:
    async def test() -> None:
        await station.company(world.domain)
        station.called.clear()

        def change() -> None:
            del station.before["read_directory"]
            station.refresh(world.domain)

        station.before["read_directory"] = change
        station.refresh(world.domain)
        station.refresh(world.domain)
        await station.idle()
        assert station.called.count("read_directory") == 2

    run(test())


def test_reading_ends_with_the_node(station: Station, world: World) -> None:
    async def test() -> None:
        await station.company(world.domain)
        station.failures["read_directory"] = [StoreBusy() for _ in range(1000)]
        station.refresh(world.domain)
        await asyncio.sleep(100)
        station.stopped.set()
        await station.idle()

    run(test())


# Settings.


def test_of_two_readings_at_once_the_later_holds(station: Station, world: World) -> None:
    async def test() -> None:
        await station.company(world.domain)
        alice = world.address("alice")
        await station.load_own(alice)
        first = asyncio.create_task(station.reload_own(alice))
        await asyncio.sleep(0)
        world.block("alice", "bob")
        await station.reload_own(alice)
        await first
        assert station.own(alice).blocked == {"bob"}

    run(test())


def test_settings_of_who_has_gone_are_not_kept(station: Station, world: World) -> None:
    async def test() -> None:
        await station.load_own(world.address("alice"))
        reading = asyncio.create_task(station.reload_own(world.address("alice")))
        await asyncio.sleep(0)
        station.forget_own(world.address("alice"))
        world.block("alice", "bob")
        await reading
        assert (await station.load_own(world.address("alice"))).blocked == {"bob"}
        assert station.called.count("settings") == 3

    run(test())
