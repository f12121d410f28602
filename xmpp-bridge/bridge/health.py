"""The health check: ``GET /`` on a port of its own answers 200 while the node takes clients, its link is up, and
nothing that it does all the time has ended.

``python -m bridge.health`` asks for it; its exit status is what the container's health check takes.
"""

from __future__ import annotations

import asyncio
import os
import sys
import urllib.request
from collections.abc import Callable
from ipaddress import ip_address

_PATIENCE = 3


class Health:
    """Answers whoever asks, and reads no more than one line of the question."""

    def __init__(self, bind: str, port: int, is_well: Callable[[], bool]) -> None:
        self._bind = bind
        self._wanted = port
        self._is_well = is_well
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._answer, self._bind, self._wanted, limit=4096)

    @property
    def port(self) -> int:
        assert self._server is not None  # noqa: S101
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await reader.readuntil(b"\r\n\r\n")
            status = "200 OK" if self._is_well() else "503 Service Unavailable"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()


def url_of(bind: str, port: int) -> str:
    """Where to ask on an address of this machine (RFC 3986 §3.2.2).

    Raises:
        ValueError: ``bind`` is no IP address.
    """
    return f"http://{f'[{bind}]' if ip_address(bind).version == 6 else bind}:{port}/"


def main() -> int:
    """0 where the bridge of this container is well."""
    bind = os.environ.get("BRIDGE_HEALTH_BIND") or "127.0.0.1"  # any address means this machine's own as well
    port = os.environ.get("BRIDGE_HEALTH_PORT") or "8081"
    try:
        with urllib.request.urlopen(url_of(bind, int(port)), timeout=_PATIENCE) as answer:  # noqa: S310  # its own
            return 0 if answer.status == 200 else 1
    except (OSError, ValueError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
