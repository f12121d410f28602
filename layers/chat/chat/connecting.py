"""Connections come and go: webmail, XMPP resources, and the links of the bridge nodes that the resources are on.

Webmail opens with the chosen status and is lost with a grace period; an XMPP resource lives until its node closes it or
does not renew it; a node whose links are all gone has the grace period to come back.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chat.addresses import Address
from chat.errors import BadField, SessionExpired, TooManyConnections
from chat.items import Item
from chat.presence import (
    GRACE,
    LIFETIME,
    MAX_CONNECTIONS,
    MAX_PAYLOAD,
    MAX_RESOURCE,
    PRIORITIES,
    WEB,
    WEBMAIL,
    XMPP,
    XMPP_LIFETIME,
    Connection,
    Status,
    connections_in,
)
from chat.store import ConditionFailed
from chat.tables import Tables
from chat.tables.connections import revision_of
from chat.tables.directory import blocked_contacts, chosen_status, user_from

if TYPE_CHECKING:
    from chat.push import Pusher

_SLACK = 2000
"""Milliseconds that clocks of two functions may differ."""
_SESSION_KEPT = 30 * 24 * 3600
"""Seconds that a session row stays: longer than sessions last, because renewing a resource does not write it again."""


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
    chosen, blocked = chosen_status(found.get(setting_key)), blocked_contacts(found.get(setting_key))
    idle = chosen is Status.AVAILABLE and bool(before) and all(each.idle for each in before)
    expires = now // 1000 + LIFETIME
    connection = Connection(f"{WEB}{connection_id}", Status.AWAY if idle else chosen, now, expires, idle)
    latest = max([expires, *(each.expires for each in connections)])
    replaced = [each.ref for each in registered if each in lost or each not in connections]
    tables.connections.open(address, connection, now, latest, replaced, blocked=blocked)
    tables.connections.unwatch(address.domain, replaced)
    return _settle(tables, address, connection, chosen, blocked, now)


def _settle(
    tables: Tables, address: Address, connection: Connection, chosen: Status, blocked: frozenset[str], now: int
) -> Connection:
    """Look again at what may have changed while the connection was opened, and had not seen it."""
    user_key, setting_key = tables.directory.user_key(address), tables.directory.setting_key(address)
    found = tables.store.get_many([user_key, setting_key], consistent=[tables.directory.name])
    try:
        _check_active(found.get(user_key), address)
    except SessionExpired:
        remove(tables, address, [connection.ref], now)
        raise
    blocked_now = blocked_contacts(found.get(setting_key))
    if blocked_now != blocked:
        tables.connections.set_blocked(address, blocked_now, now)
    status = chosen_status(found.get(setting_key))
    if status is chosen:
        return connection
    try:
        tables.connections.set_status(address, {connection.ref: (status, False)}, now)
    except ConditionFailed:
        raise SessionExpired("the connection was removed while it was opened") from None
    return replace(connection, status=status, idle=False)


def _check_active(item: Item | None, address: Address) -> None:
    """Raises SessionExpired where a directory entry is not that of a user who may be connected."""
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


def open_xmpp(
    tables: Tables,
    node: str,
    address: Address,
    resource: str,
    status: Status,
    priority: int,
    payload: str,
    blocked: frozenset[str],
    now: int,
    new: bool = True,
) -> int:
    """Register an XMPP resource, change its presence or renew it for 4 hours; returns the user's presence revision.

    ``payload`` are the children of its presence stanza, as XML; ``blocked`` the local parts that the user has blocked,
    as its settings say. Costs one write, and one more for the session row of a ``new`` resource. One that is not new
    but was removed with a node that seemed dead is registered again.

    Raises:
        BadField: the resource, priority or payload is outside its limits.
        SessionExpired: it was removed, and the user has been disabled or removed since.
        TooManyConnections: the user has 50 others; this one is not registered.
    """
    _check_resource(resource, priority, payload)
    expires = now // 1000 + XMPP_LIFETIME
    connection = Connection(f"{XMPP}{node}:{resource}", status, now, expires, priority=priority, payload=payload)
    if not new:
        try:
            return revision_of(tables.connections.open_resource(address, connection, now, blocked, new=False))
        except ConditionFailed:
            user_key = tables.directory.user_key(address)
            found = tables.store.get_many([user_key], consistent=[tables.directory.name])
            _check_active(found.get(user_key), address)
    tables.connections.add_session(node, address, resource, now // 1000 + _SESSION_KEPT)
    item = tables.connections.open_resource(address, connection, now, blocked, new=True)
    count = len(connections_in(item, now))
    if count > MAX_CONNECTIONS:
        close_xmpp(tables, node, address, [resource], now)
        raise TooManyConnections(f"{address} has {count - 1} connections, allowed are {MAX_CONNECTIONS}")
    return revision_of(item)


def _check_resource(resource: str, priority: int, payload: str) -> None:
    size = len(resource.encode())
    if not 1 <= size <= MAX_RESOURCE:
        raise BadField(f"resource has {size} bytes, allowed are 1 to {MAX_RESOURCE}")
    if resource == WEBMAIL:
        raise BadField(f"the resource {WEBMAIL} stands for the user's webmail")
    if priority not in PRIORITIES:
        raise BadField(f"priority is {priority}, allowed are {PRIORITIES[0]} to {PRIORITIES[-1]}")
    if len(payload) > MAX_PAYLOAD:
        raise BadField(f"presence has {len(payload)} characters, allowed are {MAX_PAYLOAD}")


def close_xmpp(tables: Tables, node: str, address: Address, resources: list[str], now: int) -> None:
    """Remove XMPP resources of a user, at least one, and then their session rows; those that are gone do no harm."""
    tables.connections.remove(address, [f"{XMPP}{node}:{each}" for each in resources], now)
    tables.connections.remove_sessions(node, [(address, each) for each in resources])


def open_link(tables: Tables, node: str, connection_id: str, now: int) -> None:
    """Register a link of a bridge node. A node has two for a moment while it renews."""
    tables.connections.add_link(node, connection_id, now, now // 1000 + LIFETIME)


def close_link(tables: Tables, pusher: Pusher, node: str, connection_id: str, now: int) -> None:
    """A link has ended; the last one of a node has the grace period to be replaced."""
    tables.connections.remove_link(node, connection_id)
    if not tables.connections.links(node, now, consistent=True):
        pusher.grace.schedule_node(node)


def remove_node(tables: Tables, node: str, now: int) -> None:
    """The grace period of a bridge node without links is over: remove all that it had, unless it has a link again.

    The fan-out announces what changes for its users. It is looked for a link again ahead of each user, at 1 read unit:
    a node that is back keeps what it has left, and registers its resources anew. Safe to repeat; ended half-way, the
    next time does the rest.
    """
    connections = tables.connections
    links = connections.links(node, 0, consistent=True)  # first: a link that is added meanwhile must not go with these
    back = False

    def is_back() -> bool:
        nonlocal back
        back = back or bool(connections.links(node, now, consistent=True))
        return back

    def close(address: Address, some: list[str]) -> None:
        if not is_back():
            close_xmpp(tables, node, address, some, now)

    if is_back():
        return
    resources: dict[Address, list[str]] = {}
    for address, resource in connections.sessions(node):
        resources.setdefault(address, []).append(resource)
    tables.store.together(*(partial(close, address, some) for address, some in resources.items()))
    if is_back():
        return
    connections.unwatch_all(node, connections.domains_watched(node))
    for link in links:
        connections.remove_link(node, link)
