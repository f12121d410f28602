"""Blocking contacts (XEP-0191): whom a user has blocked sees it as offline, and neither can write to the other.

The settings keep it. The user's presence item repeats it while somebody is connected, where whoever sends, types or
watches finds it without another read.
"""

from __future__ import annotations

from collections.abc import Collection

from chat.addresses import Address
from chat.callers import unknown_contact
from chat.errors import BadField
from chat.store import StoreBusy
from chat.tables import Tables

_TRIES = 5


def block(tables: Tables, address: Address, contacts: Collection[Address], now: int) -> frozenset[str]:
    """Block users or aliases of the same domain; returns the local parts of all that are blocked.

    Raises:
        UnknownContact: a contact is of another domain; nothing was changed.
        BadField: it would be more than 1,000, or the user itself.
    """
    if address in contacts:
        raise BadField("you cannot block yourself")
    return _apply(tables, address, tables.directory.block(address, _locals(address, contacts)), now)


def unblock(tables: Tables, address: Address, contacts: Collection[Address] | None, now: int) -> frozenset[str]:
    """Unblock contacts, or with None all; returns the local parts of all that are still blocked.

    Raises:
        UnknownContact: a contact is of another domain; nothing was changed.
    """
    locals_ = None if contacts is None else _locals(address, contacts)
    return _apply(tables, address, tables.directory.unblock(address, locals_), now)


def _locals(address: Address, contacts: Collection[Address]) -> set[str]:
    for contact in contacts:
        if contact.domain != address.domain:
            raise unknown_contact(contact)
    return {contact.local for contact in contacts}


def _apply(tables: Tables, address: Address, blocked: frozenset[str], now: int) -> frozenset[str]:
    """Have the presence item say the same as the settings, which are looked at again: of two changes at once, the one
    that is applied last must not bring back what was before the other.
    """
    for _ in range(_TRIES):
        if not tables.connections.set_blocked(address, blocked, now):
            return blocked  # nobody is connected; who connects next reads the settings
        kept = tables.directory.settings(address).blocked
        if kept == blocked:
            return blocked
        blocked = kept
    raise StoreBusy("what is blocked changes too fast")
