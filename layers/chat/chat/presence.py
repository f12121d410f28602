"""Status, connections and the presence that is derived from them.

A connection is one live session of a user: a webmail WebSocket (``web:<connection id>``) or an XMPP resource
(``xmpp:<node>:<resource>``). The presence of a user is the best of its connections' statuses, in the order busy,
available, away, offline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chat.addresses import Address
from chat.items import Item


class Status(StrEnum):
    """What the status menu offers."""

    AVAILABLE = "available"
    AWAY = "away"
    BUSY = "busy"
    OFFLINE = "offline"


_RANK = (Status.BUSY, Status.AVAILABLE, Status.AWAY)

WEB = "web:"
XMPP = "xmpp:"
WEBMAIL = "webmail"
"""The resource as which XMPP clients see all of a user's webmail connections together."""

GRACE = 10_000
"""Milliseconds in which a lost connection may come back before its user is announced as gone."""
LIFETIME = 2 * 3600 + 600
"""Seconds after which a webmail connection cannot be alive: API Gateway closes it after 2 hours."""
XMPP_LIFETIME = 2 * LIFETIME
"""Seconds after which an XMPP resource is gone that its bridge node has not renewed: the longest of all connections."""
MAX_CONNECTIONS = 50
"""Connections of one user, so that the presence item and a delivery stay small."""
MAX_RESOURCE = 512
"""Bytes of an XMPP resource. RFC 7622 §3.4 allows 1,023; DynamoDB's sort keys have no room for an address and that."""
MAX_PAYLOAD = 1024
"""Characters of an XMPP client's presence, as the presence item keeps it."""
PRIORITIES = range(-128, 128)
"""Priorities of an XMPP resource (RFC 6121 §4.7.2.3)."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection as the presence item keeps it. Times in ms since the epoch, ``expires`` in s."""

    ref: str
    status: Status
    since: int
    expires: int
    idle: bool = False
    """Away by itself, not by the user's choice."""
    leaving: int | None = None
    """When it was lost; it is gone for good ``GRACE`` later unless that was a mistake."""
    priority: int = 0
    """Of an XMPP resource: which of several a client prefers; below 0, it takes no messages (RFC 6121 §4.7.2.3)."""
    payload: str = ""
    """Of an XMPP resource: the children of its presence stanza, as XML."""

    @property
    def is_web(self) -> bool:
        return self.ref.startswith(WEB)

    @property
    def connection_id(self) -> str:
        """The API Gateway connection of a webmail connection."""
        return self.ref.removeprefix(WEB)

    @property
    def node(self) -> str:
        """The bridge node of an XMPP resource."""
        return self.ref.split(":", 2)[1]

    @property
    def resource(self) -> str:
        """The resource of an XMPP connection."""
        return self.ref.split(":", 2)[2]

    @property
    def receives(self) -> bool:
        """Whether messages and events go to it."""
        return self.leaving is None and not (self.is_web and self.status is Status.OFFLINE)

    def attribute(self) -> Item:
        """What the presence item stores under ``ref``."""
        return {
            "status": str(self.status),
            "since": self.since,
            "expires": self.expires,
            "idle": self.idle or None,
            "leaving": self.leaving,
            "priority": self.priority or None,
            "payload": self.payload or None,
        }


def connections_in(item: Mapping[str, Any] | None, now: int | None = None) -> list[Connection]:
    """The connections that a presence item holds; with ``now``, in ms, without the expired ones."""
    found = [
        Connection(
            ref,
            Status(value["status"]),
            value["since"],
            value["expires"],
            value.get("idle", False),
            value.get("leaving"),
            value.get("priority", 0),
            value.get("payload", ""),
        )
        for ref, value in (item or {}).items()
        if ref.startswith((WEB, XMPP))
    ]
    return [each for each in found if now is None or each.expires * 1000 > now]


def blocked_in(item: Mapping[str, Any] | None) -> frozenset[str]:
    """The local parts that a user has blocked, as its presence item knows them while somebody is connected."""
    return frozenset((item or {}).get("blocked", ()))


def derive(connections: Iterable[Connection]) -> Status:
    """The presence of a user with these connections. A leaving connection counts until it is removed."""
    statuses = {connection.status for connection in connections}
    return next((status for status in _RANK if status in statuses), Status.OFFLINE)


@dataclass(frozen=True, slots=True)
class Presence:
    """A user's presence as others see it; of two, the one with the higher revision holds."""

    address: Address
    status: Status
    revision: int
