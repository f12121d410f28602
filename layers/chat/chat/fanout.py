"""The presence fan-out: compares a user's presence before and after, and pushes real changes to those who watch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chat.addresses import Address
from chat.frames.events import DirectoryEvent, PresenceEvent
from chat.presence import Connection, derive
from chat.push import Pusher
from chat.tables import Tables


@dataclass(frozen=True, slots=True)
class Change:
    """A user's connections before and after a change, and its revision."""

    address: Address
    before: list[Connection]
    after: list[Connection]
    revision: int


def merge(changes: Iterable[Change]) -> list[Change]:
    """One change per user out of several in order: from the first state to the last."""
    merged: dict[Address, Change] = {}
    for change in changes:
        first = merged.pop(change.address, change)
        merged[change.address] = Change(change.address, first.before, change.after, change.revision)
    return list(merged.values())


def announce(tables: Tables, pusher: Pusher, change: Change, now: int) -> int:
    """Push a user's new presence, if it is another than before, to its watchers; returns the number of pushes.

    A connection whose end nobody reported does not count once it has expired.
    """
    status = derive(each for each in change.after if each.expires * 1000 > now)
    if status is derive(change.before):
        return 0
    watchers = tables.connections.watchers(change.address.domain, change.address.local, now)
    event = PresenceEvent(address=str(change.address), status=str(status), revision=change.revision)
    return pusher.announce(event, watchers, now)


def announce_directory(tables: Tables, pusher: Pusher, domain: str, now: int) -> int:
    """Tell everybody who watches a domain that its contacts changed; returns the number of pushes."""
    watchers = tables.connections.watchers(domain, None, now)
    return pusher.announce(DirectoryEvent(domain=domain), watchers, now)
