"""Storing in groups: in order, never acknowledged too early, tried again, and bounded."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from bridge.node import Node
from bridge.storing import ALONE_SECONDS, MAX_WAITING, PATIENCE, NotStored, Storing
from chat import group_sending, ids
from chat.addresses import Address
from chat.group_sending import GROUP, Draft
from chat.presence import Connection, Status
from chat.store import StoreBusy
from chat.tables.history import Message, Thread
from tests.unit.world import NOW

ALICE, BOB, CAROL = (Address(local, "example.com") for local in ("alice", "bob", "carol"))


class Timeless(selectors.DefaultSelector):
    """Lets time pass at once where a loop would wait for a timer."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(0)
        if not found and timeout:
            self.now += timeout
        assert timeout is not None or found, "everything waits for ever"
        return found


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a test on a loop whose time passes at once."""
    selector = Timeless()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]
    try:
        loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()


class FakeNode:
    """Stands for the tables: keeps the groups, and is busy as often as it is told."""

    name = "here"
    tables = None

    def __init__(self) -> None:
        self.clock = NOW
        self.groups: list[list[Draft]] = []
        self.known: list[dict[Thread, str]] = []
        self.tries = 0
        self.failures: list[Exception] = []
        """What the next tries fail with."""
        self.open = asyncio.Event()
        """While it is not set, the store does not answer."""
        self.open.set()
        self.present: dict[Address, list[Connection]] = {}

    def now(self) -> int:
        return self.clock

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        await asyncio.sleep(0.005)  # as DynamoDB takes
        if function is group_sending.store:
            _, drafts, known = arguments
            self.tries += 1
            await self.open.wait()
            if self.failures:
                raise self.failures.pop(0)
            self.groups.append(list(drafts))
            self.known.append(dict(known))
            return None
        if function is group_sending.connections:
            return {address: self.present.get(address, []) for address in arguments[1]}
        return function(*arguments)

    @property
    def stored(self) -> list[str]:
        return [draft.message.id for group in self.groups for draft in group]


@dataclass
class Given:
    """A delivery that notes itself."""

    name: str
    to_here: list[str]
    to_elsewhere: list[str] = field(default_factory=list)

    def here(self) -> None:
        self.to_here.append(self.name)

    def elsewhere(self, _present: dict[Address, list[Connection]]) -> None:
        self.to_elsewhere.append(self.name)


class Office:
    """A node that stores, and what was given to whom."""

    def __init__(self) -> None:
        self.node = FakeNode()
        self.storing = Storing(cast(Node, self.node))
        self.here: list[str] = []
        self.elsewhere: list[str] = []
        self.running = asyncio.create_task(self.storing.run())

    def draft(self, sender: Address = ALICE, recipient: Address = BOB, alone: bool = False) -> Draft:
        return Draft(Message(self.storing.new_id(), sender, recipient, "hello"), None, alone)

    async def send(self, sender: Address = ALICE, recipient: Address = BOB) -> asyncio.Future[None]:
        draft = self.draft(sender, recipient, self.storing.is_alone(sender, recipient))
        return await self.storing.add(draft, Given(draft.message.id, self.here, self.elsewhere))

    async def settled(self) -> None:
        while not self.storing.is_idle:
            await asyncio.sleep(0.01)


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


# Who is on this node alone.


def on(node: str, resource: str = "phone") -> Connection:
    return Connection(f"xmpp:{node}:{resource}", Status.AVAILABLE, NOW, NOW // 1000 + 3600)


async def met(office: Office) -> None:
    """Two messages between alice and bob: the first finds out who is there, the second is known as the newest then."""
    for _ in range(2):
        await (await office.send())
        await office.settled()


def test_users_who_are_here_alone_are_known_after_the_first_message() -> None:
    async def work() -> None:
        office = Office()
        office.node.present = {ALICE: [on("here")], BOB: [on("here")]}
        await met(office)
        await (await office.send())
        assert [group[0].alone for group in office.node.groups] == [False, True, True]
        thread = Thread.between(ALICE, BOB)
        assert office.node.known == [{}, {}, {thread: office.node.stored[1]}]

    run(work())


@pytest.mark.parametrize(
    "elsewhere",
    [on("other"), Connection("web:page", Status.AVAILABLE, NOW, NOW // 1000 + 3600)],
    ids=["node", "webmail"],
)
def test_a_connection_elsewhere_makes_nobody_alone(elsewhere: Connection) -> None:
    async def work() -> None:
        office = Office()
        office.node.present = {ALICE: [on("here")], BOB: [on("here"), elsewhere]}
        await met(office)
        assert office.storing.is_alone(ALICE)
        assert not office.storing.is_alone(ALICE, BOB)

    run(work())


def test_what_was_seen_does_not_hold_for_long() -> None:
    async def work() -> None:
        office = Office()
        await met(office)
        assert office.storing.is_alone(ALICE, BOB)
        await asyncio.sleep(ALONE_SECONDS + 1)
        assert not office.storing.is_alone(ALICE, BOB)

    run(work())


def test_a_message_of_another_door_makes_the_newest_one_unknown() -> None:
    """Else one that webmail wrote meanwhile would be passed over, and a conversation start where none does."""

    async def work() -> None:
        office = Office()
        await met(office)
        for each in (ALICE, BOB):
            office.storing.elsewhere(each)
        for each in (ALICE, BOB):  # both are alone again, as messages in other threads show
            await (await office.send(each, CAROL))
        await office.settled()
        assert office.storing.is_alone(ALICE, BOB)
        await (await office.send())
        assert office.node.groups[-1][0].alone
        assert office.node.known[-1] == {}

    run(work())


def test_somebody_who_comes_elsewhere_while_the_store_is_busy_is_not_alone() -> None:
    async def work() -> None:
        office = Office()
        await met(office)
        office.node.failures = [StoreBusy()]
        future = await office.send()
        while office.node.failures:
            await asyncio.sleep(0.01)
        office.storing.elsewhere(BOB)
        await future
        assert not office.node.groups[-1][0].alone

    run(work())


def test_nothing_holds_after_pushes_were_missed() -> None:
    async def work() -> None:
        office = Office()
        await met(office)
        office.storing.forget()
        assert not office.storing.is_alone(ALICE)

    run(work())
