"""Storing in groups: in order, never acknowledged too early, tried again, and bounded."""

from __future__ import annotations

import asyncio

import pytest

from bridge.storing import MAX_WAITING, PATIENCE, NotStored
from chat import ids
from chat.addresses import Address
from chat.group_sending import GROUP
from chat.presence import Connection
from chat.store import StoreBusy
from tests.unit.storing_office import Given, Office
from tests.unit.timeless import run
from tests.unit.world import NOW

# The order, and when a message counts as stored.


def test_messages_are_stored_and_given_in_their_order() -> None:
    async def work() -> None:
        office = Office()
        futures = [await office.send() for _ in range(250)]
        await asyncio.gather(*futures)
        await office.settled()
        assert office.node.stored == sorted(office.node.stored)
        assert office.here == office.elsewhere == office.node.stored
        assert [len(group) for group in office.node.groups] == [GROUP, GROUP, 50]

    run(work())


def test_nothing_is_acknowledged_or_given_before_the_store_said_yes() -> None:
    async def work() -> None:
        office = Office()
        office.node.open.clear()
        future = await office.send()
        await asyncio.sleep(10)
        assert (future.done(), office.here, office.node.tries) == (False, [], 1)
        office.node.open.set()
        await future
        assert office.here == office.node.stored

    run(work())


def test_what_comes_while_a_group_is_written_is_the_next_group() -> None:
    async def work() -> None:
        office = Office()
        office.node.open.clear()
        futures = [await office.send()]
        await asyncio.sleep(1)
        futures += [await office.send() for _ in range(3)]
        office.node.open.set()
        await asyncio.gather(*futures)
        assert [len(group) for group in office.node.groups] == [1, 3]

    run(work())


def test_ids_rise_whatever_the_clock_does() -> None:
    async def work() -> None:
        office = Office()
        made = [office.storing.new_id() for _ in range(300)]
        office.node.clock -= 5000
        made += [office.storing.new_id() for _ in range(300)]
        assert made == sorted(set(made))
        assert abs(ids.time_of(made[-1]) - NOW) < 1000

    run(work())


# A store that is busy.


def test_a_busy_store_is_asked_again_with_the_same_ids() -> None:
    async def work() -> None:
        office = Office()
        office.node.failures = [StoreBusy(), StoreBusy()]
        futures = [await office.send() for _ in range(3)]
        await asyncio.gather(*futures)
        assert (office.node.tries, len(office.node.stored), len(office.here)) == (3, 3, 3)

    run(work())


def test_after_patience_the_senders_are_told_and_nobody_is_given_anything() -> None:
    async def work() -> None:
        office = Office()
        office.node.failures = [StoreBusy() for _ in range(1000)]
        before = asyncio.get_running_loop().time()
        future = await office.send()
        with pytest.raises(NotStored):
            await future
        waited = asyncio.get_running_loop().time() - before
        assert PATIENCE / 2 < waited <= PATIENCE
        assert (office.here, office.node.stored) == ([], [])

    run(work())


def test_the_next_message_is_stored_after_one_that_was_not() -> None:
    async def work() -> None:
        office = Office()
        office.node.failures = [ValueError("a mistake of ours")]
        bad = await office.send()
        with pytest.raises(NotStored):
            await bad
        assert office.node.tries == 1
        await (await office.send())
        assert len(office.node.stored) == 1

    run(work())


def test_a_client_that_has_gone_does_not_stop_the_others() -> None:
    async def work() -> None:
        office = Office()
        office.node.open.clear()
        gone, other = await office.send(), await office.send()
        gone.cancel()
        office.node.open.set()
        await other
        assert len(office.node.stored) == 2

    run(work())


def test_a_delivery_that_fails_does_not_stop_the_others() -> None:
    class Failing(Given):
        def here(self) -> None:
            raise ValueError

        def elsewhere(self, _present: dict[Address, list[Connection]]) -> None:
            raise ValueError

    async def work() -> None:
        office = Office()
        bad = office.draft()
        future = await office.storing.add(bad, Failing(bad.message.id, []))
        await (await office.send())
        await future
        await office.settled()
        assert len(office.here) == len(office.elsewhere) == 1

    run(work())


# Bounds.


def test_clients_are_not_read_beyond_so_many_waiting_messages() -> None:
    async def work() -> None:
        office = Office()
        office.node.open.clear()
        for _ in range(MAX_WAITING):
            await office.send()
        while office.node.tries == 0:
            await asyncio.sleep(0.1)
        for _ in range(GROUP):  # the first group has left the queue
            await office.send()
        late = asyncio.create_task(office.send())
        await asyncio.sleep(100)
        assert not late.done()
        office.node.open.set()
        await (await late)
        assert len(office.node.stored) == MAX_WAITING + GROUP + 1

    run(work())
