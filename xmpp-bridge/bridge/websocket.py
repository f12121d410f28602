"""XMPP over WebSocket (RFC 7395), and host-meta, by which web clients find it (XEP-0156)."""

from __future__ import annotations

import json
import ssl
from asyncio import BaseTransport
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, InvalidState
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from bridge.listener import Origins
from bridge.reader import MAX_STANZA
from bridge.tls import HANDSHAKE_SECONDS
from bridge.wire import Lost, Wire, framed_text

PATH = "/xmpp-websocket"
RELATION = "urn:xmpp:alt-connections:websocket"
_PING_SECONDS = 60
_QUEUED = 2
"""Frames that were received and not looked at yet."""


class WebSocketWire:
    """A WebSocket connection as a stream sees it: each frame is a document of its own."""

    framed = True
    secure = True
    tls_context = None
    """Nothing to bind a channel to: clients may see the certificate of a load balancer instead of ours."""

    def __init__(self, connection: ServerConnection, peer: str, send: Callable[[str], None]) -> None:
        self._connection = connection
        self._send = send
        self.peer = peer

    @property
    def unsent(self) -> int:
        return self._connection.transport.get_write_buffer_size()

    async def read(self) -> bytes:
        try:
            data = await self._connection.recv(decode=False)
        except ConnectionClosed as error:
            raise Lost from error
        return data if isinstance(data, bytes) else data.encode()

    def send(self, text: str) -> None:
        self._send(framed_text(text))

    async def start_tls(self, _context: ssl.SSLContext) -> None:
        raise Lost  # it begins with TLS

    async def drained(self) -> None:
        try:
            if not self._connection.transport.is_closing():
                await self._connection.drain()
        except (OSError, ConnectionClosed) as error:
            raise Lost from error
        if self._connection.transport.is_closing():
            raise Lost

    def close(self) -> None:
        with suppress(InvalidState):  # the client has closed it
            self._connection.protocol.send_close(1000)
            self._flush()

    def abort(self) -> None:
        self._connection.transport.abort()

    def _flush(self) -> None:
        for data in self._connection.protocol.data_to_send():
            if data:
                self._connection.transport.write(data)


class Counted(ServerConnection):
    """A connection that counts among those of its origin from TLS on, whatever becomes of it."""

    def __init__(self, origins: Origins, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._origins = origins
        self._peer = ""
        self.is_counted = False
        """Whether its origin may have it; else it is refused as soon as it has asked for something."""

    def connection_made(self, transport: BaseTransport) -> None:
        self._peer = transport.get_extra_info("peername")[0]
        self.is_counted = self._origins.enter(self._peer)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.is_counted:
            self._origins.leave(self._peer)
        super().connection_lost(exc)


def host_meta(url: str, as_json: bool) -> bytes:
    """Where the WebSocket is, as XML or JSON (RFC 6415)."""
    if as_json:
        return json.dumps({"links": [{"rel": RELATION, "href": url}]}).encode()
    link = f'<Link rel="{RELATION}" href="{url}"/>'
    return f'<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">{link}</XRD>'.encode()


class WebSocketDoor:
    """The port of RFC 7395."""

    def __init__(
        self,
        bind: str,
        port: int,
        context: ssl.SSLContext,
        origins: Origins,
        allowed: tuple[str, ...],
        serve_wire: Callable[[Wire], Awaitable[None]],
    ) -> None:
        """``allowed``: origins of pages that may connect, ``*`` for all."""
        self._bind = bind
        self._port = port
        self._context = context
        self._origins = origins
        self._allowed = allowed
        self._serve = serve_wire
        self._server: Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None  # noqa: S101
        found: int = next(iter(self._server.sockets)).getsockname()[1]
        return found

    async def open(self) -> None:
        self._server = await serve(
            self._connection,
            self._bind,
            self._port,
            ssl=self._context,
            ssl_handshake_timeout=HANDSHAKE_SECONDS,
            process_request=self._request,
            subprotocols=[Subprotocol("xmpp")],
            max_size=MAX_STANZA,
            max_queue=_QUEUED,
            ping_interval=_PING_SECONDS,
            compression=None,  # compression and secrets do not mix, and it costs 300 KB a connection
            open_timeout=HANDSHAKE_SECONDS,
            server_header=None,
            create_connection=cast(type[ServerConnection], partial(Counted, self._origins)),
        )

    def close(self) -> None:
        """Accept nothing more."""
        if self._server is not None:
            self._server.close(close_connections=False)

    async def _connection(self, connection: ServerConnection) -> None:
        await self._serve(WebSocketWire(connection, connection.remote_address[0], lambda text: _send(connection, text)))

    def _request(self, connection: ServerConnection, request: Request) -> Response | None:
        if not cast(Counted, connection).is_counted:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections come from your address.\n")
        path = request.path.partition("?")[0]
        if path == PATH:
            return self._check(connection, request)
        if path not in ("/.well-known/host-meta", "/.well-known/host-meta.json"):
            return connection.respond(HTTPStatus.NOT_FOUND, "There is nothing here but /xmpp-websocket.\n")
        as_json = path.endswith(".json")
        host = request.headers.get("Host", "localhost")
        body = host_meta(f"wss://{host if _is_host(host) else 'localhost'}{PATH}", as_json)
        kind = "application/json" if as_json else "application/xrd+xml"
        headers = Headers(
            {
                "Content-Type": kind,
                "Content-Length": str(len(body)),
                "Access-Control-Allow-Origin": "*",
                "Connection": "close",
            }
        )
        return Response(HTTPStatus.OK, "OK", headers, body)

    def _check(self, connection: ServerConnection, request: Request) -> Response | None:
        """None where a WebSocket may be opened."""
        origin = request.headers.get("Origin")
        if origin and "*" not in self._allowed and origin not in self._allowed:
            return connection.respond(HTTPStatus.FORBIDDEN, "Pages of this origin may not connect.\n")
        offered = ",".join(request.headers.get_all("Sec-WebSocket-Protocol"))
        if "xmpp" not in [each.strip() for each in offered.split(",")]:
            return connection.respond(HTTPStatus.BAD_REQUEST, "The subprotocol xmpp is missing (RFC 7395).\n")
        return None


def _is_host(text: str) -> bool:
    return len(text) < 270 and all(letter.isalnum() or letter in ".-:[]" for letter in text)


def _send(connection: ServerConnection, text: str) -> None:
    """Send a frame without waiting: the stream looks at what waits, and cuts off who takes nothing."""
    protocol = connection.protocol
    if protocol.state.name != "OPEN":
        return
    protocol.send_text(text.encode())
    for data in protocol.data_to_send():
        if data:
            connection.transport.write(data)
