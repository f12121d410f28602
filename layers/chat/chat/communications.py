"""A contact's Messages, Appointments and Attachments: what is indexed of the viewer's own mail with that contact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat import appointments, ids, threads
from chat.addresses import Address
from chat.callers import Caller
from chat.errors import BadCursor, UnknownItem
from chat.store import LAST_SORT_KEY, before
from chat.tables import Tables
from chat.tables.communications import Communication, Correspondence, Kind
from chat.threads import View

PAGE = 25
"""Communications in one page at most; fewer where they are long."""
MAX_FILES = 100
"""Files of one mail that are looked for."""

Fit = Callable[[Sequence[Communication]], int]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page, and the position to go on from, or None at the end."""

    communications: list[Communication]
    next: str | None
    indexed: bool
    """Whether anything was ever indexed for the domain: an empty page means something else where nothing was."""


def page(
    tables: Tables, caller: Caller, contact: Address, kind: Kind, position: str | None, now: int, fit: Fit
) -> Listing:
    """The newest of the caller's communications with a contact behind ``position``, or of all. Of appointments those to
    come are first, the soonest in front, and then those that are over, the latest in front.

    Members of an alias see all that the alias has, others what they have with it themselves. ``fit`` tells how many of
    some go into one reply. Costs one query of 25 rows, however many there are; of appointments one of 200 beside it.

    Raises:
        BadCursor: the position is none that a page gave.
        UnknownContact: not, and never was, a user or alias of the caller's domain.
        NotConnected: the caller has been disabled or removed since it connected.
    """
    rows, floor = _rows(tables, caller, contact)
    if kind == "appointment":
        listed, more = appointments.page(tables.communications, rows, floor, position, now, PAGE)
    else:
        listed, more = _newest(tables, rows, floor, kind, position)
    count = fit([each for each, _ in listed])
    rest = listed[count - 1][1] if count and (more or count < len(listed)) else None
    indexed = bool(listed) or tables.communications.is_indexed(contact.domain)
    return Listing([each for each, _ in listed[:count] if is_visible(each, floor)], rest, indexed)


def mail(tables: Tables, caller: Caller, contact: Address, mail_id: str) -> tuple[Communication, list[Communication]]:
    """A mail message of the caller's with a contact, and the files that came with it, by name. Costs two reads beside
    the view.

    Raises:
        UnknownItem: the caller has none with that id with this contact.
        UnknownContact, NotConnected: as for ``page``.
    """
    rows, floor = _rows(tables, caller, contact)
    found = _one(tables, rows, floor, "message", mail_id)
    time = ids.time_of(mail_id)  # its files have ids of the same time
    low, high = ids.lowest(time), before(ids.lowest(time + 1))
    files, _ = tables.communications.page(rows, "attachment", low=low, high=high, limit=MAX_FILES)
    return found, sorted((each for each in files if each.mail == mail_id), key=lambda each: each.title.casefold())


def file(tables: Tables, caller: Caller, contact: Address, file_id: str) -> Communication:
    """A file of the caller's with a contact.

    Raises:
        UnknownItem: the caller has none with that id with this contact.
        UnknownContact, NotConnected: as for ``page``.
    """
    rows, floor = _rows(tables, caller, contact)
    return _one(tables, rows, floor, "attachment", file_id)


def correspondence(caller: Caller, seen: View) -> Correspondence:
    """Whose rows a view shows."""
    if seen.is_member:
        return Correspondence.of_alias(seen.contact)
    return Correspondence.between(caller.address, seen.contact)


def is_visible(found: Communication, floor: str) -> bool:
    """Whether it came to the viewer, and not to whoever had the address before, whose appointments may yet be due."""
    return not floor or found.arrived >= ids.time_of(floor)


def _rows(tables: Tables, caller: Caller, contact: Address) -> tuple[Correspondence, str]:
    """The rows that the caller has with a contact, and the lowest id that it may see."""
    seen = threads.view(tables, caller, contact)
    threads.check_known(seen)
    return correspondence(caller, seen), seen.floor


def _newest(
    tables: Tables, rows: Correspondence, floor: str, kind: Kind, position: str | None
) -> tuple[list[tuple[Communication, str]], bool]:
    """The newest behind a position, each with its own, and whether there may be more."""
    if position is not None and not ids.is_id(position):
        raise BadCursor("cursor was not given for this request")
    high = before(position) if position else LAST_SORT_KEY
    found, more = tables.communications.page(rows, kind, low=floor, high=high, limit=PAGE)
    return [(each, each.id) for each in found], more


def _one(tables: Tables, rows: Correspondence, floor: str, kind: Kind, item_id: str) -> Communication:
    found = tables.communications.get(rows, kind, item_id) if item_id >= floor else None
    if found is None or not is_visible(found, floor):
        raise UnknownItem(f"you have no {kind} with the id {item_id} with this contact")
    return found
