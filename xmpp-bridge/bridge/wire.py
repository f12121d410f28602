"""A client's socket: bytes in and out, TLS, and bounds on what waits in both directions."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Protocol, cast

from bridge.names import CLIENT
from bridge.tls import HANDSHAKE_SECONDS

MAX_UNREAD = 64 * 1024
"""Bytes that were received and not looked at yet; the socket is not read beyond them."""
MAX_UNSENT = 2 * 1024 * 1024
"""Bytes that wait for a client to take them; one that does not is cut off."""
TLS_BUFFER = 4 * 1024
"""Bytes that asyncio reads at once per TLS connection, instead of 256 KiB that each would hold for good."""
PIECE = 2 * 1024
"""Bytes that are encrypted at once: OpenSSL's memory for what comes of them is held for good, too."""
HIGH_WATER = 16 * 1024
"""Bytes that may wait to be sent before ``drained`` waits; it does until a quarter of them is left."""

asyncio.sslproto.SSLProtocol.max_size = TLS_BUFFER  # type: ignore[attr-defined]

_received = memoryview(bytearray(TLS_BUFFER))
"""What has just been read from a socket: one connection after another puts it to use before the next one reads."""


class Lost(Exception):
    """The connection has ended."""


class Wire(Protocol):
    """What a stream needs of a connection."""

    peer: str
    """The client's IP address."""

    @property
    def secure(self) -> bool: ...

    @property
    def framed(self) -> bool:
        """Whether each stanza is a frame of its own (RFC 7395)."""

    @property
    def tls_context(self) -> ssl.SSLContext | None:
        """The context of the certificate that was shown."""

    @property
    def unsent(self) -> int: ...

    async def read(self) -> bytes:
        """What has come.

        Raises:
            Lost: the connection has ended.
        """

    def send(self, text: str) -> None: ...

    async def drained(self) -> None:
        """Wait until little is left to be sent: at once where the client takes what comes.

        Raises:
            Lost: the connection has ended.
        """

    async def start_tls(self, context: ssl.SSLContext, /) -> None: ...

    def close(self) -> None:
        """Send what waits, then end."""

    def abort(self) -> None:
        """End at once; what the client does not take now is lost."""


class TcpWire(asyncio.Protocol):
    """A TCP connection, with TLS from the start or later."""

    framed = False

    __slots__ = (
        "_drain",
        "_ended",
        "_paused",
        "_reader",
        "_transport",
        "_unread",
        "_unwritten",
        "_unwritten_bytes",
        "peer",
    )

    def __init__(self, peer: str) -> None:
        self.peer = peer
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)
        self._unread = bytearray()
        self._reader: asyncio.Future[None] | None = None
        self._ended = False
        self._paused = False
        self._unwritten: list[bytes] = []
        self._unwritten_bytes = 0
        self._drain: asyncio.Event | None = None
        """Where the transport is too full, what tells that it no longer is."""

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=HIGH_WATER)
        _share_buffer(self._transport)

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if len(self._unread) > MAX_UNREAD and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._end()
        return False

    def connection_lost(self, _error: Exception | None) -> None:
        self._end()

    def pause_writing(self) -> None:
        self._drain = asyncio.Event()

    def resume_writing(self) -> None:
        if self._drain is not None:
            self._drain.set()
            self._drain = None

    # What the stream calls.

    @property
    def secure(self) -> bool:
        return self._transport.get_extra_info("ssl_object") is not None

    @property
    def tls_context(self) -> ssl.SSLContext | None:
        found = self._transport.get_extra_info("ssl_object")
        return found.context if found is not None else None

    @property
    def unsent(self) -> int:
        return self._transport.get_write_buffer_size() + self._unwritten_bytes

    async def read(self) -> bytes:
        if not self._unread:
            if self._ended:
                raise Lost
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
            if not self._unread:
                raise Lost
        data = bytes(self._unread)
        self._unread.clear()
        if self._paused and not self._ended:
            self._paused = False
            self._transport.resume_reading()
        return data

    def send(self, text: str) -> None:
        """Send text. What is sent in one turn of the event loop goes together: in one TLS record and one packet."""
        if self._transport.is_closing():
            return
        data = text.encode()
        if not self._unwritten:
            asyncio.get_running_loop().call_soon(self._flush)
        self._unwritten.append(data)
        self._unwritten_bytes += len(data)
        if self._unwritten_bytes > HIGH_WATER:
            self._flush()  # so that the transport tells how full it is

    def _flush(self) -> None:
        if not self._unwritten:
            return
        data = b"".join(self._unwritten)
        self._unwritten.clear()
        self._unwritten_bytes = 0
        for start in range(0, len(data), PIECE):
            if not self._transport.is_closing():
                self._transport.write(data[start : start + PIECE])

    async def drained(self) -> None:
        while self._drain is not None and not self._ended:
            await self._drain.wait()
        if self._ended:
            raise Lost

    def hold(self) -> None:
        """Read nothing until TLS begins, and forget what was sent before it (RFC 6120 §5.4.3.3)."""
        self._transport.pause_reading()
        self._unread.clear()

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Raises Lost where the handshake fails or takes over 10 s."""
        loop = asyncio.get_running_loop()
        self._paused = False
        self._flush()
        try:
            made = await loop.start_tls(
                self._transport, self, context, server_side=True, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )
        except (OSError, ssl.SSLError) as error:
            raise Lost from error
        except asyncio.CancelledError:
            self._end()  # the transport has been closed, and tells nobody any more
            raise
        if made is None:
            raise Lost
        self._transport = made
        self._transport.set_write_buffer_limits(high=HIGH_WATER)
        _share_buffer(made)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        self._flush()
        self._transport.abort()
        self._end()

    def _end(self) -> None:
        self._ended = True
        self._wake()
        self.resume_writing()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


def _share_buffer(transport: asyncio.Transport) -> None:
    """Have a TLS connection read into the memory that all share. It rests on parts of asyncio that are not its
    interface; where they have changed, each connection keeps its own."""
    protocol: Any = getattr(transport, "_ssl_protocol", None)
    if hasattr(protocol, "_ssl_buffer_view"):
        protocol._ssl_buffer = _received.obj
        protocol._ssl_buffer_view = _received


def framed_text(text: str) -> str:
    """A stanza as a document of its own: with the namespace that a stream header would have declared."""
    end = next(index for index, letter in enumerate(text) if letter in " />")
    if text[end:].startswith(" xmlns="):
        return text
    return f'{text[:end]} xmlns="{CLIENT}"{text[end:]}'
