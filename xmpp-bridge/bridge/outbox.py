"""What a session is sent: given once, held back while its client sleeps, and kept until it is acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from bridge.acks import Acks, Sent, TooHigh, TooMany
from bridge.elements import namespace_of
from bridge.errors import StreamError
from bridge.features import count_of
from bridge.names import CHAT_STATES, MESSAGE, PRESENCE, SM
from bridge.wire import Lost
from chat.addresses import Address

if TYPE_CHECKING:
    from bridge.delivered import Delivered
    from bridge.stream import Stream

logger = logging.getLogger(__name__)

MAX_HELD = 1000
"""Stanzas that wait while a client is inactive (XEP-0352)."""
_REMEMBERED = 1000
"""Messages that are remembered as given, to give none twice."""
_ASK = f'<r xmlns="{SM}"/>'


class Outbox:
    """The way to one session's client. ``stream`` is None while the client is away and may resume."""

    def __init__(self, stream: Stream, address: Address, delivered: Delivered) -> None:
        self.stream: Stream | None = stream
        self.acks: Acks | None = None
        """The counters of stream management, where the client has enabled it."""
        self.overflows = False
        """Whether the client acknowledges nothing, so that its session has to end."""
        self.waits: asyncio.Event | None = None
        """Set when ``room`` has to wait for the client."""
        self._ended = False
        self._changed: asyncio.Future[None] | None = None
        self._address = address
        self._delivered = delivered
        self._gets_all = False
        self._taken = ""
        """The newest message that the client has taken while it does not get every one."""
        self._inactive = False
        self._held: OrderedDict[str, str] = OrderedDict()
        self._given: OrderedDict[str, None] = OrderedDict()

    @property
    def gets_all(self) -> bool:
        """Whether the client gets every message of its user, and has been given those of the time before: offline
        delivery begins behind what it has taken, then."""
        return self._gets_all

    @gets_all.setter
    def gets_all(self, gets_all: bool) -> None:
        self._gets_all = gets_all
        if gets_all and self._taken:
            self._delivered.note(self._address, self._taken)

    def attach(self, stream: Stream | None) -> None:
        """What is sent goes over another stream now; None while the client is away."""
        self.stream = stream
        self._change()

    def end(self) -> None:
        """Nothing more is sent."""
        self.stream, self._ended = None, True
        self._change()

    async def room(self) -> bool:
        """Wait until the client has taken most of what it was sent, before more is made for it; False once its session
        is over. Whoever sends much at once asks before each stanza: a burst of ours must not look like a client that
        takes nothing."""
        while not self._ended:
            stream = self.stream
            if stream is not None and (self.acks is None or self.acks.has_room):
                if stream.has_room:
                    return True
                self._wait()
                await self._await_drain(stream)
                continue
            self._wait()
            if stream is not None and self.acks is not None and self.acks.is_unasked:
                self._ask()
            await self._await_change()
        return False

    def _wait(self) -> None:
        if self.waits is not None:
            self.waits.set()

    async def _await_drain(self, stream: Stream) -> None:
        """Wait until a stream has taken what waits, or something else changes: it may never take it."""
        drained = asyncio.ensure_future(stream.drained())
        try:
            await asyncio.wait((drained, self._next_change()), return_when=asyncio.FIRST_COMPLETED)
            if drained.done() and isinstance(drained.exception(), Lost) and self.stream is stream:
                await self._await_change()
        finally:
            drained.cancel()

    async def _await_change(self) -> None:
        await asyncio.shield(self._next_change())

    def _next_change(self) -> asyncio.Future[None]:
        if self._changed is None:
            self._changed = asyncio.get_running_loop().create_future()
        return self._changed

    def _change(self) -> None:
        if self._changed is not None:
            self._changed.set_result(None)
            self._changed = None

    def deliver(self, text: str, archived: str = "", *, held_as: str = "") -> None:
        """Send a stanza's text; ``archived`` is the archive id of the message that it carries.

        With ``held_as`` it may wait while the client is inactive, and the next one with the same takes its place.
        """
        if archived:
            self.remember(archived)
        if held_as and self._inactive and (held_as in self._held or len(self._held) < MAX_HELD):
            self._held.pop(held_as, None)
            self._held[held_as] = text
            return
        if self._held and archived:
            self._release()  # what waited comes first, in order
        self._transmit(text, archived)

    def has(self, archived: str) -> bool:
        """Whether the client was given this message."""
        return archived in self._given

    def remember(self, archived: str) -> None:
        """The client has been given this message."""
        self._given[archived] = None
        while len(self._given) > _REMEMBERED:
            self._given.popitem(last=False)

    def sleeps(self, inactive: bool) -> None:
        """The client says whether it is looked at (XEP-0352)."""
        self._inactive = inactive
        if not inactive:
            self._release()

    def acknowledged(self, text: str | None) -> list[str]:
        """The client says how many stanzas it has handled; returns the archive ids of the messages that it has taken.

        Raises:
            StreamError: it is no number, or more than were sent.
        """
        count = count_of(text)
        if count is None or self.acks is None:
            raise StreamError("bad-format", "an acknowledgement needs the attribute h")
        try:
            done = self.acks.acknowledge(count)
        except TooHigh:
            told = f"{count} stanzas were acknowledged, {self.acks.sent} were sent"
            raise StreamError("undefined-condition", told) from None
        for each in done:
            self._take(each.archived)
        self._change()
        return [each.archived for each in done if each.archived]

    def _take(self, archived: str) -> None:
        """The client has taken a message, or something else for ""."""
        if archived and self._gets_all:
            self._delivered.note(self._address, archived)
        else:
            self._taken = max(self._taken, archived)

    def send_again(self) -> None:
        """Send what was not acknowledged, after a resumption."""
        if self.acks is None or self.stream is None:
            return
        self._inactive = False
        for each in self.acks.unacknowledged():
            self.stream.write(each.text)
        self._release()
        self._ask()

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
                self.overflows = True
                return
        written = self.stream is not None and self.stream.write(text)
        if ask:
            self._ask()
        if written and self.acks is None:
            self._take(archived)

    def _ask(self) -> None:
        if self.acks is not None and self.stream is not None:
            self.acks.asked()
            self.stream.write(_ASK)


def hold_key(stanza: Element) -> str:
    """Under which name a stanza waits for an inactive client (XEP-0352 §5.1): presence and typing by sender; "" for
    what must not wait."""
    if stanza.tag == PRESENCE and stanza.get("type") in (None, "unavailable"):
        return f"presence {stanza.get('from')}"
    if stanza.tag == MESSAGE and len(stanza) == 1 and namespace_of(stanza[0]) == CHAT_STATES:
        return f"typing {stanza.get('from')}"
    return ""
