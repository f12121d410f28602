"""Telling open pages what was indexed, so that it shows up in them without a reload."""

from __future__ import annotations

from collections.abc import Sequence

from chat.addresses import Address
from chat.appointments import occurrence
from chat.entries import User
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
    users = _users(tables, [address for address, connections in online.items() if connections])
    told = 0
    for each in entries:
        owners = [users[address] for address in _readers(each) if address in users]
        may_see = [user.address for user in owners if not user.given_after(each.communication.arrived)]
        to = [target for address in may_see for target in online[address]]
        if to:
            pusher.deliver(_event(each, now), to, now)
            told += 1
    return told


def _readers(indexed: Indexed) -> list[Address]:
    return indexed.alias.reached() if indexed.alias else [indexed.owner]


def _users(tables: Tables, readers: Sequence[Address]) -> dict[Address, User]:
    """The entries of those who are there, some of whom may have got the address from somebody else."""
    found = [
        tables.directory.users_named(domain, [each.local for each in readers if each.domain == domain])
        for domain in {each.domain for each in readers}
    ]
    return {user.address: user for users in found for user in users.values()}


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
