"""Connections that end, and presence that comes late, against a real WebSocket server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from chatctl.client import ChatConnection

ABNORMAL = 1006
"""What the other side sees where there was no goodbye (RFC 6455 §7.1.5)."""


class Listener:
    """A server that keeps the close codes of its connections."""

    def __init__(self) -> None:
        self.codes: list[int] = []
        self._closed = threading.Semaphore(0)

    def listen(self, connection: ServerConnection) -> None:
        try:
            connection.recv()
        except ConnectionClosed:
            self.codes.append(connection.close_code or 0)
        self._closed.release()

    def code(self) -> int:
        """The code of the next connection that is closed."""
        assert self._closed.acquire(timeout=5)
        return self.codes.pop(0)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@contextmanager
def connected(handler: Callable[[ServerConnection], None]) -> Iterator[ChatConnection]:
    """A connection to a server that does this with it."""
    with serve(handler, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        host, port = server.socket.getsockname()
        yield ChatConnection(f"ws://{host}:{port}", "ticket")
        server.shutdown()
        thread.join()


@pytest.fixture
def connection(listener: Listener) -> Iterator[ChatConnection]:
    with connected(listener.listen) as made:
        yield made


@pytest.mark.parametrize("code", [1000, 3001])
def test_a_close_says_goodbye(connection: ChatConnection, listener: Listener, code: int) -> None:
    connection.close(code)
    assert listener.code() == code


def test_a_drop_says_nothing(connection: ChatConnection, listener: Listener) -> None:
    connection.drop()
    assert listener.code() == ABNORMAL


def test_after_a_drop_nothing_reads_from_the_socket_any_more(connection: ChatConnection) -> None:
    connection.drop()
    assert connection.socket.wait_closed(5)


def test_a_connection_that_was_dropped_may_be_dropped_and_closed_again(connection: ChatConnection) -> None:
    connection.drop()
    connection.drop()
    connection.close()
    connection.drop()
    connection.close()


def presence(revision: int, status: str, address: str = "bob@a.example") -> dict[str, Any]:
    return {"address": address, "status": status, "revision": revision}


def test_presence_that_a_watch_has_told_already_is_left_out() -> None:
    told = presence(5, "available")
    late = [presence(4, "offline"), told]
    other = presence(1, "away", "carol@a.example")

    def answer(server: ServerConnection) -> None:
        request = json.loads(server.recv())
        for each in late:
            server.send(json.dumps({"event": "presence"} | each))
        server.send(json.dumps({"request_id": request["request_id"], "ok": True, "presence": [told]}))
        for each in (*late, other, presence(6, "busy")):
            server.send(json.dumps({"event": "presence"} | each))
        server.recv()

    with connected(answer) as connection, closing(connection):
        assert connection.ask("watch", contacts=["bob@a.example"])["presence"] == [told]
        assert connection.event("presence", address="bob@a.example")["status"] == "busy"
        assert list(connection.events) == [{"event": "presence"} | other]
