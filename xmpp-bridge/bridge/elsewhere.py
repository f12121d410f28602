"""Presence outside this node, as it is pushed or read: what of it the sessions of this node are shown, and what not as
somebody has blocked somebody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bridge import broadcasts
from bridge.background import until_done
from bridge.company import Company, Present
from chat import trail
from chat.addresses import Address

if TYPE_CHECKING:
    from bridge.node import Node


def take(node: Node, company: Company, present: Present) -> None:
    """Take a user's presence, and show what has changed of it."""
    address, revision, resources, blocked = present
    if not company.is_news(address.local, revision):
        return
    if not node.sessions_of(address):
        _take_blocked(node, company, address, blocked)
    elif blocked != company.blocked_by(address.local):  # the settings, which this node keeps of its users, know best
        node.spawn(read_settings_at_last(node, address))
    broadcasts.show_changes(node, company.see(address, revision, resources))


def catch_up(node: Node, company: Company, present: Iterable[Present], before: dict[str, int]) -> None:
    """Take everybody's presence as the tables had it. ``before``: the revisions that were known ahead of the reading;
    who has come since then has not gone."""
    there = set()
    for each in present:
        there.add(each[0].local)
        take(node, company, each)
    known = company.revisions()
    for local in {local for local, revision in before.items() if known.get(local) == revision} - there:
        address = Address(local, company.domain)
        broadcasts.show_changes(node, company.gone(address))
        if node.sessions_of(address):  # which are not registered
            company.block(local, node.own(address).blocked)


async def read_settings_at_last(node: Node, address: Address) -> None:
    """The same as ``read_settings``, tried until it succeeds."""
    what = f"reading the settings of {trail.person(address)}"
    await until_done(lambda: read_settings(node, address), node.pause, what)


async def read_settings(node: Node, address: Address) -> None:
    """Read a user's settings again, which have changed, and show whom it blocks and does not any more."""
    own = await node.reload_own(address)
    company = node.companies.get(address.domain)
    if company is not None:
        _take_blocked(node, company, address, own.blocked)


def _take_blocked(node: Node, company: Company, owner: Address, blocked: frozenset[str]) -> None:
    """Show who is blocked now that the owner has gone, and who is no more that it is there; so to the owner of them."""
    new, former = company.block(owner.local, blocked)
    for local in new:
        if owner.local not in company.blocked_by(local):  # else neither saw the other before
            for viewer, contact in _both(owner, Address(local, owner.domain)):
                for session in node.sessions_of(viewer):
                    if session.available:
                        broadcasts.hide_one(session, contact)
    for local in former:
        for viewer, contact in _both(owner, Address(local, owner.domain)):
            for session in node.sessions_of(viewer):
                if session.available:
                    broadcasts.show_one(session, contact)


def _both(one: Address, other: Address) -> tuple[tuple[Address, Address], tuple[Address, Address]]:
    return (one, other), (other, one)
