"""Accepting connections: TLS from the start or later, and a cap on connections per IP from the first byte."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from ipaddress import IPv6Network, ip_address

from bridge.tls import HANDSHAKE_SECONDS
from bridge.wire import TcpWire

logger = logging.getLogger(__name__)

BACKLOG = 512
UNACKNOWLEDGED = 60_000
"""Milliseconds after which a connection ends whose other side takes nothing; Linux's own limit is about 15 minutes."""
_ACCEPT_PAUSE = 0.5
"""Seconds without accepting, after the system had no more descriptors."""


class Origins:
    """Counts connections by where they come from: an IPv4 address, or the /64 of an IPv6 address."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count: Counter[str] = Counter()

    def enter(self, ip: str) -> bool:
        """Whether one more connection may come from there; if so it is counted."""
        origin = origin_of(ip)
        if self._count[origin] >= self._most:
            return False
        self._count[origin] += 1
        return True

    def leave(self, ip: str) -> None:
        origin = origin_of(ip)
        self._count[origin] -= 1
        if self._count[origin] <= 0:
            del self._count[origin]


def origin_of(ip: str) -> str:
    try:
        found = ip_address(ip)
    except ValueError:
        return ip
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((int(found), 64), strict=False))


class Listener:
    """One port. ``serve`` gets each connection, and its end is the end of the connection."""

    def __init__(
        self,
        bind: str,
        port: int,
        origins: Origins,
        serve: Callable[[TcpWire], Awaitable[None]],
        context: Callable[[], ssl.SSLContext] | None = None,
        *,
        patience: float = HANDSHAKE_SECONDS,
    ) -> None:
        """``context``: what TLS begins with, within ``patience`` seconds; None where a client asks for TLS."""
        family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.setblocking(False)
        self._socket.bind((bind, port))
        self._origins = origins
        self._serve = serve
        self._context = context
        self._patience = patience
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        found: int = self._socket.getsockname()[1]
        return found

    async def run(self) -> None:
        """Accept until it is cancelled."""
        loop = asyncio.get_running_loop()
        self._socket.listen(BACKLOG)
        while True:
            try:
                accepted, _ = await loop.sock_accept(self._socket)
            except OSError:
                logger.warning("no connection can be accepted", exc_info=True)
                await asyncio.sleep(_ACCEPT_PAUSE)
                continue
            ip = _peer(accepted)
            if not self._origins.enter(ip):
                accepted.close()
                continue
            task = asyncio.create_task(self._connection(accepted, ip))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Accept nothing more."""
        self._socket.close()

    async def _connection(self, accepted: socket.socket, ip: str) -> None:
        try:
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED)
            context = self._context() if self._context else None
            _, wire = await asyncio.get_running_loop().connect_accepted_socket(
                lambda: TcpWire(ip),
                accepted,
                ssl=context,
                ssl_handshake_timeout=self._patience if context else None,
            )
        except (OSError, ssl.SSLError):
            accepted.close()  # no TLS, or none in time
            self._origins.leave(ip)
            return
        try:
            await self._serve(wire)
        finally:
            wire.abort()
            self._origins.leave(ip)


def _peer(accepted: socket.socket) -> str:
    try:
        ip: str = accepted.getpeername()[0]
    except OSError:
        return ""
    return ip
