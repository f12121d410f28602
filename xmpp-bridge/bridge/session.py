"""A bound resource: what its client sends, what it is sent, and what lasts while its connection is away."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from slixmpp import JID

from chat.aws import metrics
from chat.aws.socket import is_busy
from bridge.acks import Acks
from bridge.elements import element, local_name, namespace_of, qualified, write
from bridge.errors import StanzaError, StreamError, error_reply, of_chat_error
from bridge.handling import Handling, Token
from bridge.names import CSI, MESSAGE, PRESENCE, SM, STANZA_ERRORS, STANZAS
from bridge.outbox import Outbox
from bridge.rates import Bucket
from bridge.repeats import Repeats
from bridge.turns import Turns
from chat import metrics as declared
from chat import trail
from chat.addresses import Address
from chat.errors import Busy, ChatError, Internal
from chat.presence import XMPP, Status
from chat.trail import Step

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
        self.name = trail.connection(address, f"{XMPP}{node.name}:{resource}")
        """How the log names it."""
        self.ended = False
        self.since = node.now()
        """When it was bound, in ms since the epoch."""
        self.authenticated_at = stream.authenticated_at
        """When its client began to prove who it is."""
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
        self.roster_version = ""
        """The version of the roster that the client has."""
        self.roster_changes: dict[str, None] = {}
        """Contacts, by local parts, of which it has not been pushed yet what has changed."""
        self.block_interested = False
        self.archive_until = ""
        """Up to which message it could find all in the archive, which it asks: that is not delivered as offline
        messages; "" where it does not ask."""
        # Stream management (XEP-0198) and client state (XEP-0352).
        self.outbox = Outbox(stream, address, node.delivered)
        self.resumption = ""
        self._away: asyncio.TimerHandle | None = None
        self.handling = Handling(self._count)
        self._owes_ack = False
        self.turns = Turns(self)
        self.repeats = Repeats()
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

    async def receive(self, found: Element, stream: Stream) -> None:
        """Take one element of the client.

        Raises:
            StreamError: it ends the stream.
        """
        wait = self._bucket.take()
        if wait:
            await asyncio.sleep(wait)  # the client is not read meanwhile, so TCP slows it down
        if self.node.stopping:
            await self.node.stopped.wait()  # what comes now is not handled, and sent again elsewhere
        if self.stream is not stream:
            return  # the client has gone on over another one, where it sends again what was not handled
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
        token = self.handling.begin()
        if not await self.guard(stanza, self._handle(stanza, token)):
            self.finish(token)

    async def _handle(self, stanza: Element, token: Token) -> bool:
        """Give a stanza to its handler; whether ``token`` is finished later."""
        handlers = self.node.handlers
        if (to := stanza.get("to")) is not None:
            stanza.set("to", _normal(to))
        if stanza.tag == MESSAGE:
            waits: bool = await handlers.message(self, stanza, token)
            return waits
        if stanza.tag == PRESENCE:
            await handlers.presence(self, stanza)
        else:
            await handlers.iq(self, stanza)
        return False

    async def guard(self, stanza: Element, work: Awaitable[bool]) -> bool:
        """Do what a stanza asks for; what fails is answered with an error, and False."""
        try:
            return await work
        except StanzaError as error:
            self.refuse(stanza, error)
        except ChatError as error:
            self.refuse(stanza, of_chat_error(error))
        except Exception as error:  # the boundary: a client gets a condition, the log the stack
            if is_busy(error):
                metrics.note_outcome(Busy.code)
                self.refuse(stanza, StanzaError("resource-constraint", "the store is busy; try again"))
            else:
                metrics.note_outcome(Internal.code)
                logger.exception("a stanza failed")
                self.refuse(stanza, StanzaError("internal-server-error"))
        return False

    def refuse(self, stanza: Element, error: StanzaError) -> None:
        """Answer a stanza of the client with an error."""
        reply = error_reply(stanza, error)
        if reply is not None:
            reply.set("to", self.jid)
            if stanza.get("to") is None:
                reply.set("from", self.bare)
            self.send(reply)

    def finish(self, token: Token) -> None:
        """A stanza is dealt with. Where the client has asked for the count, it is told once all of them are."""
        self.handling.finish(token)
        if self._owes_ack and self.handling.is_settled:
            self._acknowledge()

    def _count(self) -> None:
        if self.acks is not None:
            self.acks.handle()

    async def goodbye(self) -> None:
        """The client ends its stream in order: it is told what has been handled, and nothing is to be resumed."""
        await self.handling.settle()
        self._acknowledge()
        self.outbox.acks = None

    # To the client.

    def send(self, stanza: Element, archived: str = "") -> None:
        """Send a stanza; ``archived`` is the archive id of the message that it carries."""
        self.deliver(write(stanza), archived)

    def give(self, text: str, archived: str) -> None:
        """Give the client a message that comes to it, as a stanza's text; what it asks the archive for is delivered."""
        if not self.ended:
            metrics.note(declared.DELIVERIES, of=declared.XMPP)
        self.deliver(text, archived)

    def deliver(self, text: str, archived: str = "", *, held_as: str = "") -> None:
        """Send a stanza's text, as ``Outbox.deliver`` does."""
        if self.ended:
            return
        self.outbox.deliver(text, archived, held_as=held_as)
        if self.outbox.overflows:
            logger.info("a client acknowledges nothing", extra={"session": self.name})
            self.end(StreamError("resource-constraint", "too much waits for an acknowledgement"))

    def has(self, archived: str) -> bool:
        """Whether the client was given this message."""
        return self.outbox.has(archived)

    # Stream management.

    def _manage(self, name: str, found: Element) -> None:
        if name == "enable":
            self._enable(found.get("resume") in ("true", "1"))
        elif name == "r" and self.acks is not None:
            self._owes_ack = True
            self._acknowledge(final=self.handling.is_settled)
        elif name == "a" and self.acks is not None:
            self._acknowledged(found.get("h"))
        else:
            condition = element(qualified(STANZA_ERRORS, "unexpected-request"))
            self._raw(element(qualified(SM, "failed"), condition))

    def _enable(self, resume: bool) -> None:
        if self.acks is not None:
            condition = element(qualified(STANZA_ERRORS, "unexpected-request"))
            self._raw(element(qualified(SM, "failed"), condition))
            return
        self.outbox.acks = Acks()
        self.handling.forget()
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

    def _acknowledged(self, count: str | None) -> None:
        """The client says how much it has handled."""
        if taken := self.outbox.acknowledged(count):
            trail.note(Step.TAKEN, *taken, to=[self.name])

    def _raw(self, found: Element) -> None:
        if self.stream is not None:
            self.stream.send(found)

    def lost(self, stream: Stream) -> None:
        """The stream has ended. What can be resumed waits for that; else the session is over."""
        if self.stream is not stream:
            return  # it goes on over another one
        if self.acks is None or not self.resumption or self.ended:
            self.end()
            return
        self.outbox.attach(None)
        self._away = asyncio.get_running_loop().call_later(self.node.settings.resume_seconds, self.end)

    async def displace(self) -> None:
        """The client is about to go on over another stream: the former one ends; what came over it is dealt with."""
        former = self.stream
        if former is not None:
            self.lost(former)
            former.session = None
            former.fail(StreamError("conflict", "the session goes on over another connection"))
        await self.handling.settle()

    def resume(self, stream: Stream, count: int) -> None:
        """Go on over a new stream, after ``displace``.

        Raises:
            StreamError: the client acknowledges more than it was sent.
        """
        assert self.acks is not None  # noqa: S101
        if self._away is not None:
            self._away.cancel()
            self._away = None
        self.outbox.attach(stream)
        self._acknowledged(str(count))
        self._raw(element(qualified(SM, "resumed"), h=str(self.acks.handled), previd=self.resumption))
        self.outbox.send_again()

    def expel(self, error: StreamError) -> None:
        """End the session for good: nothing can be resumed."""
        self._acknowledge(final=self.handling.is_settled)
        self.outbox.acks = None
        self.end(error)

    def end(self, error: StreamError | None = None) -> None:
        """The session is over; ``error`` tells its client why."""
        if self.ended:
            return
        self.ended = True
        if self._away is not None:
            self._away.cancel()
        stream = self.stream
        self.outbox.end()
        try:
            if stream is not None:
                stream.session = None
                if error is not None:
                    stream.fail(error)
                else:
                    stream.close()
        finally:
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
