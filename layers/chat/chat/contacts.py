"""Contacts: the users and aliases of a domain as a member sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat.addresses import Address
from chat.callers import Caller, unknown_contact
from chat.entries import Alias, User
from chat.tables import Tables

PAGE = 100
"""Contacts in one page at most; fewer where their details are long."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of contacts, aliases first, and where to go on, or None at the end."""

    version: int
    contacts: list[User | Alias]
    position: str | None


def listing(tables: Tables, domain: str, position: str | None, fit: Callable[[Sequence[User | Alias]], int]) -> Listing:
    """The page of contacts at ``position``. ``fit`` tells how many of some contacts go into one reply.

    Costs 0.5 read units per 4 KB of the page, however many contacts the domain has.
    """
    directory = tables.directory
    version = directory.version(domain) or 0
    kind, _, after = (position or "alias:").partition(":")
    found: list[User | Alias] = []
    if kind == "alias":
        aliases, rest = directory.aliases(domain, PAGE, after or None)
        found += aliases
        if rest:
            return _cut(version, found, fit, True)
        after = ""
    room = PAGE - len(found)
    more = True
    if room:
        users, rest = directory.users(domain, room, after or None)
        found += users
        more = rest is not None
    return _cut(version, found, fit, more)


def contact(tables: Tables, address: Address) -> User | Alias:
    """One contact; the caller has checked that it is of the own domain.

    Raises:
        UnknownContact: no active user or alias.
    """
    user = tables.directory.user(address)
    entry: User | Alias | None = user if user and user.active else tables.directory.alias(address)
    if entry is None or not entry.active:
        raise unknown_contact(address)
    return entry


def is_member(caller: Caller, alias: Alias) -> bool:
    """Whether the caller reads the alias's whole thread."""
    return caller.address.local in alias.reach


def _cut(version: int, found: list[User | Alias], fit: Callable[[Sequence[User | Alias]], int], more: bool) -> Listing:
    count = fit(found)
    position = None
    if more or count < len(found):
        last = found[count - 1] if found else None
        position = f"{'alias' if isinstance(last, Alias) else 'user'}:{last.address.local if last else ''}"
    return Listing(version, [entry for entry in found[:count] if entry.active], position)
