"""Administration of a domain: users, aliases, passwords. Every change raises the domain's version.

Of two changes at one moment, one is made and the other refused with DirectoryError, to be tried again. Of a change in
several transactions, those before the refused one stay.

Removing hides an entry and keeps what others need of it: their history. An address that is given to somebody new does
not show the new owner the old one's messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chat import aliases as graph
from chat import ids, texts
from chat.addresses import Address
from chat.connecting import remove
from chat.entries import MAX_NAME, MAX_PHONE, MAX_PHONES, MAX_PHOTO, Alias, Profile, User
from chat.errors import AlreadyExists, BadField, DirectoryError, UnknownContact, UnknownDomain
from chat.presence import connections_in
from chat.store import ConditionFailed, Write
from chat.tables import Tables
from chat.tables.directory import TRANSACTION, Credential


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to add, with the verifiers of a password, or None for one who cannot log in yet."""

    address: Address
    profile: Profile
    credential: Credential | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """What removing a user removed."""

    aliases: tuple[str, ...]
    inbox_rows: int
    connections: tuple[str, ...]
    """API connections that are still open and have to be closed."""


@dataclass
class _Edit:
    """One operation on a domain, whose writes are made only while nobody else has changed the directory.

    The version is read before any entry, and each transaction holds only if it is still the same.
    """

    tables: Tables
    domain: str
    version: int

    @classmethod
    def begin(cls, tables: Tables, domain: str) -> _Edit:
        """Raises UnknownDomain where the domain has not been created."""
        version = tables.directory.version(domain, consistent=True)
        if version is None:
            raise UnknownDomain(f"the domain {domain} has not been created")
        return cls(tables, domain, version)

    def user(self, address: Address) -> User | None:
        """A user, removed or not, as it is now."""
        return self.tables.directory.users_named(self.domain, [address.local]).get(address.local)

    def existing(self, address: Address) -> User:
        """Raises UnknownContact where there is no such user, or it was removed."""
        user = self.user(address)
        if user is None or user.removed:
            raise UnknownContact(f"{address} is not a user")
        return user

    def aliases(self) -> dict[Address, Alias]:
        """All aliases, removed ones included, as they are now."""
        return {alias.address: alias for alias in self.tables.directory.all_aliases(self.domain)}

    def write(self, writes: Sequence[Write]) -> None:
        """One transaction of at most 99 writes; raises DirectoryError, and writes nothing, after somebody else's."""
        try:
            self.tables.directory.change(self.domain, self.version, writes)
        except ConditionFailed as error:
            raise DirectoryError("somebody else changed the directory at the same moment; try again") from error
        self.version += 1


def create_domain(tables: Tables, domain: str) -> None:
    """Raises AlreadyExists where the domain was created before."""
    try:
        tables.directory.create_domain(domain)
    except ConditionFailed as error:
        raise AlreadyExists(f"the domain {domain} exists already") from error


def check_profile(profile: Profile) -> Profile:
    """The profile, if every field is within its limits.

    Raises:
        BadField, BadText: names the field, its limit and what was given.
    """
    if not profile.name.strip():
        raise BadField("name is empty")
    lines = {"name": profile.name, "title": profile.title, "department": profile.department}
    for field, text in lines.items():
        _check_line(field, text, MAX_NAME)
    if len(profile.phones) > MAX_PHONES:
        raise BadField(f"phones has {len(profile.phones)} entries, allowed are {MAX_PHONES}")
    for phone in profile.phones:
        _check_line("phone", phone, MAX_PHONE)
    _check_line("photo", profile.photo, MAX_PHOTO)
    if profile.photo and not profile.photo.startswith("https://"):
        raise BadField("photo is not an https address")
    return profile


def add_users(tables: Tables, domain: str, users: Sequence[NewUser], now: int) -> None:
    """Add users, in transactions of up to 49 users.

    Raises:
        AlreadyExists: an address is in use as a user or alias, or is given twice; those of earlier transactions have
            been added.
        DirectoryError: an address is of another domain.
        UnknownDomain: the domain has not been created.
    """
    for address, times in Counter(user.address for user in users).items():
        if address.domain != domain:
            raise DirectoryError(f"{address} is not in {domain}")
        if times > 1:
            raise AlreadyExists(f"{address} is given {times} times")
    edit = _Edit.begin(tables, domain)
    aliases = edit.aliases()
    for start in range(0, len(users), TRANSACTION // 2):
        some = users[start : start + TRANSACTION // 2]
        former = tables.directory.users_named(domain, [user.address.local for user in some])
        writes: list[Write] = []
        for user in some:
            check_profile(user.profile)
            writes += _adding(tables, user, aliases, former.get(user.address.local), now)
        edit.write(writes)


def update_profiles(tables: Tables, domain: str, profiles: Sequence[tuple[Address, Profile]]) -> None:
    """Give users new details, in transactions of up to 99; of two for one user, the later holds.

    Raises:
        UnknownContact: no such user in the domain.
        UnknownDomain: the domain has not been created.
    """
    edit = _Edit.begin(tables, domain)
    latest = list(dict(profiles).items())
    for start in range(0, len(latest), TRANSACTION):
        some = latest[start : start + TRANSACTION]
        stored = tables.directory.users_named(domain, [address.local for address, _ in some])
        writes: list[Write] = []
        for address, profile in some:
            user = stored.get(address.local)
            if user is None or user.removed or address.domain != domain:
                raise UnknownContact(f"{address} is not a user of {domain}")
            writes.append(tables.directory.put_user(replace(user, profile=check_profile(profile))))
        edit.write(writes)


def set_password(tables: Tables, address: Address, credential: Credential) -> None:
    """Give a user a new password, which ends all sessions of the old one.

    Raises:
        UnknownContact: no such user.
    """
    edit = _Edit.begin(tables, address.domain)
    edit.existing(address)
    edit.write([tables.directory.put_credential(address, credential)])


def disable_user(tables: Tables, address: Address, disabled: bool, now: int) -> tuple[str, ...]:
    """Shut a user out, or let it in again; returns the API connections that have to be closed.

    Raises:
        UnknownContact: no such user.
    """
    edit = _Edit.begin(tables, address.domain)
    user = edit.existing(address)
    if user.disabled != disabled:
        edit.write([tables.directory.put_user(replace(user, disabled=disabled))])
    return _disconnect(tables, address, now) if disabled else ()


def remove_user(tables: Tables, address: Address, now: int) -> Removal:
    """Remove a user: profile, password, settings, inbox, membership in aliases. Messages stay, for those they went to.

    Raises:
        UnknownContact: no such user.
    """
    edit = _Edit.begin(tables, address.domain)
    user, aliases = edit.existing(address), edit.aliases()
    left = _take_out(aliases, address)
    if left:
        _save_graph(edit, aliases, left)
    gone = User(user.address, Profile(user.profile.name), removed=True, history_from=user.history_from)
    edit.write(
        [
            tables.directory.put_user(gone),
            tables.directory.delete_credential(address),
            *tables.directory.delete_settings(address),
        ]
    )
    connections = _disconnect(tables, address, now)
    rows = tables.history.delete_inbox(address)
    return Removal(tuple(sorted(map(str, left))), rows, connections)


def save_alias(tables: Tables, address: Address, name: str, members: Sequence[Address]) -> tuple[Address, ...]:
    """Create or change an alias; returns the members outside its domain, which are ignored.

    Raises:
        AliasCycle: it would contain itself.
        DirectoryError: it would reach nobody, or too many.
        AlreadyExists: a user has the address.
        UnknownDomain: the domain has not been created.
    """
    _check_line("name", name, MAX_NAME)
    if not name.strip():
        raise BadField("name is empty")
    inside, outside = graph.of_domain(address.domain, members)
    if not inside:
        raise DirectoryError(f"{address} has no member in {address.domain}")
    edit = _Edit.begin(tables, address.domain)
    user, aliases = edit.user(address), edit.aliases()
    if user and not user.removed:
        raise AlreadyExists(f"{address} is a user")
    former = aliases.get(address, Alias(address, name))
    aliases[address] = replace(former, name=name, members=inside, removed=False)
    _save_graph(edit, aliases, {address})
    return outside


def remove_alias(tables: Tables, address: Address) -> None:
    """Remove an alias, also from aliases that contain it. Its members keep reading its history.

    Raises:
        UnknownContact: no such alias.
    """
    edit = _Edit.begin(tables, address.domain)
    aliases = edit.aliases()
    alias = aliases.get(address)
    if alias is None or alias.removed:
        raise UnknownContact(f"{address} is not an alias")
    changed = _take_out(aliases, address) | {address}
    aliases[address] = replace(alias, removed=True)
    _save_graph(edit, aliases, changed)


def users(tables: Tables, domain: str) -> Iterator[User]:
    """All users of a domain that were not removed."""
    return (user for user in tables.directory.all_users(domain) if not user.removed)


def active_aliases(tables: Tables, domain: str) -> Iterator[Alias]:
    """All aliases of a domain that were not removed."""
    return (alias for alias in tables.directory.all_aliases(domain) if alias.active)


def _take_out(aliases: dict[Address, Alias], member: Address) -> set[Address]:
    """Take an address out of all aliases; returns those that had it."""
    containing = {alias.address for alias in aliases.values() if member in alias.members}
    for each in containing:
        rest = tuple(other for other in aliases[each].members if other != member)
        aliases[each] = replace(aliases[each], members=rest)
    return containing


def _save_graph(edit: _Edit, aliases: dict[Address, Alias], changed: set[Address]) -> None:
    """Write the changed aliases and those whose reach follows from them, then to each user its memberships.

    Where this ends half-way, saving any alias of the domain again completes it.
    """
    entries = edit.tables.directory
    reached = graph.reach({address: alias.members for address, alias in aliases.items() if alias.active})
    memberships: dict[str, set[str]] = {}
    writes: list[Write] = []
    for alias in aliases.values():
        new = replace(alias, reach=reached.get(alias.address, alias.reach))
        if new.reach != alias.reach or alias.address in changed:
            writes.append(entries.put_alias(new))
        for local in alias.reach | new.reach:
            memberships.setdefault(local, set())
        for local in new.reach:
            memberships[local].add(alias.address.local)
    users = entries.users_named(edit.domain, memberships)
    for local, user in users.items():
        if user.aliases != memberships[local]:
            writes.append(entries.put_user(replace(user, aliases=frozenset(memberships[local]))))
    for start in range(0, len(writes), TRANSACTION):
        edit.write(writes[start : start + TRANSACTION])


def _adding(
    tables: Tables, user: NewUser, aliases: dict[Address, Alias], former: User | None, now: int
) -> Iterable[Write]:
    alias = aliases.get(user.address)
    if (alias and alias.active) or (former and not former.removed):
        raise AlreadyExists(f"{user.address} exists already")
    member_of = frozenset(each.address.local for each in aliases.values() if user.address.local in each.reach)
    floor = ids.lowest(now) if former or alias else ""
    yield tables.directory.put_user(User(user.address, user.profile, member_of, history_from=floor))
    if user.credential:
        yield tables.directory.put_credential(user.address, user.credential)


def _disconnect(tables: Tables, address: Address, now: int) -> tuple[str, ...]:
    connections = connections_in(tables.connections.of(address))
    if connections:
        remove(tables, address, [each.ref for each in connections], now)
    return tuple(each.connection_id for each in connections if each.is_web)


def _check_line(field: str, text: str, limit: int) -> None:
    texts.check_text(text, field)
    if len(text) > limit:
        raise BadField(f"{field} has {len(text)} characters, allowed are {limit}")
    if "\n" in text or "\r" in text:
        raise BadField(f"{field} has a line break")
