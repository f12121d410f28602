"""Contacts: the users and aliases of a domain as a member sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat.addresses import Address
from chat.callers import Caller, unknown_contact
from chat.entries import Alias, User
from chat.tables import Tables
from chat.tables.directory import active_contact, alias_from, version_from

PAGE = 200
"""Contacts in one page at most; fewer where their details are long."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of contacts, aliases first, and where to go on, or None at the end."""

    contacts: list[User | Alias]
    position: str | None


def version(tables: Tables, caller: Caller) -> int:
    """The version of the caller's directory, which rises with each change.

    Raises:
        NotConnected: the caller has been disabled or removed since it connected.
    """
    own_key = tables.directory.user_key(caller.address)
    version_key = tables.directory.version_key(caller.address.domain)
    found = tables.store.get_many([own_key, version_key])
    caller.user(found.get(own_key))
    return version_from(found.get(version_key)) or 0


def listing(tables: Tables, domain: str, position: str | None, fit: Callable[[Sequence[User | Alias]], int]) -> Listing:
    """The page of contacts at ``position``. ``fit`` tells how many of some contacts go into one reply.

    The route reads ``version`` before it, so that a change in between is seen the next time. Costs 0.5 read units per
    4 KB of the page, however many contacts the domain has.
    """
    directory = tables.directory
    kind, _, after = (position or "alias:").partition(":")
    found: list[User | Alias] = []
    if kind == "alias":
        aliases, rest = directory.aliases(domain, PAGE, after or None)
        found += aliases
        if rest:
            return _cut(found, fit, True)
        after = ""
    room = PAGE - len(found)
    more = True
    if room:
        users, rest = directory.users(domain, room, after or None)
        found += users
        more = rest is not None
    return _cut(found, fit, more)


def contact(tables: Tables, caller: Caller, address: Address) -> User | Alias:
    """One contact, of the caller's domain: the route has checked that.

    Raises:
        NotConnected: the caller has been disabled or removed since it connected.
        UnknownContact: no active user or alias.
    """
    directory = tables.directory
    own_key = directory.user_key(caller.address)
    user_key, alias_key = directory.user_key(address), directory.alias_key(address)
    found = tables.store.get_many([own_key, user_key, alias_key])
    caller.user(found.get(own_key))
    entry = active_contact(found.get(user_key), found.get(alias_key), address.domain)
    if entry is None:
        raise unknown_contact(address)
    return entry


def aliases_of(tables: Tables, user: User) -> list[Address]:
    """The aliases that reach a user; those that were removed stay in its entry for their history alone."""
    domain = user.address.domain
    keys = [tables.directory.alias_key(Address(local, domain)) for local in sorted(user.aliases)]
    found = [alias_from(item, domain) for item in tables.store.get_many(keys).values()]
    return sorted(alias.address for alias in found if alias and alias.active)


def is_member(caller: Caller, alias: Alias) -> bool:
    """Whether the caller reads the alias's whole thread."""
    return caller.address.local in alias.reach


def _cut(found: list[User | Alias], fit: Callable[[Sequence[User | Alias]], int], more: bool) -> Listing:
    count = fit(found)
    position = None
    if more or count < len(found):
        last = found[count - 1] if found else None
        position = f"{'alias' if isinstance(last, Alias) else 'user'}:{last.address.local if last else ''}"
    return Listing([entry for entry in found[:count] if entry.active], position)
