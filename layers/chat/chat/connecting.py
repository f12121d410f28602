"""Connections come and go: opened with the chosen status, lost with a grace period, removed for good."""

from __future__ import annotations

from chat.addresses import Address
from chat.errors import SessionExpired, TooManyConnections
from chat.presence import LIFETIME, MAX_CONNECTIONS, WEB, Connection, Status, connections_in
from chat.push import Pusher
from chat.tables import Tables
from chat.tables.directory import chosen_status, user_from


def open_web(tables: Tables, address: Address, connection_id: str, now: int) -> Connection:
    """Register a webmail connection with the status that the user chose last.

    It takes the place of connections that were lost a moment ago, and their idling, so that a client which reconnects
    causes no change that others would see; and of expired ones, whose end nobody reported.

    Raises:
        SessionExpired: the user has been disabled or removed since the ticket was given.
        TooManyConnections: the user has 50.
    """
    keys = (
        tables.directory.user_key(address),
        tables.directory.setting_key(address),
        tables.connections.presence_key(address),
    )
    found = tables.store.get_many(keys, consistent=[tables.directory.name, tables.connections.name])
    user = user_from(found.get(keys[0]), address.domain)
    if user is None or not user.active:
        raise SessionExpired("the session is over; log in again")
    registered, connections = connections_in(found.get(keys[2])), connections_in(found.get(keys[2]), now)
    lost = [each for each in connections if each.is_web and each.leaving is not None]
    staying = len(connections) - len(lost)
    if staying >= MAX_CONNECTIONS:
        raise TooManyConnections(f"{address} has {staying} connections, allowed are {MAX_CONNECTIONS}")
    chosen = chosen_status(found.get(keys[1]))
    idle = chosen is Status.AVAILABLE and bool(lost) and all(each.idle for each in lost)
    expires = now // 1000 + LIFETIME
    connection = Connection(f"{WEB}{connection_id}", Status.AWAY if idle else chosen, now, expires, idle)
    latest = max([expires, *(each.expires for each in connections)])
    replaced = [each.ref for each in registered if each in lost or each not in connections]
    tables.connections.open(address, connection, now, latest, replaced)
    tables.connections.unwatch(address.domain, replaced)
    return connection


def close_web(tables: Tables, pusher: Pusher, address: Address, connection_id: str, goodbye: bool, now: int) -> None:
    """A webmail connection has ended: after a goodbye it is removed, else it has the grace period to come back."""
    ref = f"{WEB}{connection_id}"
    if goodbye:
        remove(tables, address, [ref], now)
    else:
        pusher.lost(address, ref, now)


def remove_lost(tables: Tables, address: Address, ref: str, now: int) -> None:
    """The grace period of a lost connection is over."""
    if any(each.ref == ref and each.leaving is not None for each in connections_in(tables.connections.of(address))):
        remove(tables, address, [ref], now)


def remove(tables: Tables, address: Address, refs: list[str], now: int) -> None:
    """Remove connections and what they watched; the fan-out announces what changes."""
    tables.connections.remove(address, refs, now)
    tables.connections.unwatch(address.domain, refs)


def open_link(tables: Tables, node: str, connection_id: str, now: int) -> None:
    """Register a link of a bridge node. A node has two for a moment while it renews."""
    tables.connections.add_link(node, connection_id, now, now // 1000 + LIFETIME)


def close_link(tables: Tables, node: str, connection_id: str) -> None:
    """A link has ended."""
    tables.connections.remove_link(node, connection_id)
