"""A domain as a node knows it: a replica of its directory and of who is there, kept current by pushes over the link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chat.addresses import Address
from chat.entries import Alias, User
from chat.fanout import resources
from chat.frames.events import Resource
from chat.presence import connections_in
from chat.tables import Tables
from chat.tables.connections import revision_of

WATCH_SECONDS = 3 * 3600
"""Seconds for which a node's watch of a domain holds; it is renewed after a third of them, so that one may fail."""


@dataclass(frozen=True, slots=True)
class Change:
    """One resource of a user as it was and is; None where it is not there."""

    address: Address
    resource: str
    before: Resource | None
    after: Resource | None


@dataclass(slots=True)
class Seen:
    """What is known of one user's presence outside this node. Of two states, the one with the higher revision holds."""

    revision: int = 0
    resources: dict[str, Resource] = field(default_factory=dict)
    blocked: frozenset[str] = frozenset()
    """Whom the user blocks, by local parts."""


Present = tuple[Address, int, list[Resource], frozenset[str]]
"""A user who has a connection: address, revision, resources, and whom it blocks."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The entries of a domain at one version, those that can be chatted with."""

    version: int
    users: dict[str, User]
    aliases: dict[str, Alias]

    def entry(self, local: str) -> User | Alias | None:
        return self.users.get(local) or self.aliases.get(local)

    def locals(self) -> Iterator[str]:
        yield from self.aliases
        yield from self.users


EMPTY = Directory(0, {}, {})


class Company:
    """The replica of one domain. ``node`` is this node's name: its own sessions are left out of what others see."""

    def __init__(self, domain: str, node: str) -> None:
        self.domain = domain
        self._node = node
        self.directory = EMPTY
        self._seen: dict[str, Seen] = {}
        self.present_aliases: set[str] = set()
        """The aliases that this node shows as available."""

    def take_directory(self, directory: Directory) -> list[str]:
        """Take a version that is not older than the known one; returns the local parts of the entries that changed."""
        if directory.version < self.directory.version:
            return []
        before, self.directory = self.directory, directory
        names = dict.fromkeys((*before.locals(), *directory.locals()))
        return [local for local in names if before.entry(local) != directory.entry(local)]

    def is_news(self, local: str, revision: int) -> bool:
        """Whether a state of a user with this revision is later than the known one."""
        seen = self._seen.get(local)
        return seen is None or revision > seen.revision

    def see(self, address: Address, revision: int, resources: Iterable[Resource]) -> list[Change]:
        """Take a user's resources at a revision; returns what changed outside this node, nothing where it is older."""
        if not self.is_news(address.local, revision):
            return []
        seen = self._seen.setdefault(address.local, Seen())
        before = seen.resources
        after = {each.resource: each for each in resources if each.node != self._node}
        seen.revision, seen.resources = revision, after
        return [
            Change(address, name, before.get(name), after.get(name))
            for name in dict.fromkeys((*before, *after))
            if before.get(name) != after.get(name)
        ]

    def revisions(self) -> dict[str, int]:
        """The revisions that are known of users, by local parts."""
        return {local: seen.revision for local, seen in self._seen.items()}

    def gone(self, address: Address) -> list[Change]:
        """The user has no connection any more; the next state of any revision holds again."""
        seen = self._seen.pop(address.local, Seen())
        return [Change(address, name, before, None) for name, before in seen.resources.items()]

    def elsewhere(self, local: str) -> dict[str, Resource]:
        """The resources of a user outside this node, by name."""
        seen = self._seen.get(local)
        return seen.resources if seen else {}

    def blocked_by(self, local: str) -> frozenset[str]:
        """Whom a user with a connection blocks, by local parts."""
        seen = self._seen.get(local)
        return seen.blocked if seen else frozenset()

    def block(self, local: str, blocked: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
        """Whom a user blocks from now on; returns who is new among them, and who is no more."""
        seen = self._seen.setdefault(local, Seen())
        before, seen.blocked = seen.blocked, blocked
        return blocked - before, before - blocked

    def present(self) -> Iterator[tuple[str, Resource]]:
        """Everybody's resources outside this node."""
        for local, seen in self._seen.items():
            for resource in seen.resources.values():
                yield local, resource


def read_directory(tables: Tables, domain: str) -> Directory:
    """All entries of a domain, and their version from before they were read."""
    version = tables.directory.version(domain, consistent=True) or 0
    users = {each.address.local: each for each in tables.directory.all_users(domain) if each.active}
    aliases = {each.address.local: each for each in tables.directory.all_aliases(domain) if each.active}
    return Directory(version, users, {local: alias for local, alias in aliases.items() if local not in users})


def read_presence(tables: Tables, domain: str, now: int) -> list[Present]:
    """Everybody of a domain who has a connection."""
    addresses = list(tables.connections.online(domain))
    found = tables.connections.of_many(addresses, consistent=True)
    return [
        (address, revision_of(item), resources(connections_in(item, now)), frozenset(item.get("blocked", ())))
        for address, item in found.items()
    ]


def watch(tables: Tables, domain: str, node: str, now: int) -> None:
    """Have the domain's presence and directory pushed to this node for three hours."""
    tables.connections.watch_all(domain, node, now // 1000 + WATCH_SECONDS)
