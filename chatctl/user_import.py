"""Imports users: new ones are added, changed details are updated, and what is as it should be is not written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from chat import credentials, directory
from chat.addresses import Address
from chat.directory import NewUser
from chat.entries import Profile, User
from chat.errors import ChatError
from chat.tables import Tables
from chat.tables.directory import TRANSACTION, Credential
from chatctl.arguments import check_domain
from chatctl.csvfile import Columns, Line
from chatctl.progress import Advance
from chatctl.report import Report

COLUMNS = Columns(("address", "name"), ("title", "department", "phones", "photo", "password"))

ADDED_TOGETHER = TRANSACTION // 2
"""Users that one transaction adds: an entry and a credential for each."""
CHANGED_TOGETHER = TRANSACTION


@dataclass(frozen=True, slots=True)
class _Change:
    """A user of a line whose details are others than those stored, or who is new."""

    line: int
    address: Address
    profile: Profile
    password: str = ""
    credential: Credential | None = None


def import_users(
    tables: Tables, domain: str, lines: Sequence[Line], report: Report, advance: Advance, now: int
) -> None:
    """Write the users of all lines that are right, and note in the report what became of each line.

    Raises:
        UnknownDomain: the domain has not been created.
    """
    check_domain(tables, domain)
    stored = {user.address: user for user in directory.users(tables, domain)}
    added, changed = _sort_out(tables, domain, lines, stored, report)
    advance(len(lines) - len(added) - len(changed))
    for start in range(0, len(changed), CHANGED_TOGETHER):
        some = changed[start : start + CHANGED_TOGETHER]
        report.changed += _write(some, lambda part: _update(tables, domain, part), report)
        advance(len(some))
    with _deriving(added, now) as derived:
        for start in range(0, len(added), ADDED_TOGETHER):
            some = added[start : start + ADDED_TOGETHER]
            new = _with_credentials(some, derived, report)
            report.added += _write(new, lambda part: _add(tables, domain, part, now), report)
            advance(len(some))


def _sort_out(
    tables: Tables, domain: str, lines: Sequence[Line], stored: dict[Address, User], report: Report
) -> tuple[list[_Change], list[_Change]]:
    """The users to add and those to change; bad lines go into the report."""
    aliases = {alias.address for alias in directory.active_aliases(tables, domain)}
    seen: dict[Address, int] = {}
    added, changed = [], []
    for line in lines:
        try:
            address = Address.parse(line.fields["address"])
            reason = _refusal(address, domain, aliases, seen)
            user = stored.get(address)
            profile = directory.check_profile(_profile(line.fields, user.profile if user else None))
            password = line.fields.get("password", "")
            if password and not user:
                credentials.check_password(password)
        except ChatError as error:
            reason = error.message
        if reason:
            report.refuse(line.number, reason)
            continue
        seen[address] = line.number
        if user is None:
            added.append(_Change(line.number, address, profile, password))
        elif user.profile != profile:
            changed.append(_Change(line.number, address, profile))
        else:
            report.unchanged += 1
    return added, changed


def _refusal(address: Address, domain: str, aliases: set[Address], seen: dict[Address, int]) -> str:
    """Why a line with this address is not used, or nothing."""
    if address.domain != domain:
        return f"{address} is not of {domain}"
    if address in aliases:
        return f"{address} is an alias"
    if address in seen:
        return f"{address} stands in line {seen[address]} already"
    return ""


def _profile(fields: dict[str, str], stored: Profile | None) -> Profile:
    """The details of a line; what the file has no column for stays as it is stored."""
    kept = stored or Profile("")
    phones = kept.phones
    if "phones" in fields:
        phones = tuple(phone.strip() for phone in fields["phones"].split(";") if phone.strip())
    return Profile(
        fields["name"],
        fields.get("title", kept.title),
        fields.get("department", kept.department),
        phones,
        fields.get("photo", kept.photo),
    )


@contextmanager
def _deriving(added: Sequence[_Change], now: int) -> Iterator[dict[int, Future[Credential]]]:
    """The credentials of those who have a password, by line, derived while others are written.

    PBKDF2 releases the interpreter's lock, so threads use all cores.
    """
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        yield {each.line: pool.submit(credentials.derive, each.password, now) for each in added if each.password}
    finally:
        pool.shutdown(cancel_futures=True)


def _with_credentials(some: Sequence[_Change], derived: dict[int, Future[Credential]], report: Report) -> list[_Change]:
    """The same with their credentials, less those whose password SASLprep forbids."""
    ready = []
    for each in some:
        try:
            ready.append(replace(each, credential=derived[each.line].result()) if each.line in derived else each)
        except ChatError as error:
            report.refuse(each.line, error.message)
    return ready


def _write(some: Sequence[_Change], write: Callable[[Sequence[_Change]], None], report: Report) -> int:
    """Write them in one transaction, or where that fails one by one, so that one line cannot spoil the others'.

    Returns how many were written.
    """
    if not some:
        return 0
    try:
        write(some)
    except ChatError as error:
        if len(some) > 1:
            return sum(_write([each], write, report) for each in some)
        report.refuse(some[0].line, error.message)
        return 0
    return len(some)


def _add(tables: Tables, domain: str, some: Sequence[_Change], now: int) -> None:
    users = [NewUser(each.address, each.profile, each.credential) for each in some]
    directory.add_users(tables, domain, users, now)


def _update(tables: Tables, domain: str, some: Sequence[_Change]) -> None:
    directory.update_profiles(tables, domain, [(each.address, each.profile) for each in some])
