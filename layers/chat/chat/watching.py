"""Watching: a web client tells whom it shows, and is pushed the presence of those alone."""

from __future__ import annotations

from collections.abc import Collection

from chat.addresses import Address
from chat.callers import Caller
from chat.errors import NotConnected, Offline
from chat.items import Item
from chat.presence import LIFETIME, Presence, Status, blocked_in, connections_in, derive
from chat.tables import Tables
from chat.tables.connections import revision_of

MAX_WATCHED = 200
"""Contacts that one connection may watch: what a large screen shows at once."""


def watch(tables: Tables, caller: Caller, contacts: Collection[Address], now: int) -> list[Presence]:
    """Watch these contacts, all of the caller's domain, instead of those before; returns their presence.

    The watch is noted first and everything read after it, so that no change falls between, and no watch outlives a
    connection that ends meanwhile. A caller who is Offline watches nobody and sees everybody as offline. So it sees a
    contact that has blocked it; and one that it has blocked itself, which it does not watch either.

    Raises:
        NotConnected: the connection is not registered.
    """
    watched, expires = {address.local for address in contacts}, now // 1000 + LIFETIME
    if watched:
        tables.connections.watch(caller.address, caller.ref, watched, expires)
    present = tables.connections.of_many([*contacts, caller.address], consistent=True)
    try:
        caller.online_connection(present.get(caller.address), now)
    except Offline:
        tables.connections.unwatch(caller.address.domain, [caller.ref])
        return [Presence(address, Status.OFFLINE, 0) for address in contacts]
    except NotConnected:
        tables.connections.unwatch(caller.address.domain, [caller.ref])
        raise
    blocked = blocked_in(present.get(caller.address))
    if not watched - blocked:
        tables.connections.unwatch(caller.address.domain, [caller.ref])
    elif watched & blocked:
        tables.connections.watch(caller.address, caller.ref, watched - blocked, expires)
    return [_seen(caller, blocked, address, present.get(address), now) for address in contacts]


def _seen(caller: Caller, blocked: frozenset[str], address: Address, item: Item | None, now: int) -> Presence:
    apart = address.local in blocked or caller.address.local in blocked_in(item)
    return Presence(address, Status.OFFLINE if apart else derive(connections_in(item, now)), revision_of(item))
