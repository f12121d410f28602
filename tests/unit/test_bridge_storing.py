"""Storing in groups: in order, never acknowledged too early, tried again, and bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bridge.storing import MAX_WAITING, PATIENCE, NotStored
from bridge.telling import MAX_UNTOLD, Present
from chat import ids
from chat.group_sending import GROUP, Draft
from chat.presence import Connection, Status
from chat.push import Target
from chat.store import StoreBusy
from chat.tables.history import NotAllStored
from tests.unit.storing_office import ALICE, BOB, CAROL, Given, Office
from tests.unit.timeless import run
from tests.unit.world import NOW


def page(name: str) -> Connection:
    return Connection(f"web:{name}", Status.AVAILABLE, NOW, NOW // 1000 + 3600)


# The order, and when a message counts as stored.


def test_messages_are_stored_and_given_in_their_order() -> None:
    async def work() -> None:
        office = Office()
        office.node.present = {BOB: [page("one"), page("two")]}
        futures = [await office.send() for _ in range(250)]
        await asyncio.gather(*futures)
        await office.settled()
        assert office.node.stored == sorted(office.node.stored)
        assert office.here == office.node.stored
        assert office.node.pushed == {"web:one": office.node.stored, "web:two": office.node.stored}
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
        assert PATIENCE <= waited < PATIENCE + 3
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

        def elsewhere(self, _present: Present) -> tuple[Any, set[Target]] | None:
            raise ValueError

    async def work() -> None:
        office = Office()
        office.node.present = {BOB: [page("one")]}
        bad = office.draft()
        future = office.storing.add(bad, Failing(bad, []))
        await (await office.send())
        await future
        await office.settled()
        assert len(office.here) == len(office.node.pushed["web:one"]) == 1

    run(work())


# A store that takes a part.


def refusing(*numbers: int, unnoted: bool = False) -> Callable[[list[Draft]], NotAllStored]:
    """The store takes all drafts of a group but these."""

    def refuse(drafts: list[Draft]) -> NotAllStored:
        refused = {drafts[number].message.id for number in numbers}
        return NotAllStored([], refused) if unnoted else NotAllStored(refused, [])

    return refuse


def test_who_was_stored_is_not_told_to_send_again() -> None:
    async def work() -> None:
        office = Office()
        office.node.failures = [refusing(1), *[StoreBusy() for _ in range(1000)]]
        futures = [await office.send(sender, CAROL) for sender in (ALICE, BOB, CAROL)]
        done = await asyncio.gather(*futures, return_exceptions=True)
        assert [type(each) for each in done] == [type(None), NotStored, type(None)]
        assert len(office.here) == 2

    run(work())


def test_other_threads_go_on_while_one_is_not_taken() -> None:
    async def work() -> None:
        office = Office()
        office.node.failures = [refusing(0), None, StoreBusy(), None]
        stuck = [await office.send(ALICE, BOB)]
        while office.node.tries < 1:
            await asyncio.sleep(0.001)
        other = await office.send(ALICE, CAROL)
        stuck += [await office.send(ALICE, BOB) for _ in range(2)]
        await other
        assert not any(each.done() for each in stuck)
        await asyncio.gather(*stuck)
        assert [each.message.recipient for each in office.node.groups[0]] == [CAROL]
        assert office.here[1:] == sorted(office.here[1:])

    run(work())


def test_what_follows_a_message_that_was_not_taken_waits_for_it() -> None:
    async def work() -> None:
        office = Office()
        office.node.failures = [refusing(0), None]
        futures = [await office.send(), await office.send()]
        await asyncio.gather(*futures)
        assert office.here == sorted(office.here)
        assert len(office.here) == 2

    run(work())


def test_a_stored_message_is_acknowledged_once_and_its_inbox_row_written_later() -> None:
    async def work() -> None:
        office = Office()
        office.node.failures = [refusing(0, unnoted=True), *[StoreBusy() for _ in range(40)]]
        await (await office.send())
        assert len(office.here) == 1
        await office.settled()
        assert (len(office.here), len(office.node.stored), office.node.failures) == (1, 1, [])

    run(work())


def test_what_was_stored_over_another_session_meanwhile_is_not_stored_twice() -> None:
    async def work() -> None:
        office = Office()
        office.node.failures = [StoreBusy()]
        draft, other = office.draft(), office.draft(ALICE, CAROL)
        futures = [office.storing.add(draft, Given(draft, office.here, again=True))]
        futures.append(office.storing.add(other, Given(other, office.here)))
        await asyncio.gather(*futures)
        assert office.node.stored == [other.message.id]
        await office.settled()

    run(work())


def test_a_message_on_its_way_is_found_by_its_mark() -> None:
    async def work() -> None:
        office = Office()
        office.node.open.clear()
        futures: list[asyncio.Future[None]] = []
        drafts = [
            replace(draft, message=replace(draft.message, extensions=(f"<{number}/>",)))
            for number, draft in enumerate((office.draft(), office.draft()))
        ]
        futures.append(office.storing.add(drafts[0], Given(drafts[0], office.here)))
        await asyncio.sleep(1)  # it is being written
        futures.append(office.storing.add(drafts[1], Given(drafts[1], office.here)))
        for number, future in enumerate(futures):
            assert office.storing.pending(ALICE, drafts[0].thread, f"<{number}/>") is future
            assert office.storing.pending(BOB, drafts[0].thread, f"<{number}/>") is None
        office.node.open.set()
        await asyncio.gather(*futures)
        assert office.storing.pending(ALICE, drafts[0].thread, "<0/>") is None

    run(work())


# Telling webmail and other nodes.


def test_it_is_read_again_who_is_there() -> None:
    async def work() -> None:
        office = Office()
        office.node.present = {BOB: [page("one")]}
        office.node.unreadable = 20
        await (await office.send())
        await office.settled()
        assert office.node.pushed == {"web:one": office.node.stored}

    run(work())


def test_a_push_that_could_not_be_made_is_made_later_and_in_order() -> None:
    async def work() -> None:
        office = Office()
        office.node.present = {BOB: [page("one")]}
        office.node.unpushable = 3
        await asyncio.gather(*[await office.send() for _ in range(3)])
        await office.settled()
        assert office.node.pushed == {"web:one": office.node.stored}

    run(work())


def test_storing_waits_where_telling_does_not_keep_up() -> None:
    async def work() -> None:
        office = Office()
        office.node.unreadable = 1_000_000
        futures = []
        for _ in range(2 * MAX_UNTOLD):
            futures.append(await office.send())
            await asyncio.sleep(0.01)
        assert sum(each.done() for each in futures) == MAX_UNTOLD
        office.node.unreadable = 0
        await asyncio.gather(*futures)

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
