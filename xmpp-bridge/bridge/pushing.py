"""The push channel of a node: everything but its own sessions, which it gives what concerns them itself."""

from __future__ import annotations

from collections.abc import Iterable

from chat.addresses import Address
from chat.frames.events import Event
from chat.presence import XMPP
from chat.push import Channel, Grace, Pusher, Target
from chat.tables.connections import ConnectionsTable


class NodePusher(Pusher):
    """Delivers to webmail and to other nodes."""

    def __init__(self, channel: Channel, grace: Grace, connections: ConnectionsTable, *, node: str) -> None:
        super().__init__(channel, grace, connections)
        self._own = f"{XMPP}{node}:"

    def deliver(self, event: Event, targets: Iterable[Target], now: int) -> set[Address]:
        return super().deliver(event, [each for each in targets if not each.ref.startswith(self._own)], now)
