"""The status menu: what a user chooses in webmail, and Away by itself after idling."""

from __future__ import annotations

from dataclasses import dataclass

from chat.callers import Caller
from chat.frames.events import PresenceEvent
from chat.items import Item
from chat.presence import Status, connections_in, derive
from chat.push import Pusher, Target
from chat.store import ConditionFailed, StoreBusy
from chat.tables import Tables
from chat.tables.connections import revision_of
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
    what changes for others; the user's other webmail connections are told the choice here. The choice is kept before
    it is applied and looked at again after, so that of two choices at once one holds everywhere.

    Raises:
        NotConnected: the connection is not registered.
    """
    setting = tables.directory.setting_key(caller.address)
    caller.connection(tables.connections.of(caller.address), now)
    tables.directory.choose_status(caller.address, status)
    for _ in range(_TRIES):
        item = tables.connections.of(caller.address)
        web = [each for each in connections_in(item, now) if each.is_web and each.leaving is None]
        changed = {each.ref: (status, False) for each in web if each.status is not status or each.idle}
        try:
            if changed:
                item = tables.connections.set_status(caller.address, changed, now)
        except ConditionFailed:
            continue  # one of them went away meanwhile
        kept = chosen_status(tables.store.get(setting, consistent=True))
        if kept is status:
            break
        status = kept
    else:
        raise StoreBusy("the connections change too fast")
    if status is Status.OFFLINE:
        tables.connections.unwatch(caller.address.domain, [each.ref for each in web])
    _tell_other_webmail(pusher, caller, item, status, now)
    return Choice(status, status)


def idle(tables: Tables, caller: Caller, away: bool, now: int) -> Choice:
    """Set the caller's connection Away by itself, or back; never over a status that the user chose by hand.

    Raises:
        NotConnected: the connection is not registered.
    """
    keys = tables.directory.setting_key(caller.address), tables.connections.presence_key(caller.address)
    for _ in range(_TRIES):
        found = tables.store.get_many(keys, consistent=[tables.directory.name, tables.connections.name])
        connection, _ = caller.connection(found.get(keys[1]), now)
        chosen = chosen_status(found.get(keys[0]))
        if chosen is not Status.AVAILABLE:
            return Choice(connection.status, chosen)
        status = Status.AWAY if away else Status.AVAILABLE
        if (connection.status, connection.idle) == (status, away):
            return Choice(status, chosen)
        try:
            tables.connections.set_status(caller.address, {caller.ref: (status, away)}, now, seen=connection.status)
        except ConditionFailed:
            continue  # gone, or given another status by the user's choice meanwhile
        return Choice(status, chosen)
    raise StoreBusy("the connections change too fast")


def _tell_other_webmail(pusher: Pusher, caller: Caller, item: Item | None, status: Status, now: int) -> None:
    connections = connections_in(item, now)
    others = [each for each in connections if each.is_web and each.leaving is None and each.ref != caller.ref]
    event = PresenceEvent(
        address=str(caller.address), status=str(derive(connections)), revision=revision_of(item), chosen=str(status)
    )
    pusher.deliver(event, [Target(caller.address, each.ref) for each in others], now)
