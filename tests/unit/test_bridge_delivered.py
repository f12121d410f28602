"""Marks of delivery: stored again and again, each for itself, until the store has taken it."""

from __future__ import annotations

import asyncio

import pytest

from bridge.delivered import FLUSH_SECONDS
from chat import ids
from chat.addresses import Address
from chat.store import StoreBusy
from tests.unit.station import Station
from tests.unit.timeless import run
from tests.unit.world import NOW, World


@pytest.fixture
def station(world: World) -> Station:
    world.add("alice", "bob")
    return Station(world, NOW)


def stored(world: World) -> list[str]:
    return [world.tables.directory.settings(world.address(local)).delivered for local in ("alice", "bob")]


def test_a_mark_that_the_store_does_not_take_holds_up_no_other_and_is_stored_later(
    station: Station, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_delivered, failures = world.tables.directory.set_delivered, [StoreBusy()]

    def busy(address: Address, message_id: str) -> bool:
        if address.local == "alice" and failures:
            raise failures.pop()
        return set_delivered(address, message_id)

    async def test() -> None:
        monkeypatch.setattr(world.tables.directory, "set_delivered", busy)
        keeping = asyncio.create_task(station.delivered.run())
        mark = ids.new(NOW)
        for local in ("alice", "bob"):
            station.delivered.note(world.address(local), mark)
        await asyncio.sleep(FLUSH_SECONDS + 1)
        assert stored(world) == ["", mark]
        await asyncio.sleep(FLUSH_SECONDS)
        assert (stored(world), keeping.done()) == ([mark, mark], False)

    run(test())


def test_a_newer_mark_is_not_replaced_by_one_that_failed(
    station: Station, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, older, newer = world.address("alice"), ids.new(NOW), ids.new(NOW + 1000)
    set_delivered, failures = world.tables.directory.set_delivered, [StoreBusy()]

    def busy(address: Address, message_id: str) -> bool:
        if failures:
            station.delivered.note(alice, newer)
            raise failures.pop()
        return set_delivered(address, message_id)

    async def test() -> None:
        monkeypatch.setattr(world.tables.directory, "set_delivered", busy)
        station.delivered.note(alice, older)
        await station.delivered.flush()
        await station.delivered.flush()
        assert stored(world) == [newer, ""]

    run(test())
