"""The presence fan-out: compares a user's presence before and after, and pushes real changes to those who watch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chat.addresses import Address
from chat.frames.events import DirectoryEvent, PresenceEvent, Resource
from chat.presence import WEBMAIL, Connection, Status, derive
from chat.push import Pusher
from chat.tables import Tables
from chat.tables.connections import Watcher

MAX_PAYLOADS = 8 * 1024
"""Bytes of presence payloads that one event carries; where a user has more, all are left out. A push has 128 KB, of
which 50 resources of 512 bytes and 1,000 blocked local parts may take 100."""


@dataclass(frozen=True, slots=True)
class Change:
    """A user's connections before and after a change, its revision, and whom the user had blocked and has now."""

    address: Address
    before: list[Connection]
    after: list[Connection]
    revision: int
    blocked_before: frozenset[str] = frozenset()
    blocked_after: frozenset[str] = frozenset()

    @property
    def blocked(self) -> tuple[frozenset[str], frozenset[str]]:
        """Who was and is blocked. The item knows while somebody is connected: without, nothing has changed."""
        was = self.blocked_before if self.before else self.blocked_after
        return was, self.blocked_after if self.after else was

    def live(self, now: int) -> list[Connection]:
        """The connections after the change, without those that have expired, whose end nobody reported."""
        return [each for each in self.after if each.expires * 1000 > now]

    def statuses(self, now: int) -> tuple[Status, Status]:
        """The user's presence before and after."""
        return derive(self.before), derive(self.live(now))

    def is_seen(self, now: int) -> bool:
        """Whether the user's presence is another one than before."""
        was, status = self.statuses(now)
        return was is not status


def merge(changes: Iterable[Change]) -> list[Change]:
    """One change per user out of several in order: from the first state to the last."""
    merged: dict[Address, Change] = {}
    for change in changes:
        first = merged.pop(change.address, change)
        merged[change.address] = Change(
            change.address, first.before, change.after, change.revision, first.blocked_before, change.blocked_after
        )
    return list(merged.values())


def announce(tables: Tables, pusher: Pusher, change: Change, now: int) -> int:
    """Push a user's new presence to those who see another one than before; returns the number of pushes.

    Web clients see the derived status, or Offline where the user has blocked them; bridge nodes see every resource and
    whom the user has blocked.
    """
    was, status = change.statuses(now)
    (had_blocked, blocked), shown = change.blocked, resources(change.live(now))
    for_nodes = shown != resources(change.before) or had_blocked != blocked
    if status is was and had_blocked == blocked and not for_nodes:
        return 0
    address, connections = change.address, tables.connections
    if status is was and had_blocked == blocked:
        watchers = [Watcher(node, None) for node in connections.nodes_watching(address.domain, now)]
    else:
        watchers = connections.watchers(address.domain, address.local, now)
    told: dict[Status, list[Watcher]] = {status: [each for each in watchers if each.owner is None]}
    for each in watchers:
        if each.owner is None:
            continue
        saw = Status.OFFLINE if each.owner.local in had_blocked else was
        sees = Status.OFFLINE if each.owner.local in blocked else status
        if sees is not saw:
            told.setdefault(sees, []).append(each)
    return sum(pusher.announce(_event(change, sees, shown, blocked), some, now) for sees, some in told.items())


def resources(connections: Iterable[Connection]) -> list[Resource]:
    """The resources that XMPP clients see of a user: its own that are there, and one for all of its webmail together.

    Those that are Offline or leaving are not there; of webmail, a leaving connection counts until it is removed.
    """
    all_ = sorted(connections, key=lambda each: each.ref)
    shown = [
        Resource(
            resource=each.resource,
            status=str(each.status),
            priority=each.priority,
            payload=each.payload,
            node=each.node,
        )
        for each in all_
        if not each.is_web and each.leaving is None and each.status is not Status.OFFLINE
    ]
    webmail = derive(each for each in all_ if each.is_web)
    return [*shown, Resource(resource=WEBMAIL, status=str(webmail))] if webmail is not Status.OFFLINE else shown


def _event(change: Change, status: Status, shown: list[Resource], blocked: frozenset[str]) -> PresenceEvent:
    if sum(len(each.payload.encode()) for each in shown) > MAX_PAYLOADS:
        shown = [each.model_copy(update={"payload": ""}) for each in shown]
    return PresenceEvent(
        address=str(change.address),
        status=str(status),
        revision=change.revision,
        resources=shown,
        blocked=sorted(blocked),
    )


def announce_directory(tables: Tables, pusher: Pusher, domain: str, now: int) -> int:
    """Tell everybody who watches a domain that its contacts changed; returns the number of pushes."""
    watchers = tables.connections.watchers(domain, None, now)
    return pusher.announce(DirectoryEvent(domain=domain), watchers, now)
