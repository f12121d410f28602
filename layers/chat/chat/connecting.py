"""Connections come and go: opened with the chosen status, lost with a grace period, removed for good."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat.addresses import Address
from chat.errors import SessionExpired, TooManyConnections
from chat.presence import GRACE, LIFETIME, MAX_CONNECTIONS, WEB, Connection, Status, connections_in
from chat.store import ConditionFailed, Item
from chat.tables import Tables
from chat.tables.directory import chosen_status, user_from

if TYPE_CHECKING:
    from chat.push import Pusher

_SLACK = 2000
"""Milliseconds that clocks of two functions may differ."""


def open_web(tables: Tables, address: Address, connection_id: str, now: int) -> Connection:
    """Register a webmail connection with the status that the user chose last.

    It takes the place of connections that were lost a moment ago, and of expired ones, whose end nobody reported. It
    idles as those that were lost did, else as all that are there do, so that a client which reconnects or renews its
    connection causes no change that others would see.

    Raises:
        SessionExpired: the user has been disabled or removed since the ticket was given.
        TooManyConnections: the user has 50.
    """
    user_key, setting_key = tables.directory.user_key(address), tables.directory.setting_key(address)
    presence_key = tables.connections.presence_key(address)
    strong = [tables.directory.name, tables.connections.name]
    found = tables.store.get_many([user_key, setting_key, presence_key], consistent=strong)
    _check_active(found.get(user_key), address)
    registered, connections = connections_in(found.get(presence_key)), connections_in(found.get(presence_key), now)
    lost = [each for each in connections if each.is_web and each.leaving is not None]
    staying = len(connections) - len(lost)
    before = lost or [each for each in connections if each.is_web]
    if staying >= MAX_CONNECTIONS:
        raise TooManyConnections(f"{address} has {staying} connections, allowed are {MAX_CONNECTIONS}")
    chosen = chosen_status(found.get(setting_key))
    idle = chosen is Status.AVAILABLE and bool(before) and all(each.idle for each in before)
    expires = now // 1000 + LIFETIME
    connection = Connection(f"{WEB}{connection_id}", Status.AWAY if idle else chosen, now, expires, idle)
    latest = max([expires, *(each.expires for each in connections)])
    replaced = [each.ref for each in registered if each in lost or each not in connections]
    tables.connections.open(address, connection, now, latest, replaced)
    tables.connections.unwatch(address.domain, replaced)
    return _settle(tables, address, connection, chosen, now)


def _settle(tables: Tables, address: Address, connection: Connection, chosen: Status, now: int) -> Connection:
    """Look again at what may have changed while the connection was opened, and had not seen it."""
    user_key, setting_key = tables.directory.user_key(address), tables.directory.setting_key(address)
    found = tables.store.get_many([user_key, setting_key], consistent=[tables.directory.name])
    try:
        _check_active(found.get(user_key), address)
    except SessionExpired:
        remove(tables, address, [connection.ref], now)
        raise
    status = chosen_status(found.get(setting_key))
    if status is chosen:
        return connection
    try:
        tables.connections.set_status(address, {connection.ref: (status, False)}, now)
    except ConditionFailed:
        raise SessionExpired("the connection was removed while it was opened") from None
    return replace(connection, status=status, idle=False)


def _check_active(item: Item | None, address: Address) -> None:
    user = user_from(item, address.domain)
    if user is None or not user.active:
        raise SessionExpired("the session is over; log in again")


def close_web(tables: Tables, pusher: Pusher, address: Address, connection_id: str, goodbye: bool, now: int) -> None:
    """A webmail connection has ended: after a goodbye it is removed, else it has the grace period to come back."""
    ref = f"{WEB}{connection_id}"
    if goodbye:
        remove(tables, address, [ref], now)
    else:
        pusher.lost(address, ref, now)


def remove_lost(tables: Tables, address: Address, ref: str, now: int) -> None:
    """A grace period is over: remove the connection, if it was lost that long ago and is still there."""
    for each in connections_in(tables.connections.of(address)):
        if each.ref == ref and (each.leaving is None or now - each.leaving < GRACE - _SLACK):
            return
    remove(tables, address, [ref], now)


def remove(tables: Tables, address: Address, refs: list[str], now: int) -> None:
    """Remove connections, and first what they watched; the fan-out announces what changes."""
    tables.connections.unwatch(address.domain, refs)
    tables.connections.remove(address, refs, now)


def open_link(tables: Tables, node: str, connection_id: str, now: int) -> None:
    """Register a link of a bridge node. A node has two for a moment while it renews."""
    tables.connections.add_link(node, connection_id, now, now // 1000 + LIFETIME)


def close_link(tables: Tables, node: str, connection_id: str) -> None:
    """A link has ended."""
    tables.connections.remove_link(node, connection_id)
