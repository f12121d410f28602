"""The link against a WebSocket server: renewed before its end, back after a drop, and every frame taken once."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from chat.aws import metrics
from bridge import link as link_module
from bridge.link import Link
from chat.frames.events import DirectoryEvent, NodeFrame

PATIENCE = 10
LONG = 60.0


class Api:
    """The API's side: keeps connections, and pushes to them."""

    def __init__(self) -> None:
        self.connections: list[ServerConnection] = []
        self.tickets: list[str] = []
        self.received: list[dict[str, Any]] = []
        self.refusing = 0
        """How many of the next connections are refused."""

    async def serve(self, connection: ServerConnection) -> None:
        assert connection.request
        self.tickets += parse_qs(urlsplit(connection.request.path).query)["ticket"]
        self.connections.append(connection)
        async for text in connection:
            self.received.append(json.loads(text))

    def check(self, connection: ServerConnection, _request: Request) -> Response | None:
        if not self.refusing:
            return None
        self.refusing -= 1
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "")

    async def push(self, number: int, domain: str) -> None:
        frame = NodeFrame(event=DirectoryEvent(domain=domain), sessions=[])
        await self.connections[number].send(frame.model_dump_json())


class Holder:
    """A link, what it took, and how it was opened."""

    def __init__(self, port: int, lifetime: float) -> None:
        self.taken: list[str] = []
        self.opened: list[bool] = []
        self.reading = asyncio.Event()
        """While it is not set, what was missed is being read."""
        self.reading.set()
        self.failures: list[Exception] = []
        self.tickets = 0
        self.link = Link(f"ws://127.0.0.1:{port}/chat", self.ticket, self.take, self.note, lifetime)

    async def ticket(self) -> str:
        self.tickets += 1
        return f"ticket {self.tickets}"

    def take(self, frame: NodeFrame) -> None:
        assert isinstance(frame.event, DirectoryEvent)
        if frame.event.domain == "broken.example":
            raise ValueError("a frame of a kind that cannot be taken")
        self.taken.append(frame.event.domain)

    async def note(self, missed: bool) -> None:
        self.opened.append(missed)
        await self.reading.wait()
        if self.failures:
            raise self.failures.pop()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await asyncio.sleep(0.002)


def run(test: Callable[[Api, Holder], Awaitable[None]], lifetime: float = LONG) -> None:
    """Run a test with an API and a link to it that is up."""

    async def work() -> None:
        api = Api()
        async with serve(api.serve, "127.0.0.1", 0, process_request=api.check) as server:
            holder = Holder(next(iter(server.sockets)).getsockname()[1], lifetime)
            running = asyncio.create_task(holder.link.run())
            async with asyncio.timeout(PATIENCE):
                await holder.link.up.wait()
            try:
                await test(api, holder)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())


def reconnects(capsys: pytest.CaptureFixture[str]) -> int:
    """How many links were opened again, as the metrics say."""
    metrics.write()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return sum(sum(line.get("LinkReconnects", ())) for line in lines)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(link_module, "DRAIN", 0.2)


def test_what_is_pushed_is_taken_in_order() -> None:
    async def test(api: Api, holder: Holder) -> None:
        names = [f"d{number}.example" for number in range(20)]
        for name in names:
            await api.push(0, name)
        await holder.until(lambda: len(holder.taken) == 20)
        assert (holder.taken, holder.opened) == (names, [True])

    run(test)


def test_it_is_renewed_before_it_ends_and_nothing_counts_as_missed() -> None:
    async def test(api: Api, holder: Holder) -> None:
        await holder.until(lambda: len(api.connections) >= 3)
        assert api.tickets[:3] == ["ticket 1", "ticket 2", "ticket 3"]
        await holder.until(lambda: len(holder.opened) >= 3)
        assert holder.opened[:3] == [True, False, False]
        assert holder.link.up.is_set()

    run(test, lifetime=0.05)


def test_a_frame_on_either_connection_is_taken_once() -> None:
    async def test(api: Api, holder: Holder) -> None:
        await holder.until(lambda: len(holder.opened) == 2)
        await api.push(0, "old.example")
        await api.push(1, "new.example")
        await holder.until(lambda: len(holder.taken) == 2)
        await api.connections[0].wait_closed()
        assert sorted(holder.taken) == ["new.example", "old.example"]

    run(test, lifetime=0.1)


def test_one_that_was_replaced_is_closed_after_a_while() -> None:
    async def test(api: Api, holder: Holder) -> None:
        async with asyncio.timeout(PATIENCE):
            await api.connections[0].wait_closed()
        assert len(holder.opened) >= 2
        assert holder.link.up.is_set()

    run(test, lifetime=0.05)


def test_it_comes_back_after_a_drop_and_says_that_pushes_may_be_missing() -> None:
    async def test(api: Api, holder: Holder) -> None:
        await api.push(0, "before.example")
        await holder.until(lambda: holder.taken)
        heard = holder.link.heard
        api.connections[0].transport.abort()
        await holder.until(lambda: len(holder.opened) == 2)
        assert holder.opened == [True, True]
        assert holder.link.complete_until == heard
        await api.push(1, "after.example")
        await holder.until(lambda: len(holder.taken) == 2)

    run(test)


def test_a_lost_link_counts_once_however_often_it_is_tried(capsys: pytest.CaptureFixture[str]) -> None:
    reconnects(capsys)

    async def test(api: Api, holder: Holder) -> None:
        api.refusing = 3
        await api.connections[0].close()
        await holder.until(lambda: len(api.connections) == 2)

    run(test)
    assert reconnects(capsys) == 1


def test_neither_the_first_link_nor_one_that_is_renewed_in_time_counts(capsys: pytest.CaptureFixture[str]) -> None:
    reconnects(capsys)

    async def test(api: Api, holder: Holder) -> None:
        await holder.until(lambda: len(api.connections) >= 3)

    run(test, lifetime=0.05)
    assert reconnects(capsys) == 0


def test_it_is_not_up_while_it_is_down() -> None:
    async def test(api: Api, holder: Holder) -> None:
        api.refusing = 1_000_000
        await api.connections[0].close()
        await holder.until(lambda: not holder.link.up.is_set())
        api.refusing = 0
        await holder.until(holder.link.up.is_set)

    run(test)


def test_one_that_ends_before_the_next_is_there_says_that_pushes_may_be_missing() -> None:
    async def test(api: Api, holder: Holder) -> None:
        waiting = asyncio.Event()
        ticket = holder.ticket

        async def slow() -> str:
            await waiting.wait()
            return await ticket()

        holder.link._ticket = slow
        await holder.until(lambda: holder.opened == [True])
        await asyncio.sleep(0.15)  # its lifetime: the next one is being opened
        await api.connections[0].close()
        waiting.set()
        await holder.until(lambda: len(holder.opened) >= 2)
        assert holder.opened[:2] == [True, True]

    run(test, lifetime=0.1)


def test_a_failure_of_what_is_done_on_opening_does_not_end_the_connection() -> None:
    async def test(api: Api, holder: Holder) -> None:
        holder.failures = [ValueError("the store is busy")]
        api.connections[0].transport.abort()
        await holder.until(lambda: len(holder.opened) == 2)
        await api.push(1, "after.example")
        await holder.until(lambda: holder.taken)
        assert (len(api.connections), holder.opened) == (2, [True, True])

    run(test)


def test_one_that_is_lost_while_what_was_missed_is_read_leaves_it_missing() -> None:
    async def test(api: Api, holder: Holder) -> None:
        await api.push(0, "before.example")
        await holder.until(lambda: holder.taken)
        complete = holder.link.heard
        holder.reading.clear()
        api.connections[0].transport.abort()
        await holder.until(lambda: len(holder.opened) == 2)
        await api.push(1, "meanwhile.example")
        await holder.until(lambda: len(holder.taken) == 2)
        api.connections[1].transport.abort()
        await holder.until(lambda: len(holder.opened) == 3)
        assert holder.link.complete_until == complete
        holder.reading.set()
        await api.push(2, "after.example")
        await holder.until(lambda: len(holder.taken) == 3)

    run(test)


def test_a_frame_that_cannot_be_read_or_taken_ends_nothing() -> None:
    async def test(api: Api, holder: Holder) -> None:
        for text in ("{", "[]", "1", '{"event": {"event": "unknown"}}', '{"request_id": "link", "ok": true}'):
            await api.connections[0].send(text)
        await api.connections[0].send(b"\xff")
        await api.push(0, "broken.example")
        await api.push(0, "right.example")
        await holder.until(lambda: holder.taken)
        assert (holder.taken, len(holder.opened)) == (["right.example"], 1)

    run(test)


def test_a_quiet_link_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "PING_SECONDS", 0.01)

    async def test(api: Api, holder: Holder) -> None:
        await holder.until(lambda: api.received)
        assert api.received[0] == {"action": "ping", "request_id": "link"}

    run(test)


def test_a_link_that_does_not_answer_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "PING_SECONDS", 0.01)

    async def test(api: Api, holder: Holder) -> None:
        monkeypatch.setattr(link_module, "PATIENCE", 0.05)
        await holder.until(lambda: len(holder.opened) >= 2)
        assert holder.opened[1] is True

    run(test)


def test_pauses_grow_while_the_api_is_away_and_are_short_again_after_it_was_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link_module, "_LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(random, "uniform", lambda *_: 1.0)
    sleep, paused = asyncio.sleep, list[float]()

    async def noted(seconds: float) -> None:
        if 0.01 <= seconds < 1:
            paused.append(seconds)
        await sleep(seconds)

    async def test(api: Api, holder: Holder) -> None:
        await sleep(0.06)  # longer up than the longest pause
        monkeypatch.setattr(asyncio, "sleep", noted)
        api.refusing = 4
        await api.connections[0].close()
        await holder.until(lambda: len(api.connections) == 2)
        assert paused == [0.01, 0.02, 0.04, 0.05, 0.05]
        await sleep(0.06)
        await api.connections[1].close()
        await holder.until(lambda: len(api.connections) == 3)
        assert paused[5:] == [0.01]

    run(test)
