"""A small XMPP client for tests: sends what it is told, and waits for what it names."""

from __future__ import annotations

import base64
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from xml.etree.ElementTree import Element

from scramp import ScramClient

from bridge.elements import local_name, namespace_of, qualified, write
from bridge.names import BIND, CLIENT, SASL, SM, STANZAS, STREAM, TLS
from bridge.reader import Closed, Event, Opened, Reader
from bridge.tls import end_point

PATIENCE = 20.0
"""Seconds to wait for a stanza."""
MAX_READ = 1 << 22


class NoStanza(AssertionError):
    """What was waited for did not come."""


class Ended(Exception):
    """The server has ended the connection."""


class XmppClient:
    """One connection. Stanzas that nobody waited for are kept in ``received``."""

    def __init__(self, port: int, domain: str, ca_file: str, *, direct: bool = False, tls: bool = True) -> None:
        self.domain = domain
        self.jid = ""
        self.received: deque[Element] = deque()
        self.sent = 0
        """Stanzas sent since stream management was enabled."""
        self.handled = 0
        """Stanzas that came since then, and were looked at."""
        self._context = ssl.create_default_context(cafile=ca_file)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._socket: socket.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._reader = Reader(MAX_READ)
        self._events: deque[Event] = deque()
        self._ids = 0
        try:
            self.features = self._begin(direct, tls)
        except BaseException:
            self._socket.close()
            raise

    # The stream.

    def _begin(self, direct: bool, tls: bool) -> Element:
        """Open the first stream, and the second where TLS begins in it."""
        if direct:
            self._start_tls()
        features = self.open()
        if direct or not tls:
            return features
        self.send(f'<starttls xmlns="{TLS}"/>')
        self.expect(qualified(TLS, "proceed"))
        self._start_tls()
        return self.open()

    def open(self) -> Element:
        """Open a stream; returns its features."""
        self._reader = Reader(MAX_READ)
        names = f"xmlns='{CLIENT}' xmlns:stream='{STREAM}'"
        self.send(f"<?xml version='1.0'?><stream:stream to='{self.domain}' version='1.0' {names}>")
        while not isinstance(self._event(), Opened):
            pass
        return self.expect(qualified(STREAM, "features"))

    def _start_tls(self) -> None:
        self._socket = self._context.wrap_socket(self._socket, server_hostname=self.domain)

    @property
    def binding(self) -> bytes:
        """The ``tls-server-end-point`` data of the server's certificate."""
        assert isinstance(self._socket, ssl.SSLSocket)
        der = self._socket.getpeercert(True)
        assert der
        return end_point(ssl.DER_cert_to_PEM_cert(der).encode())

    # Logging in.

    def log_in(self, local: str, password: str, mechanism: str = "SCRAM-SHA-256") -> Element:
        """Log in; returns ``success`` or ``failure``. After success a new stream is open."""
        if mechanism == "PLAIN":
            answer = self.ask_sasl("auth", f"\0{local}\0{password}".encode(), mechanism)
        else:
            answer = self._scram(local, password, mechanism)
        if local_name(answer) == "success":
            self.features = self.open()
        return answer

    def _scram(self, local: str, password: str, mechanism: str) -> Element:
        binding = ("tls-server-end-point", self.binding) if mechanism.endswith("-PLUS") else None
        scram: Any = ScramClient([mechanism], local, password, channel_binding=binding)
        challenge = self.ask_sasl("auth", scram.get_client_first().encode(), mechanism)
        if local_name(challenge) != "challenge":
            return challenge
        scram.set_server_first(base64.b64decode(challenge.text or "").decode())
        answer = self.ask_sasl("response", scram.get_client_final().encode())
        if local_name(answer) == "success":
            scram.set_server_final(base64.b64decode(answer.text or "").decode())
        return answer

    def ask_sasl(self, step: str, message: bytes, mechanism: str = "") -> Element:
        """One step of SASL; returns the server's element."""
        attribute = f" mechanism='{mechanism}'" if mechanism else ""
        text = base64.b64encode(message).decode() or "="
        self.send(f"<{step} xmlns='{SASL}'{attribute}>{text}</{step}>")
        return self.wait(lambda found: namespace_of(found) == SASL, "an answer of SASL")

    def bind(self, resource: str = "") -> str:
        """Bind a resource; returns the full JID."""
        wanted = f"<resource>{resource}</resource>" if resource else ""
        bound = self.ask("set", f"<bind xmlns='{BIND}'>{wanted}</bind>")
        self.jid = bound.findtext(f"{qualified(BIND, 'bind')}/{qualified(BIND, 'jid')}") or ""
        return self.jid

    def enable(self, resume: bool = True) -> str:
        """Enable stream management; returns what a resumption names."""
        self.send(f"<enable xmlns='{SM}' resume='{'true' if resume else 'false'}'/>")
        self.sent = 0
        name = self.expect(qualified(SM, "enabled")).get("id", "")
        self.handled = 0
        return name

    # Stanzas.

    def send(self, text: str | bytes) -> None:
        self._socket.sendall(text.encode() if isinstance(text, str) else text)

    def stanza(self, text: str) -> None:
        """Send a stanza, which counts for stream management."""
        self.sent += 1
        self.send(text)

    def ask(self, kind: str, content: str, to: str | None = None) -> Element:
        """The answer to an IQ, a result or an error."""
        self._ids += 1
        name = f"iq{self._ids}"
        target = f" to='{to}'" if to else ""
        self.stanza(f"<iq type='{kind}' id='{name}'{target}>{content}</iq>")
        return self.wait(
            lambda found: found.tag == qualified(CLIENT, "iq") and found.get("id") == name, f"the answer to {content}"
        )

    def message(self, to: str, body: str, content: str = "", **attributes: str) -> str:
        """Send a chat message; returns its id."""
        self._ids += 1
        given = {"type": "chat", "id": f"m{self._ids}"} | attributes
        spelled = "".join(f" {name}='{value}'" for name, value in given.items())
        text = f"<body>{body}</body>" if body else ""
        self.stanza(f"<message to='{to}'{spelled}>{text}{content}</message>")
        return given["id"]

    def presence(self, content: str = "", **attributes: str) -> None:
        """Send presence; with no type it is available."""
        spelled = "".join(f" {name}='{value}'" for name, value in attributes.items())
        self.stanza(f"<presence{spelled}>{content}</presence>")

    # Waiting.

    def expect(self, tag: str, **attributes: str | None) -> Element:
        """The next element with this tag and these attributes; others are kept."""
        spelled = {name.rstrip("_"): value for name, value in attributes.items()}
        return self.wait(
            lambda found: found.tag == tag and all(found.get(name) == value for name, value in spelled.items()),
            f"{tag} {attributes}",
        )

    def wait(self, fits: Callable[[Element], bool], wanted: str = "a stanza", patience: float = PATIENCE) -> Element:
        """The next element that fits; others are kept.

        Raises:
            NoStanza: none came in time.
            Ended: the server ended the connection before.
        """
        for found in self.received:
            if fits(found):
                self.received.remove(found)
                return found
        deadline = time.monotonic() + patience
        while True:
            try:
                event = self._event(deadline)
            except TimeoutError:
                kept = [write(each)[:200] for each in self.received]
                raise NoStanza(f"{wanted} did not come to {self.jid}; there are {kept}") from None
            if isinstance(event, Element):
                self.handled += event.tag in STANZAS
                if fits(event):
                    return event
                self.received.append(event)
            elif isinstance(event, Closed):
                raise Ended(f"the stream was closed; there are {[write(each)[:200] for each in self.received]}")

    def body(self, text: str) -> Element:
        """The next message with this body, which may be in a carbon."""
        tag = qualified(CLIENT, "body")
        return self.wait(lambda found: any(each.text == text for each in found.iter(tag)), f"the body {text}")

    def shown(self, jid: str, kind: str | None = None) -> Element:
        """The next presence from a full or bare JID with this type; None is available."""
        return self.expect(qualified(CLIENT, "presence"), from_=jid, type_=kind)

    def settled(self) -> list[Element]:
        """What has come before the answer to a ping that is sent now."""
        self.ask("get", "<ping xmlns='urn:xmpp:ping'/>")
        found = list(self.received)
        self.received.clear()
        return found

    def error(self) -> str:
        """The condition of the stream error that ends the stream."""
        found = self.expect(qualified(STREAM, "error"))
        return local_name(found[0])

    def until_closed(self) -> None:
        """Wait until the server has ended the connection."""
        try:
            while True:
                self.wait(lambda _: False)
        except Ended:
            return

    def _event(self, deadline: float | None = None) -> Event:
        while not self._events:
            self._socket.settimeout(max(0.001, (deadline or time.monotonic() + PATIENCE) - time.monotonic()))
            try:
                data = self._socket.recv(65536)
            except OSError as error:
                if isinstance(error, TimeoutError):
                    raise
                raise Ended(str(error)) from error
            if not data:
                raise Ended("the connection was closed")
            self._events.extend(self._reader.feed(data))
        return self._events.popleft()

    # Ending.

    def close(self) -> None:
        """Say goodbye."""
        with suppress(OSError):
            self.send("</stream:stream>")
        self._socket.close()

    def drop(self) -> None:
        """End without any goodbye, as a lost network does."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def condition(stanza: Element) -> str:
    """The defined condition of the error that a stanza carries, "" where it carries none (RFC 6120 §8.3)."""
    error = stanza.find(qualified(CLIENT, "error"))
    return local_name(error[0]) if error is not None else ""


def text_of(stanza: Element) -> str | None:
    """The body of a message, or of the one in a carbon or an archive's result."""
    return next((each.text for each in stanza.iter(qualified(CLIENT, "body"))), None)


def logged_in(
    port: int, address: str, password: str, ca_file: str, resource: str = "", *, direct: bool = False
) -> XmppClient:
    """A client that is logged in and bound."""
    local, _, domain = address.partition("@")
    client = XmppClient(port, domain, ca_file, direct=direct)
    answer = client.log_in(local, password)
    assert local_name(answer) == "success", write(answer)
    client.bind(resource)
    return client
