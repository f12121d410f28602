"""A network between a page and the local cloud, that a test can cut, mend, and let fall silent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit

from localcloud.endpoints import Endpoints

CHUNK = 1 << 16


class Wire:
    """Forwards TCP to the local cloud, and lets its answers name this port instead of the cloud's."""

    def __init__(self, stack: Endpoints) -> None:
        self._target = _netloc(stack.http_url)
        self._listener = _listener(len(self._target))
        self._own = "{}:{}".format(*self._listener.getsockname())
        self.endpoints = replace(
            stack,
            http_url=stack.http_url.replace(self._target, self._own),
            websocket_url=stack.websocket_url.replace(self._target, self._own),
        )
        self._lock = threading.Lock()
        self._pairs: list[_Pair] = []
        self._is_cut = False
        threading.Thread(target=self._accept, name="wire", daemon=True).start()

    def cut(self) -> None:
        """End every connection, and let none begin."""
        with self._lock:
            self._is_cut = True
        self._end_all()

    def mend(self) -> None:
        """Let connections begin again."""
        with self._lock:
            self._is_cut = False

    def silence(self) -> None:
        """Swallow whatever goes over the WebSockets that are open now, without ending them; new ones work."""
        for pair in self._websockets():
            pair.silent.set()

    def swallow_answers(self) -> None:
        """Let nothing come back over the WebSockets that are open now, while what is sent still arrives."""
        for pair in self._websockets():
            pair.one_way.set()

    def close(self) -> None:
        self.cut()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _websockets(self) -> list[_Pair]:
        with self._lock:
            return [pair for pair in self._pairs if pair.is_websocket]

    def _end_all(self) -> None:
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            pair.end()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        with self._lock:
            if self._is_cut:
                client.close()
                return
            host, port = self._target.split(":")
            pair = _Pair(client, socket.create_connection((host, int(port))))
            self._pairs.append(pair)
        pair.start(self._target.encode(), self._own.encode())


class _Pair:
    """The two ends of one connection."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.silent = threading.Event()
        self.one_way = threading.Event()
        self.is_websocket = False
        self._client, self._server = client, server

    def start(self, theirs: bytes, ours: bytes) -> None:
        for source, sink, names in ((self._client, self._server, None), (self._server, self._client, (theirs, ours))):
            threading.Thread(target=self._pump, args=(source, sink, names), daemon=True).start()

    def end(self) -> None:
        for each in (self._client, self._server):
            with suppress(OSError):  # ended already
                each.shutdown(socket.SHUT_RDWR)

    def _pump(self, source: socket.socket, sink: socket.socket, names: tuple[bytes, bytes] | None) -> None:
        with suppress(OSError), source:
            while data := source.recv(CHUNK):
                if not names and b"\r\nUpgrade: websocket\r\n" in data:
                    self.is_websocket = True
                if self.silent.is_set() or (names and self.one_way.is_set()):
                    continue
                # Both names are of one length, so that no other length has to be corrected.
                sink.sendall(data.replace(*names) if names else data)
        if not self.silent.is_set():
            self.end()


def _netloc(url: str) -> str:
    return urlsplit(url).netloc


def _listener(length: int) -> socket.socket:
    """A server on 127.0.0.1 whose name has this many characters."""
    while True:
        made = socket.create_server(("127.0.0.1", 0))
        if len("{}:{}".format(*made.getsockname())) == length:
            return made
        made.close()


@contextmanager
def wire_to(stack: Endpoints) -> Iterator[Wire]:
    """A wire that is there until the end."""
    made = Wire(stack)
    try:
        yield made
    finally:
        made.close()
