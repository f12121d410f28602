"""A network between an XMPP client and the bridge, that a test can cut, or let fall silent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 1 << 16


class Network:
    """Forwards TCP to a port of this machine."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._silent = threading.Event()
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, name="network", daemon=True).start()

    @property
    def port(self) -> int:
        """Where clients connect to."""
        found: int = self._listener.getsockname()[1]
        return found

    def cut(self) -> None:
        """End every connection there is; new ones work."""
        while self._sockets:
            with suppress(OSError):  # ended already
                self._sockets.pop().shutdown(socket.SHUT_RDWR)

    def silence(self) -> None:
        """Swallow whatever is sent from now on, in both directions, and end nothing."""
        self._silent.set()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError), source:
            while data := source.recv(CHUNK):
                if not self._silent.is_set():
                    sink.sendall(data)
            if not self._silent.is_set():
                sink.shutdown(socket.SHUT_RDWR)


@contextmanager
def network_to(port: int) -> Iterator[Network]:
    """A network that is there until the end."""
    made = Network(port)
    try:
        yield made
    finally:
        made.close()
