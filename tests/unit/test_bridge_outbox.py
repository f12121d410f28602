"""What a session is sent: how much at once, and from where offline delivery begins."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from bridge.acks import WINDOW, WINDOW_BYTES, Acks
from bridge.delivered import Delivered
from bridge.errors import StanzaError
from bridge.outbox import MAX_HELD, Outbox
from bridge.session import Session
from bridge.stream import Stream
from bridge.turns import MAX_TURNS, Turns
from bridge.wire import Lost
from chat.addresses import Address
from tests.unit.timeless import run

ALICE = Address("alice", "example.com")


class FakeStream:
    """Takes what it is sent, as long as it is told to."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.takes = True
        self.has_room = True
        self.emptied = asyncio.Event()
        self.is_lost = False

    def write(self, text: str) -> bool:
        if self.takes:
            self.sent.append(text)
        return self.takes

    async def drained(self) -> None:
        await self.emptied.wait()
        if self.is_lost:
            raise Lost


class FakeMarks:
    """Notes how far the user has been given messages."""

    def __init__(self) -> None:
        self.mark = ""

    def note(self, _address: Address, archived: str) -> None:
        self.mark = max(self.mark, archived)


class Client:
    """An outbox, and what is around it."""

    bare = "alice@example.com"

    def __init__(self, *, acks: bool = False) -> None:
        self.stream, self.marks = FakeStream(), FakeMarks()
        self.outbox = Outbox(cast(Stream, self.stream), ALICE, cast(Delivered, self.marks))
        self.outbox.acks = Acks() if acks else None
        self.node = self
        self.turns = Turns(cast(Session, self))
        self.spawn = asyncio.create_task

    def attach(self, stream: FakeStream | None) -> None:
        self.outbox.attach(cast(Stream, stream) if stream else None)


async def is_waiting(task: asyncio.Task[bool]) -> bool:
    await asyncio.sleep(1)
    return not task.done()


# Room for more.


def test_there_is_room_while_the_client_takes_what_it_is_sent() -> None:
    async def work() -> None:
        client = Client()
        assert await client.outbox.room()
        client.stream.has_room = False
        asked = asyncio.create_task(client.outbox.room())
        assert await is_waiting(asked)
        client.stream.has_room = True
        client.stream.emptied.set()
        assert await asked

    run(work())


@pytest.mark.parametrize("text", ["short", "x" * (WINDOW_BYTES // 10)])
def test_there_is_room_again_once_the_client_has_acknowledged(text: str) -> None:
    async def work() -> None:
        client = Client(acks=True)
        while client.outbox.acks and client.outbox.acks.has_room:
            client.outbox.deliver(text)
        asked = asyncio.create_task(client.outbox.room())
        assert await is_waiting(asked)
        assert client.stream.sent[-1].startswith("<r ")
        client.outbox.acknowledged("5")
        assert await asked
        assert len(client.stream.sent) <= WINDOW * 1.1

    run(work())


def test_a_client_that_is_away_has_no_room_until_it_comes_back() -> None:
    async def work() -> None:
        client = Client(acks=True)
        client.attach(None)
        asked = asyncio.create_task(client.outbox.room())
        assert await is_waiting(asked)
        client.attach(FakeStream())
        assert await asked

    run(work())


def test_a_lost_stream_is_waited_for_until_the_session_goes_on_over_another_one() -> None:
    async def work() -> None:
        client = Client(acks=True)
        client.stream.has_room, client.stream.is_lost = False, True
        client.stream.emptied.set()
        asked = asyncio.create_task(client.outbox.room())
        assert await is_waiting(asked)
        client.attach(None)
        assert await is_waiting(asked)
        client.attach(FakeStream())
        assert await asked

    run(work())


def test_there_is_no_room_in_a_session_that_is_over() -> None:
    async def work() -> None:
        client = Client(acks=True)
        client.attach(None)
        asked = asyncio.create_task(client.outbox.room())
        assert await is_waiting(asked)
        client.outbox.end()
        assert not await asked

    run(work())


def test_a_stream_that_takes_nothing_is_not_waited_for_once_there_is_another() -> None:
    async def work() -> None:
        client = Client(acks=True)
        client.stream.has_room = False
        asked = asyncio.create_task(client.outbox.room())
        assert await is_waiting(asked)
        client.attach(FakeStream())
        assert await asked

    run(work())


def test_what_waits_for_an_inactive_client_is_never_overtaken_by_what_is_newer() -> None:
    async def work() -> None:
        client = Client()
        client.outbox.sleeps(True)
        for number in range(MAX_HELD):
            client.outbox.deliver(f"gone {number}", held_as=f"presence {number}")
        client.outbox.deliver("back 5", held_as="presence 5")
        client.outbox.sleeps(False)
        assert "gone 5" not in client.stream.sent
        assert client.stream.sent[-1] == "back 5"

    run(work())


# Marks of delivery.


def test_a_mark_moves_when_the_client_acknowledges() -> None:
    async def work() -> None:
        client = Client(acks=True)
        client.outbox.gets_all = True
        client.outbox.deliver("<message/>", "1")
        assert client.marks.mark == ""
        client.outbox.acknowledged("1")
        assert client.marks.mark == "1"

    run(work())


def test_without_acknowledgements_it_moves_with_what_could_be_sent() -> None:
    async def work() -> None:
        client = Client()
        client.outbox.gets_all = True
        client.outbox.deliver("<message/>", "1")
        client.stream.takes = False
        client.outbox.deliver("<message/>", "2")
        assert client.marks.mark == "1"

    run(work())


def test_it_moves_past_earlier_messages_only_once_those_have_been_given() -> None:
    async def work() -> None:
        client = Client()
        client.outbox.deliver("<message/>", "9")  # it came while earlier ones were read
        assert client.marks.mark == ""
        client.outbox.gets_all = True
        assert client.marks.mark == "9"

    run(work())


# Work that takes turns.


def test_works_are_done_one_after_another_and_go_on_beside_the_reading_once_they_wait() -> None:
    async def work() -> None:
        client = Client(acks=True)
        done: list[str] = []

        async def send(name: str) -> None:
            for _ in range(WINDOW):
                if await client.outbox.room():
                    client.outbox.deliver(name)
            done.append(name)

        await client.turns.take(send("a"))
        assert done == ["a"]
        await client.turns.take(send("b"))
        await client.turns.take(send("c"))
        assert done == ["a"]
        for _ in range(2):
            client.outbox.acknowledged(str(client.outbox.acks.sent if client.outbox.acks else 0))
            await asyncio.sleep(1)
        assert done == ["a", "b", "c"]

    run(work())


def test_a_work_that_fails_does_not_stop_the_next() -> None:
    async def work() -> None:
        client = Client()
        done: list[str] = []

        async def fail() -> None:
            raise ValueError

        async def succeed() -> None:
            done.append("it")

        await client.turns.take(fail())
        await client.turns.take(succeed())
        assert done == ["it"]

    run(work())


def test_too_many_works_are_refused() -> None:
    async def work() -> None:
        client = Client()
        client.attach(None)

        async def send() -> None:
            await client.outbox.room()

        for _ in range(MAX_TURNS + 1):
            await client.turns.take(send())
        with pytest.raises(StanzaError, match="20 requests are waiting"):
            await client.turns.take(send())
        client.outbox.end()
        await asyncio.sleep(1)

    run(work())
