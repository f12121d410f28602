"""Telling open pages what was indexed, so that it shows up in them without a reload."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from chat import ids
from chat.addresses import Address
from chat.appointments import occurrence
from chat.frames.communications import CommunicationFrame
from chat.frames.events import CommunicationEvent
from chat.mail.indexing import Indexed
from chat.presence import connections_in
from chat.push import Pusher, targets
from chat.tables import Tables

MAX_TOLD = 500
"""Entries of one message that are told of; who has others sees them when the list is next asked for."""


def tell(tables: Tables, pusher: Pusher, indexed: Sequence[Indexed], now: int) -> int:
    """Push entries to the open pages of those who have them; returns how many had anybody to be pushed to.

    Costs half a read unit for each owner, and for each member of an alias; and one for each of them who is
    there. Nothing is promised: what is not taken is in the list when it is next asked for.
    """
    entries = [each for each in indexed[:MAX_TOLD] if not _is_read_by_alias(each, indexed)]
    readers = {address for each in entries for address in _readers(each)}
    present = tables.connections.of_many(readers, consistent=False)
    online = {
        address: targets(address, [each for each in connections_in(item, now) if each.is_web])
        for address, item in present.items()
    }
    told, former = 0, _given_after(tables, [address for address, connections in online.items() if connections])
    for each in entries:
        owners = [reader for reader in _readers(each) if each.communication.arrived >= former.get(reader, 0)]
        to = [target for address in owners for target in online.get(address, [])]
        if to:
            pusher.deliver(_event(each, now), to, now)
            told += 1
    return told


def _readers(indexed: Indexed) -> list[Address]:
    return indexed.alias.reached() if indexed.alias else [indexed.owner]


def _given_after(tables: Tables, readers: Sequence[Address]) -> dict[Address, int]:
    """Since when an address has been its user's, in ms, for those that were somebody else's before."""
    locals_ = defaultdict(list)
    for each in readers:
        locals_[each.domain].append(each.local)
    users = [user for domain, of in locals_.items() for user in tables.directory.users_named(domain, of).values()]
    return {user.address: ids.time_of(user.history_from) for user in users if user.history_from}


def _is_read_by_alias(entry: Indexed, indexed: Sequence[Indexed]) -> bool:
    """Whether it is what a member has with its own alias, where it sees what the alias has instead."""
    return any(each.alias and each.owner == entry.contact and entry.owner in each.alias.reached() for each in indexed)


def _event(indexed: Indexed, now: int) -> CommunicationEvent:
    shown = indexed.communication
    if shown.kind == "appointment":
        shown = occurrence(shown, now)
    return CommunicationEvent(
        contact=str(indexed.contact),
        communication=CommunicationFrame.model_validate(shown),
        replaces=indexed.replaces or None,
    )
