"""A bound resource: what its client sends, what it is sent, and what lasts while its connection is away."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from slixmpp import JID

from bridge.acks import Acks
from bridge.elements import element, local_name, namespace_of, qualified, write
from bridge.errors import StanzaError, StreamError, error_reply, of_chat_error
from bridge.names import CSI, MESSAGE, PRESENCE, SM, STANZA_ERRORS, STANZAS
from bridge.outbox import Outbox
from bridge.rates import Bucket
from chat.addresses import Address
from chat.errors import ChatError
from chat.presence import Status
from chat.store import StoreBusy
from chat.tables.history import Message

if TYPE_CHECKING:
    from bridge.node import Node
    from bridge.stream import Stream

logger = logging.getLogger(__name__)

MAX_DIRECTED = 200
"""Entities that a session may have sent directed presence to."""


class Session:
    """One XMPP resource of a user."""

    def __init__(self, node: Node, stream: Stream, address: Address, resource: str) -> None:
        self.node = node
        self.address = address
        self.resource = resource
        self.bare = str(address)
        self.jid = f"{address}/{resource}"
        self.ended = False
        # Presence (RFC 6121 §4).
        self.available = False
        self.status = Status.OFFLINE
        self.priority = 0
        self.payload = ""
        self.registered = False
        """Whether the tables know the session."""
        self.live_from = ""
        """The lowest message id of the time since it is available: what was sent before came by another way."""
        self.directed: set[str] = set()
        # What the client has asked for.
        self.carbons = False
        self.interested = False
        """Whether it asked for the roster, and gets its changes."""
        self.block_interested = False
        self.reads_archive = False
        """Whether it asked the archive: then nothing is delivered as offline messages."""
        # Stream management (XEP-0198) and client state (XEP-0352).
        self.outbox = Outbox(stream, address, node.delivered)
        self.resumption = ""
        self._away: asyncio.TimerHandle | None = None
        self._unfinished: deque[list[bool]] = deque()
        self._owes_ack = False
        self._settling: asyncio.Future[None] | None = None
        self._bucket = Bucket(node.stanzas_per_second, node.stanza_burst)

    @property
    def stream(self) -> Stream | None:
        """What carries its stanzas now; None while the client is away."""
        return self.outbox.stream

    @property
    def acks(self) -> Acks | None:
        """The counters of stream management, where the client has enabled it."""
        return self.outbox.acks

    # From the client.

    async def receive(self, found: Element) -> None:
        """Take one element of the client.

        Raises:
            StreamError: it ends the stream.
        """
        wait = self._bucket.take()
        if wait:
            await asyncio.sleep(wait)  # the client is not read meanwhile, so TCP slows it down
        if found.tag in STANZAS:
            await self._stanza(found)
            return
        namespace, name = namespace_of(found), local_name(found)
        if namespace == SM:
            self._manage(name, found)
        elif namespace == CSI and name in ("active", "inactive"):
            self.outbox.sleeps(name == "inactive")
        else:
            raise StreamError("unsupported-stanza-type")

    async def _stanza(self, stanza: Element) -> None:
        sender = stanza.get("from")
        if sender is not None and sender.lower() not in (self.jid.lower(), self.bare):
            raise StreamError("invalid-from", "a stanza comes from its own session")
        stanza.set("from", self.jid)
        token = self.begin()
        handlers = self.node.handlers
        waits = False
        try:
            if (to := stanza.get("to")) is not None:
                stanza.set("to", _normal(to))
            if stanza.tag == MESSAGE:
                waits = await handlers.message(self, stanza, token)
            elif stanza.tag == PRESENCE:
                await handlers.presence(self, stanza)
            else:
                await handlers.iq(self, stanza)
        except StanzaError as error:
            self.refuse(stanza, error)
        except ChatError as error:
            self.refuse(stanza, of_chat_error(error))
        except StoreBusy:
            self.refuse(stanza, StanzaError("resource-constraint", "the store is busy; try again"))
        except Exception:  # the boundary: a client gets a condition, the log the stack
            logger.exception("a stanza failed")
            self.refuse(stanza, StanzaError("internal-server-error"))
        if not waits:
            self.finish(token)

    def refuse(self, stanza: Element, error: StanzaError) -> None:
        """Answer a stanza of the client with an error."""
        reply = error_reply(stanza, error)
        if reply is not None:
            reply.set("to", self.jid)
            if stanza.get("to") is None:
                reply.set("from", self.bare)
            self.send(reply)

    def begin(self) -> list[bool]:
        """A stanza of the client is being dealt with."""
        token = [False]
        self._unfinished.append(token)
        return token

    def finish(self, token: list[bool]) -> None:
        """It has been: it counts as handled once all before it have been."""
        token[0] = True
        while self._unfinished and self._unfinished[0][0]:
            self._unfinished.popleft()
            if self.acks is not None:
                self.acks.handle()
        if self._unfinished:
            return
        if self._owes_ack:
            self._acknowledge()
        if self._settling is not None and not self._settling.done():
            self._settling.set_result(None)

    async def settle(self) -> None:
        """Wait until everything that the client has sent is dealt with: what is told as handled then is all of it."""
        if self._unfinished:
            self._settling = asyncio.get_running_loop().create_future()
            await self._settling

    def goodbye(self) -> None:
        """The client ends its stream in order: nothing is to be resumed."""
        self.outbox.acks = None

    # To the client.

    def send(self, stanza: Element, archived: str = "") -> None:
        """Send a stanza; ``archived`` is the archive id of the message that it carries."""
        self.deliver(write(stanza), archived)

    def deliver(self, text: str, archived: str = "", *, held_as: str = "") -> None:
        """Send a stanza's text, as ``Outbox.deliver`` does."""
        if self.ended:
            return
        self.outbox.deliver(text, archived, held_as=held_as)
        if self.outbox.overflows:
            logger.info("a client acknowledges nothing", extra={"address": self.bare})
            self.end(StreamError("resource-constraint", "too much waits for an acknowledgement"))

    def has(self, archived: str) -> bool:
        """Whether the client was given this message."""
        return self.outbox.has(archived)

    def note_given(self, message: Message) -> None:
        """The archive gave the client this message: it is not to be given again."""
        self.outbox.remember(message.id)
        if message.sender != self.address:
            self.node.delivered.note(self.address, message.id)

    # Stream management.

    def _manage(self, name: str, found: Element) -> None:
        if name == "enable":
            self._enable(found.get("resume") in ("true", "1"))
        elif name == "r" and self.acks is not None:
            self._owes_ack = True
            self._acknowledge(final=not self._unfinished)
        elif name == "a" and self.acks is not None:
            self.outbox.acknowledged(found.get("h"))
        else:
            condition = element(qualified(STANZA_ERRORS, "unexpected-request"))
            self._raw(element(qualified(SM, "failed"), condition))

    def _enable(self, resume: bool) -> None:
        if self.acks is not None:
            condition = element(qualified(STANZA_ERRORS, "unexpected-request"))
            self._raw(element(qualified(SM, "failed"), condition))
            return
        self.outbox.acks = Acks()
        self._unfinished.clear()
        self.resumption = secrets.token_urlsafe(16) if resume else ""
        enabled = element(
            qualified(SM, "enabled"),
            id=self.resumption or None,
            resume="true" if resume else None,
            max=str(self.node.settings.resume_seconds) if resume else None,
        )
        self._raw(enabled)

    def _acknowledge(self, final: bool = True) -> None:
        """Say how much has been handled: at once when asked, and again when all before that has been stored."""
        self._owes_ack = not final
        if self.acks is not None:
            self._raw(element(qualified(SM, "a"), h=str(self.acks.handled)))

    def _raw(self, found: Element) -> None:
        if self.stream is not None:
            self.stream.send(found)

    def lost(self, stream: Stream) -> None:
        """The stream has ended. What can be resumed waits for that; else the session is over."""
        if self.stream is not stream:
            return  # resumed over another one meanwhile
        self.outbox.stream = None
        if self.acks is None or not self.resumption or self.ended:
            self.end()
        else:
            self._away = asyncio.get_running_loop().call_later(self.node.settings.resume_seconds, self.end)

    def resume(self, stream: Stream, count: int) -> None:
        """Go on over a new stream.

        Raises:
            StreamError: the client acknowledges more than it was sent.
        """
        assert self.acks is not None  # noqa: S101
        if self._away is not None:
            self._away.cancel()
            self._away = None
        former, self.outbox.stream = self.stream, stream
        if former is not None and former is not stream:
            former.session = None
            former.fail(StreamError("conflict", "the session goes on over another connection"))
        self.outbox.acknowledged(str(count))
        self._raw(element(qualified(SM, "resumed"), h=str(self.acks.handled), previd=self.resumption))
        self.outbox.send_again()

    def expel(self, error: StreamError) -> None:
        """End the session for good: nothing can be resumed."""
        self.outbox.acks = None
        self.end(error)

    def end(self, error: StreamError | None = None) -> None:
        """The session is over; ``error`` tells its client why."""
        if self.ended:
            return
        self.ended = True
        if self._away is not None:
            self._away.cancel()
        stream, self.outbox.stream = self.stream, None
        if stream is not None:
            stream.session = None
            if error is not None:
                stream.fail(error)
            else:
                stream.close()
        self.node.unbind(self)

    @property
    def is_away(self) -> bool:
        """Whether its connection is lost and may come back."""
        return self.stream is None and not self.ended


def _normal(jid: str) -> str:
    """A JID in its normal form.

    Raises:
        StanzaError: it is none.
    """
    try:
        return str(JID(jid))
    except ValueError as error:
        raise StanzaError("jid-malformed", f"{jid[:80]!a} is not a JID") from error
