"""A contact's Messages, Appointments and Attachments: what is indexed of the viewer's own mail with that contact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat import ids, threads
from chat.addresses import Address
from chat.callers import Caller
from chat.store import LAST_SORT_KEY, before
from chat.tables import Tables
from chat.tables.communications import Communication, Correspondence, Kind

PAGE = 25
"""Communications in one page at most; fewer where their titles are long."""

Fit = Callable[[Sequence[Communication]], int]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page, newest first, and the id to go on from, or None at the end."""

    communications: list[Communication]
    next: str | None
    indexed: bool
    """Whether anything was ever indexed for the domain: an empty page means something else where nothing was."""


def page(tables: Tables, caller: Caller, contact: Address, kind: Kind, up_to: str | None, fit: Fit) -> Listing:
    """The newest of the caller's communications with a contact before ``up_to``, or of all.

    Members of an alias see all that the alias has, others what they have with it themselves. ``fit`` tells how many of
    some go into one reply. Costs one query of 25 rows, however many there are.

    Raises:
        UnknownContact: not, and never was, a user or alias of the caller's domain.
        NotConnected: the caller has been disabled or removed since it connected.
    """
    seen = threads.view(tables, caller, contact)
    threads.check_known(seen)
    rows = Correspondence.of_alias(contact) if seen.is_member else Correspondence.between(caller.address, contact)
    high = before(up_to) if up_to else LAST_SORT_KEY
    found, more = tables.communications.page(rows, kind, low=seen.floor, high=high, limit=PAGE)
    count = fit(found)
    rest = found[count - 1].id if count and (more or count < len(found)) else None
    indexed = bool(found) or tables.communications.is_indexed(contact.domain)
    return Listing(_since(seen.floor, found[:count]), rest, indexed)


def _since(floor: str, found: list[Communication]) -> list[Communication]:
    """Without the coming appointments of whoever had the viewer's address before."""
    return [each for each in found if each.arrived >= ids.time_of(floor)] if floor else found
