"""A bound resource: what its client sends, what it is sent, and what lasts while its connection is away."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import OrderedDict, deque
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from slixmpp import JID

from bridge.acks import RESUMABLE, Acks, Sent, TooHigh, TooMany
from bridge.elements import element, local_name, namespace_of, qualified, write
from bridge.errors import StanzaError, StreamError, error_reply, of_chat_error
from bridge.features import count_of
from bridge.names import CHAT_STATES, CSI, MESSAGE, PRESENCE, SM, STANZAS
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

_REMEMBERED = 1000
"""Messages that a session remembers as given, to give none twice."""
MAX_HELD = 1000
"""Stanzas that wait while a client is inactive."""
MAX_DIRECTED = 200
"""Entities that a session may have sent directed presence to."""


class Session:
    """One XMPP resource of a user. ``stream`` is None while the client is away and may resume."""

    def __init__(self, node: Node, stream: Stream, address: Address, resource: str) -> None:
        self.node = node
        self.address = address
        self.resource = resource
        self.bare = str(address)
        self.jid = f"{address}/{resource}"
        self.stream: Stream | None = stream
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
        self.acks: Acks | None = None
        self.resumption = ""
        self._away: asyncio.TimerHandle | None = None
        self._unfinished: deque[list[bool]] = deque()
        self._owes_ack = False
        self._settling: asyncio.Future[None] | None = None
        self._inactive = False
        self._held: OrderedDict[str, str] = OrderedDict()
        self._given: OrderedDict[str, None] = OrderedDict()
        self._bucket = Bucket(node.stanzas_per_second, node.stanza_burst)

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
            self._inactive = name == "inactive"
            if not self._inactive:
                self._release()
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
        self.acks = None

    # To the client.

    def send(self, stanza: Element, archived: str = "") -> None:
        """Send a stanza; ``archived`` is the archive id of the message that it carries."""
        self.deliver(write(stanza), archived)

    def deliver(self, text: str, archived: str = "", *, held_as: str = "") -> None:
        """Send a stanza's text. With ``held_as``, it may wait while the client is inactive, and the next one with the
        same takes its place."""
        if self.ended:
            return
        if archived:
            self._remember(archived)
        if held_as and self._inactive and len(self._held) < MAX_HELD:
            self._held.pop(held_as, None)
            self._held[held_as] = text
            return
        if self._held and archived:
            self._release()  # what waited comes first, in order
        self._transmit(text, archived)

    def has(self, archived: str) -> bool:
        """Whether the client was given this message."""
        return archived in self._given

    def note_given(self, message: Message) -> None:
        """The archive gave the client this message: it is not to be given again."""
        self._remember(message.id)
        if message.sender != self.address:
            self.node.delivered.note(self.address, message.id)

    def _remember(self, archived: str) -> None:
        self._given[archived] = None
        while len(self._given) > _REMEMBERED:
            self._given.popitem(last=False)

    def _release(self) -> None:
        held, self._held = self._held, OrderedDict()
        for text in held.values():
            self._transmit(text)

    def _transmit(self, text: str, archived: str = "") -> None:
        ask = False
        if self.acks is not None:
            try:
                ask = self.acks.send(Sent(text, archived))
            except TooMany:
                logger.info("a client acknowledges nothing", extra={"address": self.bare})
                self.end(StreamError("resource-constraint", "too much waits for an acknowledgement"))
                return
        elif archived:
            self.node.delivered.note(self.address, archived)
        if self.stream is not None:
            self.stream.write(text)
            if ask and self.acks is not None:
                self.acks.asked()
                self.stream.write(f'<r xmlns="{SM}"/>')

    # Stream management.

    def _manage(self, name: str, found: Element) -> None:
        if name == "enable":
            self._enable(found.get("resume") in ("true", "1"))
        elif name == "r" and self.acks is not None:
            self._owes_ack = True
            self._acknowledge(final=not self._unfinished)
        elif name == "a" and self.acks is not None:
            self._take_ack(found.get("h"))
        else:
            condition = element(qualified("urn:ietf:params:xml:ns:xmpp-stanzas", "unexpected-request"))
            self._raw(element(qualified(SM, "failed"), condition))

    def _enable(self, resume: bool) -> None:
        if self.acks is not None:
            condition = element(qualified("urn:ietf:params:xml:ns:xmpp-stanzas", "unexpected-request"))
            self._raw(element(qualified(SM, "failed"), condition))
            return
        self.acks = Acks()
        self._unfinished.clear()
        self.resumption = secrets.token_urlsafe(16) if resume else ""
        enabled = element(
            qualified(SM, "enabled"),
            id=self.resumption or None,
            resume="true" if resume else None,
            max=str(RESUMABLE) if resume else None,
        )
        self._raw(enabled)

    def _acknowledge(self, final: bool = True) -> None:
        """Say how much has been handled: at once when asked, and again when all before that has been stored."""
        self._owes_ack = not final
        if self.acks is not None:
            self._raw(element(qualified(SM, "a"), h=str(self.acks.handled)))

    def _take_ack(self, text: str | None) -> None:
        count = count_of(text)
        if count is None or self.acks is None:
            raise StreamError("bad-format", "an acknowledgement needs the attribute h")
        try:
            done = self.acks.acknowledge(count)
        except TooHigh:
            raise StreamError(
                "undefined-condition", f"{count} stanzas were acknowledged, {self.acks.sent} were sent"
            ) from None
        for each in done:
            if each.archived:
                self.node.delivered.note(self.address, each.archived)

    def _raw(self, found: Element) -> None:
        if self.stream is not None:
            self.stream.send(found)

    def lost(self, stream: Stream) -> None:
        """The stream has ended. What can be resumed waits for that; else the session is over."""
        if self.stream is not stream:
            return  # resumed over another one meanwhile
        self.stream = None
        if self.acks is None or not self.resumption or self.ended:
            self.end()
        else:
            self._away = asyncio.get_running_loop().call_later(RESUMABLE, self.end)

    def resume(self, stream: Stream, count: int) -> None:
        """Go on over a new stream.

        Raises:
            StreamError: the client acknowledges more than it was sent.
        """
        assert self.acks is not None  # noqa: S101
        if self._away is not None:
            self._away.cancel()
            self._away = None
        former, self.stream = self.stream, stream
        if former is not None and former is not stream:
            former.session = None
            former.fail(StreamError("conflict", "the session goes on over another connection"))
        self._inactive = False
        self._take_ack(str(count))
        self._raw(element(qualified(SM, "resumed"), h=str(self.acks.handled), previd=self.resumption))
        for each in self.acks.unacknowledged():
            stream.write(each.text)
        self._release()
        stream.write(f'<r xmlns="{SM}"/>')
        self.acks.asked()

    def end(self, error: StreamError | None = None) -> None:
        """The session is over; ``error`` tells its client why."""
        if self.ended:
            return
        self.ended = True
        if self._away is not None:
            self._away.cancel()
        stream, self.stream = self.stream, None
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


def hold_key(stanza: Element) -> str:
    """Under which name a stanza waits for an inactive client (XEP-0352 §5.1): presence and typing by sender; "" for
    what must not wait."""
    if stanza.tag == PRESENCE and stanza.get("type") in (None, "unavailable"):
        return f"presence {stanza.get('from')}"
    if stanza.tag == MESSAGE and len(stanza) == 1 and namespace_of(stanza[0]) == CHAT_STATES:
        return f"typing {stanza.get('from')}"
    return ""
