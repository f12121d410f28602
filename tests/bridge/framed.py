"""The same client over WebSocket (RFC 7395): every stanza is a frame, and a document of its own."""

from __future__ import annotations

import socket
import ssl
import time
from collections import deque
from contextlib import ExitStack
from typing import Any
from xml.etree.ElementTree import Element

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bridge.elements import qualified
from bridge.names import FRAMING, STREAM
from bridge.reader import Closed, Event, Opened, read_document
from bridge.wire import framed_text
from tests.bridge.client import MAX_READ, PATIENCE, Ended, XmppClient


class FramedClient(XmppClient):
    """One WebSocket."""

    def __init__(self, port: int, domain: str, ca_file: str, *, named: bool = True, **headers: str) -> None:
        """``named``: whether the host is named to TLS (SNI); the certificate is checked in both cases."""
        self.domain = domain
        self.jid = ""
        self.received: deque[Element] = deque()
        self.sent = self.handled = self._ids = 0
        self._events: deque[Event] = deque()
        context = ssl.create_default_context(cafile=ca_file)
        self._until_closed = ExitStack()
        opening = connect(
            f"wss://{domain}:{port}/xmpp-websocket",
            sock=socket.create_connection(("127.0.0.1", port), PATIENCE),
            ssl=context,
            server_hostname=domain if named else "127.0.0.1",
            subprotocols=[Subprotocol("xmpp")],
            additional_headers=headers,
            compression=None,
            proxy=None,
        )
        self.socket: ClientConnection = self._until_closed.enter_context(opening)
        self._socket: Any = self.socket.socket
        try:
            self.features = self.open()
        except BaseException:
            self.close()
            raise

    def open(self) -> Element:
        self.send(f"<open xmlns='{FRAMING}' to='{self.domain}' version='1.0'/>")
        while not isinstance(self._event(), Opened):
            pass
        return self.expect(qualified(STREAM, "features"))

    def send(self, text: str | bytes) -> None:
        if isinstance(text, str) and "xmlns=" not in text.partition(">")[0]:
            text = framed_text(text)
        try:
            self.socket.send(text, text=True)
        except ConnectionClosed as error:
            raise Ended(str(error)) from error

    def _event(self, deadline: float | None = None) -> Event:
        try:
            text = self.socket.recv(max(0.001, (deadline or time.monotonic() + PATIENCE) - time.monotonic()))
        except ConnectionClosed as error:
            raise Ended(str(error)) from error
        assert isinstance(text, str)
        found = read_document(text, MAX_READ)
        if found.tag == qualified(FRAMING, "open"):
            return Opened(found.tag, dict(found.attrib))
        return Closed() if found.tag == qualified(FRAMING, "close") else found

    def close(self) -> None:
        self._until_closed.close()

    def drop(self) -> None:
        self._socket.close()
