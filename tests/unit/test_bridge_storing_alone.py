"""Who is on a node alone, so that nobody else writes to the thread meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from bridge.alone import SECONDS
from chat.presence import Connection, Status
from chat.store import StoreBusy
from chat.tables.history import Thread
from tests.unit.storing_office import ALICE, BOB, CAROL, Office
from tests.unit.timeless import run
from tests.unit.world import NOW


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
        assert office.storing.alone.are(ALICE)
        assert not office.storing.alone.are(ALICE, BOB)

    run(work())


def test_what_was_seen_does_not_hold_for_long() -> None:
    async def work() -> None:
        office = Office()
        await met(office)
        assert office.storing.alone.are(ALICE, BOB)
        await asyncio.sleep(SECONDS + 1)
        assert not office.storing.alone.are(ALICE, BOB)

    run(work())


def test_a_message_of_another_door_makes_the_newest_one_unknown() -> None:
    """Else one that webmail wrote meanwhile would be passed over, and a conversation start where none does."""

    async def work() -> None:
        office = Office()
        await met(office)
        for each in (ALICE, BOB):
            office.storing.alone.elsewhere(each)
        for each in (ALICE, BOB):  # both are alone again, as messages in other threads show
            await (await office.send(each, CAROL))
        await office.settled()
        assert office.storing.alone.are(ALICE, BOB)
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
        office.storing.alone.elsewhere(BOB)
        await future
        assert not office.node.groups[-1][0].alone

    run(work())


def test_nothing_holds_after_pushes_were_missed() -> None:
    async def work() -> None:
        office = Office()
        await met(office)
        office.storing.alone.forget()
        assert not office.storing.alone.are(ALICE)

    run(work())


def test_nobody_is_known_to_be_alone_while_the_link_is_down() -> None:
    """Else somebody might write from elsewhere who was not heard to have come."""

    async def work() -> None:
        office = Office()
        await met(office)
        office.node.link.up.clear()
        assert not office.storing.alone.are(ALICE, BOB)
        await (await office.send())
        assert not office.node.groups[-1][0].alone

    run(work())
