"""Watching: a web client tells whom it shows, and is pushed the presence of those alone."""

from __future__ import annotations

from collections.abc import Collection

from chat.addresses import Address
from chat.callers import Caller
from chat.errors import NotConnected, Offline
from chat.presence import LIFETIME, Presence, Status, connections_in, derive
from chat.store import Item
from chat.tables import Tables
from chat.tables.connections import revision_of

MAX_WATCHED = 200
"""Contacts that one connection may watch: what a large screen shows at once."""


def watch(tables: Tables, caller: Caller, contacts: Collection[Address], now: int) -> list[Presence]:
    """Watch these contacts, all of the caller's domain, instead of those before; returns their presence.

    The watch is noted first and everything read after it, so that no change falls between, and no watch outlives a
    connection that ends meanwhile. A caller who is Offline watches nobody and sees everybody as offline.

    Raises:
        NotConnected: the connection is not registered.
    """
    watched = {address.local for address in contacts}
    if watched:
        tables.connections.watch(caller.address, caller.ref, watched, now // 1000 + LIFETIME)
    present = tables.connections.of_many([*contacts, caller.address], consistent=True)
    try:
        caller.online_connection(present.get(caller.address), now)
    except Offline:
        tables.connections.unwatch(caller.address.domain, [caller.ref])
        return [Presence(address, Status.OFFLINE, 0) for address in contacts]
    except NotConnected:
        tables.connections.unwatch(caller.address.domain, [caller.ref])
        raise
    if not watched:
        tables.connections.unwatch(caller.address.domain, [caller.ref])
    return [_seen(address, present.get(address), now) for address in contacts]


def _seen(address: Address, item: Item | None, now: int) -> Presence:
    return Presence(address, derive(connections_in(item, now)), revision_of(item))
