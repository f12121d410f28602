"""Watching: a web client tells whom it shows, and is pushed the presence of those alone."""

from __future__ import annotations

from collections.abc import Collection

from chat.addresses import Address
from chat.callers import Caller
from chat.presence import Presence, Status, connections_in, derive
from chat.tables import Tables

MAX_WATCHED = 200
"""Contacts that one connection may watch: what a large screen shows at once."""


def watch(tables: Tables, caller: Caller, contacts: Collection[Address], now: int) -> list[Presence]:
    """Watch these contacts, all of the caller's domain, instead of those before; returns their presence.

    The watch is noted before the presence is read, so that no change falls between. A caller who is Offline watches
    nobody and sees everybody as offline.

    Raises:
        NotConnected: the connection is not registered.
    """
    connection, _ = caller.connection(tables.connections.of(caller.address), now)
    if connection.is_web and connection.status is Status.OFFLINE:
        return [Presence(address, Status.OFFLINE, now) for address in contacts]
    if contacts:
        watched = {address.local for address in contacts}
        tables.connections.watch(caller.address, caller.ref, watched, connection.expires)
    else:
        tables.connections.unwatch(caller.address.domain, [caller.ref])
    present = tables.connections.of_many(contacts, consistent=False)
    return [_seen(address, present.get(address), now) for address in contacts]


def _seen(address: Address, item: dict[str, object] | None, now: int) -> Presence:
    at = item.get("at") if item else None
    return Presence(address, derive(connections_in(item, now)), at if isinstance(at, int) else now)
