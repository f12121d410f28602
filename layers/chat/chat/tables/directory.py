"""The Directory table: who is in a domain.

| pattern                          | operation         | key                                            | cost                        |
|----------------------------------|-------------------|------------------------------------------------|-----------------------------|
| a user's profile                 | GetItem           | DOMAIN/<domain>, USER/<local>                  | 0.5 read units              |
| an alias                         | GetItem           | DOMAIN/<domain>, ALIAS/<local>                 | 0.5 for about 150 members   |
| list aliases, a page             | Query             | DOMAIN/<domain>, ALIAS/…                       | 0.5 per 4 KB of the page    |
| list users, a page               | Query             | DOMAIN/<domain>, USER/…                        | 0.5 per 4 KB of the page    |
| has the directory changed?       | BatchGetItem      | DOMAIN/<domain>, VERSION and the asking user   | 1                           |
| a log-in's verifiers             | BatchGetItem      | CREDENTIAL/<domain>, <local>                   | 1, with the user 2          |
| how a domain's JWTs are checked  | BatchGetItem      | SIGNON/<domain>, SIGNON                        | 1, with the user 2          |
| set up single sign-on            | PutItem           | SIGNON/<domain>, SIGNON                        | 1 write unit                |
| end single sign-on               | DeleteItem        | SIGNON/<domain>, SIGNON                        | 1 write unit                |
| begin a change                   | GetItem           | DOMAIN/<domain>, VERSION                       | 1                           |
| change users or aliases          | TransactWriteItems| the entries and DOMAIN/<domain>, VERSION       | 2 per KB of each, at most 100 |

``/`` separates the parts of a key, because no address contains it. Credentials, single sign-on and settings have
partitions of their own, because a function's role can be held to partitions but not to sort keys. ``VERSION`` is raised
with every change of an entry, on condition that nobody else has raised it; the table's stream carries keys only, so a
credential never leaves the table that way. Settings are in ``chat.tables.settings``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chat.addresses import Address
from chat.entries import Alias, Profile, User
from chat.items import Item
from chat.store import Expression, Key, Page, Write, after
from chat.tables.settings import OwnContact as OwnContact  # given out here: settings are part of this table
from chat.tables.settings import SettingRows
from chat.tables.settings import Settings as Settings
from chat.tables.settings import blocked_contacts as blocked_contacts
from chat.tables.settings import chosen_status as chosen_status

TRANSACTION = 99
"""Entries in one change; the hundredth write of a transaction raises the version."""


@dataclass(frozen=True, slots=True)
class Credential:
    """SCRAM verifiers of one password (RFC 5802 §3) by mechanism, and since when it is valid, in ms."""

    verifiers: dict[str, Item]
    since: int


@dataclass(frozen=True, slots=True)
class SignOnSettings:
    """How the JWTs of a domain's webmail are checked: either with a shared key, or with the key set at a URL."""

    issuer: str
    audience: str
    key: bytes = field(default=b"", repr=False)
    jwks_url: str = ""


class DirectoryTable(SettingRows):
    """Reads and writes directory entries, and what users set for themselves."""

    def user_key(self, address: Address) -> Key:
        return Key(self.name, f"DOMAIN/{address.domain}", f"USER/{address.local}")

    def alias_key(self, address: Address) -> Key:
        return Key(self.name, f"DOMAIN/{address.domain}", f"ALIAS/{address.local}")

    def credential_key(self, address: Address) -> Key:
        return Key(self.name, f"CREDENTIAL/{address.domain}", address.local)

    def sign_on_key(self, domain: str) -> Key:
        return Key(self.name, f"SIGNON/{domain}", "SIGNON")

    def version_key(self, domain: str) -> Key:
        return Key(self.name, f"DOMAIN/{domain}", "VERSION")

    def user(self, address: Address) -> User | None:
        return user_from(self._store.get(self.user_key(address)), address.domain)

    def alias(self, address: Address) -> Alias | None:
        return alias_from(self._store.get(self.alias_key(address)), address.domain)

    def version(self, domain: str, *, consistent: bool = False) -> int | None:
        """The domain's version, or None where no such domain exists."""
        return version_from(self._store.get(self.version_key(domain), consistent=consistent))

    def credential(self, address: Address) -> Credential | None:
        return credential_from(self._store.get(self.credential_key(address), consistent=True))

    def sign_on(self, domain: str) -> SignOnSettings | None:
        return sign_on_from(self._store.get(self.sign_on_key(domain), consistent=True))

    def set_sign_on(self, domain: str, settings: SignOnSettings) -> None:
        self._store.put(self.sign_on_key(domain), _sign_on_item(settings))

    def delete_sign_on(self, domain: str) -> bool:
        """Whether there was something to delete."""
        return self._store.delete(self.sign_on_key(domain)) is not None

    def aliases(self, domain: str, limit: int, after_local: str | None = None) -> tuple[list[Alias], str | None]:
        """A page of aliases in the order of their local parts, and where to go on."""
        page = self._listing(domain, "ALIAS/", limit, after_local)
        found = [alias_from(item, domain) for item in page.items]
        return [alias for alias in found if alias], _local(page.last)

    def users(self, domain: str, limit: int, after_local: str | None = None) -> tuple[list[User], str | None]:
        """A page of users in the order of their local parts, and where to go on."""
        page = self._listing(domain, "USER/", limit, after_local)
        found = [user_from(item, domain) for item in page.items]
        return [user for user in found if user], _local(page.last)

    def all_aliases(self, domain: str) -> Iterator[Alias]:
        """Every alias of a domain, removed ones included; for changes of the directory, not for requests."""
        for item in self._store.query_all(self.name, f"DOMAIN/{domain}", low="ALIAS/", high="ALIAS0", consistent=True):
            alias = alias_from(item, domain)
            if alias:
                yield alias

    def all_users(self, domain: str) -> Iterator[User]:
        """Every user of a domain, removed ones included; for changes of the directory, not for requests."""
        for item in self._store.query_all(self.name, f"DOMAIN/{domain}", low="USER/", high="USER0", consistent=True):
            user = user_from(item, domain)
            if user:
                yield user

    def users_named(self, domain: str, locals_: Iterable[str]) -> dict[str, User]:
        """The users that exist among these local parts, removed ones included, as they are now."""
        keys = [self.user_key(Address(local, domain)) for local in locals_]
        found = self._store.get_many(keys, consistent=[self.name])
        users = [user_from(item, domain) for item in found.values()]
        return {user.address.local: user for user in users if user}

    def create_domain(self, domain: str) -> None:
        """Raises ConditionFailed where the domain exists."""
        condition = Expression("attribute_not_exists(pk)")
        self._store.put(self.version_key(domain), {"version": 1}, condition=condition)

    def change(self, domain: str, version: int, writes: Sequence[Write]) -> None:
        """Make the writes, at most 99, and raise the version above ``version``, all or nothing.

        Raises:
            ConditionFailed: the domain's version is another, or another transaction was in the way.
        """
        names = {"#version": "version"}
        raised = Expression("ADD #version :one", names, {":one": 1})
        unchanged = Expression("#version = :read", names, {":read": version})
        self._store.transact([*writes, Write.update(self.version_key(domain), raised, condition=unchanged)])

    def put_user(self, user: User) -> Write:
        return Write.put(self.user_key(user.address), _user_item(user))

    def put_alias(self, alias: Alias) -> Write:
        return Write.put(self.alias_key(alias.address), _alias_item(alias))

    def put_credential(self, address: Address, credential: Credential) -> Write:
        return Write.put(self.credential_key(address), {"verifiers": credential.verifiers, "since": credential.since})

    def delete_credential(self, address: Address) -> Write:
        return Write.delete(self.credential_key(address))

    def _listing(self, domain: str, prefix: str, limit: int, after_local: str | None) -> Page:
        low = after(prefix + after_local) if after_local is not None else prefix
        high = prefix[:-1] + "0"  # the character behind /
        return self._store.query(self.name, f"DOMAIN/{domain}", low=low, high=high, limit=limit)


def version_from(item: Item | None) -> int | None:
    return item["version"] if item else None


def credential_from(item: Item | None) -> Credential | None:
    return Credential(item["verifiers"], item["since"]) if item else None


def sign_on_from(item: Item | None) -> SignOnSettings | None:
    if item is None:
        return None
    return SignOnSettings(item["issuer"], item["audience"], item.get("key", b""), item.get("jwks_url", ""))


def user_from(item: Item | None, domain: str) -> User | None:
    if item is None:
        return None
    return User(
        Address(item["sk"].partition("/")[2], domain),
        Profile(
            item.get("name", ""),
            item.get("title", ""),
            item.get("department", ""),
            tuple(item.get("phones", ())),
            item.get("photo", ""),
        ),
        frozenset(item.get("aliases", ())),
        item.get("disabled", False),
        item.get("removed", False),
        item.get("history_from", ""),
    )


def alias_from(item: Item | None, domain: str) -> Alias | None:
    if item is None:
        return None
    return Alias(
        Address(item["sk"].partition("/")[2], domain),
        item.get("name", ""),
        tuple(Address(local, domain) for local in item.get("members", ())),
        frozenset(item.get("reach", ())),
        item.get("removed", False),
    )


def _user_item(user: User) -> Item:
    profile = user.profile
    return _present(
        name=profile.name,
        title=profile.title,
        department=profile.department,
        phones=list(profile.phones),
        photo=profile.photo,
        aliases=set(user.aliases),
        disabled=user.disabled,
        removed=user.removed,
        history_from=user.history_from,
    )


def _sign_on_item(settings: SignOnSettings) -> Item:
    return _present(issuer=settings.issuer, audience=settings.audience, key=settings.key, jwks_url=settings.jwks_url)


def _alias_item(alias: Alias) -> Item:
    return _present(
        name=alias.name,
        members=[member.local for member in alias.members],
        reach=set(alias.reach),
        removed=alias.removed,
    )


def _present(**attributes: object) -> Item:
    return {name: value for name, value in attributes.items() if value}


def _local(sort_key: str | None) -> str | None:
    return sort_key.partition("/")[2] if sort_key else None


def active_contact(user: Item | None, alias: Item | None, domain: str) -> User | Alias | None:
    """Who can be chatted with under an address that may be a user's and an alias's: the one that is active."""
    entries = (user_from(user, domain), alias_from(alias, domain))
    return next((entry for entry in entries if entry and entry.active), None)


def changed_domain(keys: Mapping[str, Mapping[str, str]]) -> str | None:
    """The domain whose version a stream record of this table is about, or None."""
    return keys["pk"]["S"].removeprefix("DOMAIN/") if keys["sk"]["S"] == "VERSION" else None
