"""The status menu: what a user chooses in webmail, and Away by itself after idling."""

from __future__ import annotations

from dataclasses import dataclass

from chat.addresses import Address
from chat.callers import Caller
from chat.frames.events import PresenceEvent
from chat.presence import Connection, Status, connections_in, derive
from chat.push import Pusher, targets
from chat.store import ConditionFailed, StoreBusy
from chat.tables import Tables
from chat.tables.directory import chosen_status

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """The status of the caller's connection, and what the user chose."""

    status: Status
    chosen: Status


def choose(tables: Tables, pusher: Pusher, caller: Caller, status: Status, now: int) -> Choice:
    """Give all of the user's webmail the chosen status, and keep it for the next log-in.

    Other connections of the user are untouched. With Offline, webmail stops watching anybody. The fan-out announces
    what changes for others; the user's other webmail connections are told the choice here.

    Raises:
        NotConnected: the connection is not registered.
    """
    for _ in range(_TRIES):
        _, connections = caller.connection(tables.connections.of(caller.address), now)
        web = [each for each in connections if each.is_web and each.leaving is None]
        try:
            _apply(tables, caller.address, [each for each in web if each.status != status or each.idle], status, now)
        except ConditionFailed:
            continue  # one of them went away meanwhile
        break
    else:
        raise StoreBusy("the connections change too fast")
    tables.directory.choose_status(caller.address, status)
    if status is Status.OFFLINE:
        tables.connections.unwatch(caller.address.domain, [each.ref for each in web])
    _tell_other_webmail(tables, pusher, caller, web, status, now)
    return Choice(status, status)


def idle(tables: Tables, caller: Caller, away: bool, now: int) -> Choice:
    """Set the caller's connection Away by itself, or back; never over a status that the user chose by hand.

    Raises:
        NotConnected: the connection is not registered.
    """
    keys = tables.directory.setting_key(caller.address), tables.connections.presence_key(caller.address)
    found = tables.store.get_many(keys, consistent=[tables.directory.name, tables.connections.name])
    connection, _ = caller.connection(found.get(keys[1]), now)
    chosen = chosen_status(found.get(keys[0]))
    if chosen is not Status.AVAILABLE:
        return Choice(connection.status, chosen)
    status = Status.AWAY if away else Status.AVAILABLE
    if (connection.status, connection.idle) != (status, away):
        try:
            tables.connections.set_status(caller.address, {caller.ref: (status, away)}, now)
        except ConditionFailed:
            caller.connection(None, now)
    return Choice(status, chosen)


def _apply(tables: Tables, address: Address, changed: list[Connection], status: Status, now: int) -> None:
    if changed:
        tables.connections.set_status(address, {each.ref: (status, False) for each in changed}, now)


def _tell_other_webmail(
    tables: Tables, pusher: Pusher, caller: Caller, web: list[Connection], status: Status, now: int
) -> None:
    others = [each for each in web if each.ref != caller.ref]
    if not others:
        return
    presence = derive(connections_in(tables.connections.of(caller.address), now))
    event = PresenceEvent(address=str(caller.address), status=str(presence), at=now, chosen=str(status))
    seen = [Connection(each.ref, Status.AVAILABLE, each.since, each.expires) for each in others]
    pusher.deliver(event, targets(caller.address, seen), now)
