"""What aliases reach: nested ones expanded, cycles refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chat.addresses import Address
from chat.entries import MAX_MEMBERS
from chat.errors import AliasCycle, DirectoryError


def reach(members: Mapping[Address, Sequence[Address]]) -> dict[Address, frozenset[str]]:
    """The local parts of the users that each alias reaches; every user once, however many ways lead there.

    ``members`` has all aliases of one domain with their direct members; a member that is no alias counts as a user.

    Raises:
        AliasCycle: an alias contains itself; the message shows the way.
        DirectoryError: an alias reaches more than 1,000 users.
    """
    reached: dict[Address, frozenset[str]] = {}

    def visit(alias: Address, way: tuple[Address, ...]) -> frozenset[str]:
        if alias in way:
            raise AliasCycle("alias would contain itself: " + " → ".join(map(str, (*way, alias))))
        if alias not in reached:
            users: set[str] = set()
            for member in members[alias]:
                users |= visit(member, (*way, alias)) if member in members else {member.local}
            if len(users) > MAX_MEMBERS:
                raise DirectoryError(f"{alias} reaches {len(users)} users, allowed are {MAX_MEMBERS}")
            reached[alias] = frozenset(users)
        return reached[alias]

    for alias in members:
        visit(alias, ())
    return reached


def of_domain(domain: str, members: Sequence[Address]) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """Members within the domain, each once and in order, and those outside it, which an alias ignores."""
    unique = tuple(dict.fromkeys(members))
    return tuple(each for each in unique if each.domain == domain), tuple(
        each for each in unique if each.domain != domain
    )
