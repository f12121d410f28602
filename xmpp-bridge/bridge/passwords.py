"""A new password ends what was logged in with the old one, on all nodes.

Whoever changes it raises the version of the directory, of which all nodes are told. So each looks at the passwords of
those who are logged in on it when a directory has changed, and needs to be told nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from bridge.background import until_done
from bridge.errors import StreamError
from chat.addresses import Address
from chat.tables import Tables
from chat.tables.directory import credential_from

if TYPE_CHECKING:
    from bridge.node import Node
    from bridge.session import Session


def expel(session: Session) -> None:
    """End a session that was logged in with an old password."""
    session.expel(StreamError("not-authorized", "the password has changed"))


async def check(node: Node, domain: str) -> None:
    """End the sessions of a domain that are older than their users' passwords."""
    addresses = {session.address for session in node.bound_in(domain)}
    if not addresses:
        return
    changed = await until_done(
        lambda: node.call(changed_at, node.tables, addresses), node.pause, f"reading when passwords of {domain} changed"
    )
    for session in node.bound_in(domain):
        if session.authenticated_at < (changed or {}).get(session.address, 0):
            expel(session)


def changed_at(tables: Tables, addresses: Collection[Address]) -> dict[Address, int]:
    """When each of these users was given the present password, in ms since the epoch. Costs a read unit each."""
    keys = {tables.directory.credential_key(address): address for address in addresses}
    found = tables.store.get_many(keys, consistent=[tables.directory.name])
    credentials = {keys[key]: credential_from(item) for key, item in found.items()}
    return {address: each.since for address, each in credentials.items() if each is not None}
