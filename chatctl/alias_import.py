"""Imports aliases in whatever order they stand: an alias may contain one that stands further down."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from chat import aliases as graph
from chat import directory
from chat.addresses import Address
from chat.entries import Alias
from chat.errors import ChatError
from chat.tables import Tables
from chatctl.aliases import ignored_text, unknown_members, unknown_text
from chatctl.arguments import check_domain
from chatctl.csvfile import Columns, Line
from chatctl.progress import Advance
from chatctl.report import Report

COLUMNS = Columns(("address", "name", "members"))

_BETWEEN_MEMBERS = re.compile(r"[;\s]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An alias as a line wants it."""

    line: int
    address: Address
    name: str
    members: tuple[Address, ...]
    """Those within the domain."""


def import_aliases(tables: Tables, domain: str, lines: Sequence[Line], report: Report, advance: Advance) -> None:
    """Save the aliases of all lines that are right, and note in the report what became of each line.

    Raises:
        UnknownDomain: the domain has not been created.
    """
    check_domain(tables, domain)
    stored = {alias.address: alias for alias in directory.active_aliases(tables, domain)}
    wanted = _parse_all(tables, domain, lines, report)
    order = members_first(stored, wanted, report)
    advance(len(lines) - len(wanted))
    for each in order:
        _save(tables, each, stored.get(each.address), report)
        advance(1)
    _warn_of_nobody(tables, domain, order, report)


def _parse_all(tables: Tables, domain: str, lines: Sequence[Line], report: Report) -> dict[Address, Wanted]:
    """What each line wants; bad lines go into the report."""
    users = {user.address for user in directory.users(tables, domain)}
    wanted: dict[Address, Wanted] = {}
    for line in lines:
        try:
            address = Address.parse(line.fields["address"])
            texts = [text for text in _BETWEEN_MEMBERS.split(line.fields["members"]) if text]
            inside, outside = graph.of_domain(domain, [Address.parse(text) for text in texts])
            reason = _refusal(address, domain, users, wanted, inside)
        except ChatError as error:
            reason = error.message
        if reason:
            report.refuse(line.number, reason)
            continue
        if outside:
            report.warn(line.number, ignored_text(domain, outside))
        wanted[address] = Wanted(line.number, address, line.fields["name"], inside)
    return wanted


def _refusal(
    address: Address, domain: str, users: set[Address], wanted: Mapping[Address, Wanted], inside: Sequence[Address]
) -> str:
    """Why a line with this address and these members is not used, or nothing."""
    if address.domain != domain:
        return f"{address} is not of {domain}"
    if address in users:
        return f"{address} is a user"
    if address in wanted:
        return f"{address} stands in line {wanted[address].line} already"
    if not inside:
        return f"{address} has no member in {domain}"
    return ""


def members_first(stored: Mapping[Address, Alias], wanted: dict[Address, Wanted], report: Report) -> list[Wanted]:
    """The aliases in an order in which each is saved after those that it contains.

    So no step on the way has a cycle, even if the file turns round who contains whom. Of the lines that close a cycle,
    the last one is taken out of ``wanted``, until none is left: what is stored has no cycle.
    """
    while True:
        members = {alias.address: alias.members for alias in stored.values()}
        members |= {each.address: each.members for each in wanted.values()}
        inner = {address: [each for each in direct if each in members] for address, direct in members.items()}
        try:
            order = list(TopologicalSorter(inner).static_order())
        except CycleError as error:
            cycle: list[Address] = error.args[1][::-1]
            last = max((each for each in wanted.values() if each.address in cycle), key=lambda each: each.line)
            way = " → ".join(map(str, _from(cycle, last.address)))
            report.refuse(last.line, f"{last.address} would contain itself: {way}")
            del wanted[last.address]
            continue
        return [wanted[address] for address in order if address in wanted]


def _from(cycle: list[Address], start: Address) -> list[Address]:
    """A cycle, whose first address is also its last, as seen from another address in it."""
    where = cycle.index(start)
    return [*cycle[where:-1], *cycle[:where], start]


def _save(tables: Tables, wanted: Wanted, stored: Alias | None, report: Report) -> None:
    if stored and (stored.name, stored.members) == (wanted.name, wanted.members):
        report.unchanged += 1
        return
    try:
        directory.save_alias(tables, wanted.address, wanted.name, wanted.members)
    except ChatError as error:
        report.refuse(wanted.line, error.message)
        return
    if stored:
        report.changed += 1
    else:
        report.added += 1


def _warn_of_nobody(tables: Tables, domain: str, saved: Sequence[Wanted], report: Report) -> None:
    nobody = set(unknown_members(tables, domain, (member for each in saved for member in each.members)))
    for each in saved:
        missing = [member for member in each.members if member in nobody]
        if missing:
            report.warn(each.line, unknown_text(missing))
