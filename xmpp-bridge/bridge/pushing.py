"""The push channel of a node: everything but its own sessions, which it gives what concerns them itself."""

from __future__ import annotations

from collections.abc import Iterable

from chat.addresses import Address
from chat.frames.events import Event, ReadEvent, TypingEvent
from chat.presence import WEB, XMPP
from chat.push import Channel, Grace, Pusher, Target
from chat.tables.connections import ConnectionsTable


class NodePusher(Pusher):
    """Delivers to webmail and to other nodes."""

    def __init__(self, channel: Channel, grace: Grace, connections: ConnectionsTable, *, node: str) -> None:
        super().__init__(channel, grace, connections)
        self._own = f"{XMPP}{node}:"

    def deliver(self, event: Event, targets: Iterable[Target], now: int) -> set[Address]:
        """Push to who is not on this node. Typing and read marks go to webmail alone: they came as stanzas, which other
        nodes are sent as such."""
        kept = WEB if isinstance(event, TypingEvent | ReadEvent) else ""
        aims = [each for each in targets if each.ref.startswith(kept) and not each.ref.startswith(self._own)]
        return super().deliver(event, aims, now)
