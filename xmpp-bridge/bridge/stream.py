"""One client's stream until it is bound (RFC 6120 §4 to §7), and what carries the stanzas of its session after that."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from bridge import features, sasl
from bridge.authentication import Authentication
from bridge.elements import element, local_name, namespace_of, qualified, write
from bridge.errors import StanzaError, StreamError, error_reply
from bridge.names import BIND, CLIENT, FRAMING, IQ, LANG, PING, SASL, SM, STANZA_ERRORS, STANZAS, STREAM, TLS
from bridge.reader import MAX_STANZA, Closed, Event, Opened, Reader, read_document
from bridge.session import Session
from bridge.silence import Silence
from bridge.wire import MAX_UNSENT, Lost, TcpWire, Wire
from chat import trail
from chat.addresses import Address

if TYPE_CHECKING:
    from bridge.node import Node

logger = logging.getLogger(__name__)

MAX_RESOURCE = 256
"""Bytes of a resource; RFC 7622 §3.4 allows 1,023, but each of a user's resources is in every read of its presence."""
ROOM = 64 * 1024
"""Bytes that wait when nothing more is made for the client that could as well come later."""
_SHUT_SECONDS = 5
_DRAIN_SECONDS = 60


class Stream:
    """Reads a wire until it ends."""

    def __init__(self, node: Node, wire: Wire) -> None:
        self.node = node
        self.wire = wire
        self.domain = ""
        self.address: Address | None = None
        self.authenticated_at = 0
        """When the client's log-in began that has succeeded, in ms since the epoch."""
        self.session: Session | None = None
        self._reader = Reader()
        self._limit = self._reader.limit
        self._opened = False
        self._closing = False
        self._authentication = Authentication(self)
        self._silence = Silence(node.settings.idle_seconds, self._ask, self._give_up)

    async def run(self) -> None:
        """Serve the client until the stream ends, however it does."""
        seconds = self.node.settings.log_in_seconds
        try:
            async with asyncio.timeout(seconds) as patience:
                async for event in self._events():
                    await self._take(event)
                    if self.session is not None and patience.when() is not None:
                        patience.reschedule(None)
                        self._silence.begin()
                    if self._closing:
                        break
        except TimeoutError:
            self.fail(StreamError("connection-timeout", f"nobody has logged in within {seconds} s"))
        except StreamError as error:
            self.fail(error)
        except Lost:
            pass
        except Exception:  # the boundary: a client gets a condition, the log the stack
            logger.exception("a stream failed")
            self.fail(StreamError("internal-server-error"))
        finally:
            self._silence.end()
            session, self.session = self.session, None
            if session is not None:
                session.lost(self)
        await self._end()

    async def _end(self) -> None:
        """Wait until what was sent last is on its way, and the client has gone."""
        try:
            async with asyncio.timeout(_SHUT_SECONDS if self._closing else 0):
                while True:
                    await self.wire.read()
        except (TimeoutError, Lost):
            return

    def _ask(self) -> None:
        """Ask the client for a sign of life (XEP-0198 §4, else XEP-0199 §4.1)."""
        session = self.session
        if session is None:
            return
        if session.acks is not None:
            session.acks.asked()
            self.write(f'<r xmlns="{SM}"/>')
        else:
            ping = element(qualified(PING, "ping"))
            self.send(element(IQ, ping, type="get", id="alive", from_=self.domain, to=session.jid))

    def _give_up(self) -> None:
        self.fail(StreamError("connection-timeout", "the client does not answer"))
        self.wire.abort()  # nobody takes what is sent, so its end cannot be waited for

    # Sending.

    def send(self, found: Element) -> None:
        self.write(write(found))

    def write(self, text: str) -> bool:
        """Send text that is one or more whole elements, or one where stanzas are framed; whether it could be sent.

        A client that does not take what is sent is cut off.
        """
        if self._closing:
            return False
        if self.wire.unsent > MAX_UNSENT:
            self._cut_off()
            return False
        self.wire.send(text)
        return True

    @property
    def has_room(self) -> bool:
        """Whether little enough waits for the client to take it for more to be made."""
        return self.wire.unsent <= ROOM

    async def drained(self) -> None:
        """Wait until the client has taken what waits. One that takes nothing for a minute is cut off.

        Raises:
            Lost: the connection has ended.
        """
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                await self.wire.drained()
        except TimeoutError:
            self._cut_off()
            raise Lost from None

    def _cut_off(self) -> None:
        logger.info("a client takes nothing", extra={"person": trail.person(self.address) if self.address else ""})
        self._closing = True
        self.wire.abort()

    def fail(self, error: StreamError) -> None:
        """End the stream with an error."""
        if self._closing:
            return
        if not self._opened:
            self._open({})
        self.send(error.element())
        self.close()

    def close(self) -> None:
        """End the stream in order."""
        if self._closing:
            return
        if self._opened:
            self.wire.send(f'<close xmlns="{FRAMING}"/>' if self.wire.framed else "</stream:stream>")
        self._closing = True
        self.wire.close()

    # Receiving.

    async def _events(self) -> AsyncIterator[Event]:
        while True:
            self._silence.listen()
            data = await self.wire.read()
            self._silence.heard()
            if self.wire.framed:
                yield _framed(read_document(data.decode(errors="surrogateescape"), self._limit))
                continue
            reader = self._reader
            for event in reader.feed(data):
                yield event
                if self._reader is not reader:
                    break  # a new stream begins: what came before it is over

    def _restart(self) -> None:
        self._reader = Reader(self._limit)
        self._opened = False

    async def _take(self, event: Event) -> None:
        if isinstance(event, Element):
            if self.session is not None:
                await self.session.receive(event, self)
            elif not self._opened:
                raise StreamError("bad-format", "the stream is not open")
            else:
                await self._negotiate(event)
        elif isinstance(event, Opened):
            self._open(event.attributes, event.tag)
            self.send(self._features())
        else:
            if self.session is not None:
                await self.session.goodbye()
            self.close()

    def _open(self, attributes: dict[str, str], tag: str = "") -> None:
        domain = attributes.get("to", "").lower()
        attributes = {
            "from": domain or self.domain,
            "id": secrets.token_hex(8),
            "version": "1.0",
            LANG: "en",
            "to": attributes.get("from", ""),
        }
        attributes = {name: value for name, value in attributes.items() if value}
        if self.wire.framed:
            self.wire.send(write(Element(qualified(FRAMING, "open"), attributes), ""))
        else:
            spelled = write(Element("stream:stream", attributes), "").removesuffix("/>")
            self.wire.send(f'<?xml version="1.0"?>{spelled} xmlns="{CLIENT}" xmlns:stream="{STREAM}">')
        self._opened = True
        if not tag:
            return
        if tag != qualified(FRAMING if self.wire.framed else STREAM, "open" if self.wire.framed else "stream"):
            raise StreamError("invalid-namespace" if local_name(Element(tag)) == "stream" else "bad-format")
        if domain not in self.node.domains:
            raise StreamError("host-unknown", f"{domain[:80]!a} is not served here")
        if self.address is not None and domain != self.domain:
            raise StreamError("host-unknown", "the stream was opened to another domain before")
        self.domain = domain

    @property
    def binding(self) -> bytes | None:
        """What binds an authentication to the channel (RFC 5929), if anything does."""
        context = self.wire.tls_context
        return self.node.certificates.binding(context) if context else None

    def _features(self) -> Element:
        if not self.wire.secure:
            return features.before_tls()
        if self.address is None:
            register = self.node.settings.registration
            return features.before_log_in(sasl.mechanisms(self.binding is not None), self.binding is not None, register)
        return features.before_binding(self.node.caps)

    async def _negotiate(self, found: Element) -> None:
        name = (namespace_of(found), local_name(found))
        if name == (TLS, "starttls"):
            await self._start_tls()
        elif name[0] == SASL:
            await self._authenticate(name[1], found)
        elif self.address is None and self.node.settings.registration and found.tag == IQ:
            from bridge.handlers import registration

            self.send(await registration.before_log_in(self.node, self.domain, found, self.wire))
        elif self.address is None:
            raise StreamError("not-authorized", "log in first")
        elif name == (SM, "resume"):
            await self._resume(found)
        elif found.tag == IQ and found.find(qualified(BIND, "bind")) is not None:
            await self._bind(found)
        elif found.tag in STANZAS or name[0] == SM:
            raise StreamError("not-authorized", "bind a resource first")
        else:
            raise StreamError("unsupported-stanza-type")

    async def _start_tls(self) -> None:
        if self.wire.secure or not isinstance(self.wire, TcpWire):
            raise StreamError("unsupported-stanza-type", "TLS is there already")
        self.wire.hold()
        self.send(element(qualified(TLS, "proceed")))
        self._restart()
        await self.wire.start_tls(self.node.certificates.context(self.domain))

    async def _authenticate(self, step: str, found: Element) -> None:
        if step == "auth":
            self.authenticated_at = self.node.now()
        self.address = await self._authentication.take(step, found)
        if self.address is not None:
            self._limit = MAX_STANZA
            self._restart()

    # Binding (RFC 6120 §7) and resuming (XEP-0198 §5).

    async def _bind(self, iq: Element) -> None:
        assert self.address is not None  # noqa: S101
        try:
            if iq.get("type") != "set":
                raise StanzaError("bad-request")
            resource = iq.findtext(f"{qualified(BIND, 'bind')}/{qualified(BIND, 'resource')}") or ""
            if len(resource.encode()) > MAX_RESOURCE:
                raise StanzaError("bad-request", f"a resource has at most {MAX_RESOURCE} bytes")
            session = await self.node.bind(self, self.address, resource)
        except StanzaError as error:
            refusal = error_reply(iq, error)
            if refusal is not None:
                self.send(refusal)
            return
        bound = element(qualified(BIND, "bind"), element(qualified(BIND, "jid"), session.jid))
        self.session = session
        self.send(element(IQ, bound, type="result", id=iq.get("id")))

    async def _resume(self, found: Element) -> None:
        assert self.address is not None  # noqa: S101
        resumption = found.get("previd", "")
        session = self.node.resumable(self.address, resumption)
        count = features.count_of(found.get("h"))
        if count is None:
            raise StreamError("bad-format", "resume needs the attribute h")
        if session is not None:
            await session.displace()
        if session is None or session.ended or session.stream is not None:
            condition = element(qualified(STANZA_ERRORS, "item-not-found"))
            self.send(element(qualified(SM, "failed"), condition, h=self.node.handled_by(self.address, resumption)))
            return
        self.session = session
        session.resume(self, count)


def _framed(found: Element) -> Event:
    if found.tag == qualified(FRAMING, "open"):
        return Opened(found.tag, dict(found.attrib))
    if found.tag == qualified(FRAMING, "close"):
        return Closed()
    return found
