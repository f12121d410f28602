"""A client's socket: what is sent together, in which order, and waiting for a client that takes it slowly."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bridge import wire as module
from bridge.wire import HIGH_WATER, PIECE, TLS_BUFFER, Lost, TcpWire
from localcloud import certificates

MUCH = 4 * 1024 * 1024
"""Bytes that no socket takes at once."""


class Writes(asyncio.Transport):
    """A transport that notes what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.done.append(bytes(data).decode())

    def close(self) -> None:
        self.done.append("close")
        self._closing = True

    def abort(self) -> None:
        self.done.append("abort")
        self._closing = True

    def is_closing(self) -> bool:
        return self._closing

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass


def on_writes(work: Callable[[TcpWire], Awaitable[None]]) -> list[str]:
    """What a transport is given of a wire by ``work``."""

    async def run() -> list[str]:
        transport, wire = Writes(), TcpWire("192.0.2.1")
        wire.connection_made(transport)
        await work(wire)
        return transport.done

    return asyncio.run(run())


@contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two sockets that are connected, none of which blocks."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for each in (ours, theirs):
            each.setblocking(False)
        yield ours, theirs


def on_socket(work: Callable[[TcpWire, socket.socket], Awaitable[None]]) -> None:
    """Run ``work`` with a wire and the socket at its other end."""

    async def run() -> None:
        with pair() as (ours, theirs):
            _, wire = await asyncio.get_running_loop().connect_accepted_socket(lambda: TcpWire("192.0.2.1"), ours)
            try:
                async with asyncio.timeout(30):
                    await work(wire, theirs)
            finally:
                wire.abort()

    asyncio.run(run())


async def take(theirs: socket.socket, count: int) -> bytes:
    """``count`` bytes of what is sent."""
    taken = bytearray()
    while len(taken) < count:
        data = await asyncio.get_running_loop().sock_recv(theirs, min(65536, count - len(taken)))
        assert data, "the connection has ended"
        taken += data
    return bytes(taken)


async def turns(count: int = 5) -> None:
    """Let everything go on that can."""
    for _ in range(count):
        await asyncio.sleep(0)


def test_what_is_sent_in_one_turn_goes_together_and_in_order() -> None:
    async def work(wire: TcpWire) -> None:
        for text in ("<a/>", "<b/>", "<ü/>"):
            wire.send(text)
        await turns()
        wire.send("<d/>")
        await turns()

    assert on_writes(work) == ["<a/><b/><ü/>", "<d/>"]


def test_what_waits_counts_as_unsent_in_bytes() -> None:
    async def work(wire: TcpWire) -> None:
        wire.send("<ü/>")
        assert wire.unsent == 5
        await turns()
        assert wire.unsent == 0

    on_writes(work)


def test_a_text_that_cannot_be_encoded_fails_where_it_is_sent_and_alone() -> None:
    async def work(wire: TcpWire) -> None:
        wire.send("<a/>")
        with pytest.raises(UnicodeEncodeError):
            wire.send("\ud800")
        wire.send("<b/>")
        await turns()

    assert on_writes(work) == ["<a/><b/>"]


@pytest.mark.parametrize("end", ["close", "abort"])
def test_what_was_sent_goes_before_the_end_and_nothing_after_it(end: str) -> None:
    async def work(wire: TcpWire) -> None:
        wire.send("</stream:stream>")
        getattr(wire, end)()
        wire.send("<late/>")
        await turns()

    assert on_writes(work) == ["</stream:stream>", end]


def test_a_lot_is_not_gathered() -> None:
    async def work(wire: TcpWire) -> None:
        wire.send("a" * HIGH_WATER)
        wire.send("b")
        wire.send("c")
        assert wire.unsent == 1
        await turns()

    assert on_writes(work)[-2:] == ["b", "c"]


def test_a_lot_goes_in_pieces() -> None:
    async def work(wire: TcpWire) -> None:
        wire.send("a" * PIECE + "b" * PIECE + "c")
        await turns()

    assert on_writes(work) == ["a" * PIECE, "b" * PIECE, "c"]


def test_a_client_that_takes_what_comes_is_not_waited_for() -> None:
    async def work(wire: TcpWire, theirs: socket.socket) -> None:
        wire.send("<a/>")
        await wire.drained()
        assert await take(theirs, 4) == b"<a/>"

    on_socket(work)


def test_all_who_wait_go_on_once_the_client_has_taken_most() -> None:
    async def work(wire: TcpWire, theirs: socket.socket) -> None:
        wire.send("a" * MUCH)
        waiting = [asyncio.create_task(wire.drained()) for _ in range(3)]
        await turns()
        assert not any(each.done() for each in waiting)
        await take(theirs, MUCH)
        await asyncio.gather(*waiting)
        assert wire.unsent < HIGH_WATER

    on_socket(work)


def test_who_no_longer_waits_does_not_keep_the_others_waiting() -> None:
    async def work(wire: TcpWire, theirs: socket.socket) -> None:
        wire.send("a" * MUCH)
        gone, waiting = asyncio.create_task(wire.drained()), asyncio.create_task(wire.drained())
        await turns()
        gone.cancel()
        await take(theirs, MUCH)
        await waiting
        assert gone.cancelled()

    on_socket(work)


@pytest.mark.parametrize("who", ["client", "server"])
def test_waiting_ends_with_the_connection(who: str) -> None:
    async def work(wire: TcpWire, theirs: socket.socket) -> None:
        wire.send("a" * MUCH)
        waiting = [asyncio.create_task(wire.drained()) for _ in range(2)]
        await turns()
        if who == "client":
            theirs.close()
        else:
            wire.abort()
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(each) for each in results] == [Lost, Lost]
        with pytest.raises(Lost):
            await wire.drained()

    on_socket(work)


def test_tls_connections_share_the_memory_that_they_read_into_and_nothing_else(tmp_path: Path) -> None:
    authority = certificates.ensure(tmp_path, ["example.com"])
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(tmp_path / "example.com.crt", tmp_path / "example.com.key")
    theirs = ssl.create_default_context(cafile=authority)

    async def connect(stack: ExitStack, *, later: bool) -> tuple[TcpWire, asyncio.StreamWriter]:
        loop, (left, right) = asyncio.get_running_loop(), stack.enter_context(pair())
        client = asyncio.create_task(asyncio.open_connection(sock=right, ssl=theirs, server_hostname="example.com"))
        _, wire = await loop.connect_accepted_socket(lambda: TcpWire("192.0.2.1"), left, ssl=None if later else ours)
        if later:
            await wire.start_tls(ours)
        _, writer = await client
        return wire, writer

    async def run() -> None:
        with ExitStack() as stack:
            made = [await connect(stack, later=later) for later in (False, True)]
            views = [wire._transport._ssl_protocol._ssl_buffer_view for wire, _ in made]  # type: ignore[attr-defined]
            assert all(each is module._received for each in views)
            texts = [letter * TLS_BUFFER * 3 for letter in (b"a", b"b")]
            for (_, writer), text in zip(made, texts, strict=True):
                writer.write(text)
            for (wire, _), text in zip(made, texts, strict=True):
                found = b""
                while len(found) < len(text):
                    found += await wire.read()
                assert found == text
            for wire, writer in made:
                wire.abort()
                writer.transport.abort()
            await turns()

    asyncio.run(run())
