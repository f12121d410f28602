"""A new password ends what was logged in with the old one."""

from __future__ import annotations

import pytest

from bridge.elements import element, qualified
from bridge.handlers import registration
from bridge.names import IQ, REGISTER
from chat import credentials, directory
from chat.store import StoreBusy
from tests.unit.station import Station
from tests.unit.timeless import run
from tests.unit.world import NOW, World


@pytest.fixture
def station(world: World) -> Station:
    world.add("alice", "bob")
    return Station(world, NOW)


def test_a_change_ends_all_other_sessions_of_the_user_on_this_node(station: Station, world: World) -> None:
    async def test() -> None:
        phone, desk = await station.client(world, "alice"), await station.client(world, "alice", "desk", present=False)
        bob = await station.client(world, "bob")
        station.clock = NOW + 1000
        assert phone.session
        query = element(qualified(REGISTER, "query"), element(qualified(REGISTER, "password"), "another horse"))
        await registration.put(phone.session, element(IQ), query, None)
        assert [each.error for each in (phone, desk, bob)] == ["", "not-authorized", ""]
        station.refresh(world.domain)
        await station.idle()
        assert phone.error == "", "who has changed it knows it"

    run(test())


def test_a_change_elsewhere_ends_the_sessions_from_before(station: Station, world: World) -> None:
    async def test() -> None:
        before, unavailable = (
            await station.client(world, "alice"),
            await station.client(world, "alice", "desk", present=False),
        )
        bob = await station.client(world, "bob")
        directory.set_password(world.tables, world.address("alice"), credentials.derive("another", NOW + 1000, 4096))
        station.clock = NOW + 2000
        after = await station.client(world, "alice", "tablet")
        station.failures["changed_at"] = [StoreBusy()]
        station.refresh(world.domain)
        await station.idle()
        found = [each.error for each in (before, unavailable, bob, after)]
        assert found == ["not-authorized", "not-authorized", "", ""]

    run(test())
