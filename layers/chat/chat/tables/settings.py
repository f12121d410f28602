"""The rows of the Directory table that are a user's own settings.

| pattern                             | operation           | key                                 | cost                         |
|-------------------------------------|---------------------|-------------------------------------|------------------------------|
| all settings                        | BatchGetItem        | SETTING/<domain>, <local> and <local>/ROSTER | 2, and 1 per further 4 KB |
| chosen status, whom it has blocked  | BatchGetItem        | SETTING/<domain>, <local>           | 1                            |
| has it blocked the sender?          | BatchGetItem        | SETTING/<domain>, <local>           | 0.5 for about 150 blocked    |
| choose a status                     | UpdateItem          | SETTING/<domain>, <local>           | 1 write unit per KB          |
| block, unblock                      | UpdateItem          | SETTING/<domain>, <local>           | 1 write unit per KB          |
| what XMPP clients were given        | UpdateItem          | SETTING/<domain>, <local>           | 1 write unit per KB          |
| name and group a contact            | GetItem, UpdateItem | SETTING/<domain>, <local>/ROSTER    | 1 per 4 KB, 1 write unit per KB |

Own contacts are in a row of their own, which a message need not read, one attribute per contact, so that each change is
one atomic update. ``/`` cannot occur in an address.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from chat import texts
from chat.addresses import Address
from chat.errors import BadField
from chat.items import Item
from chat.presence import Status
from chat.store import ConditionFailed, Expression, Key, Store, Write

MAX_OWN_NAME = 100
"""Characters of an own name for a contact, and of a group's."""
MAX_GROUPS = 10
"""Groups that one contact is in."""
MAX_CONTACTS = 1000
"""Contacts that a user has named or grouped."""
MAX_CONTACTS_BYTES = 200 * 1024
"""Bytes of all own names and groups: an item holds 400 KB."""
MAX_BLOCKED = 1000
"""Contacts that a user has blocked."""
_CONTACT = "contact/"


@dataclass(frozen=True, slots=True)
class OwnContact:
    """A contact as a user named and grouped it; without a name, the directory's holds."""

    name: str
    groups: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of its texts."""
        return sum(len(each.encode()) for each in (self.name, *self.groups))


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user chose for itself."""

    status: Status = Status.AVAILABLE
    """The webmail status."""
    contacts: dict[str, OwnContact] = field(default_factory=dict)
    """By local part."""
    blocked: frozenset[str] = frozenset()
    """Local parts."""
    roster: int = 0
    """Rises with each change of ``contacts``."""
    delivered: str = ""
    """The newest message that an XMPP client of the user was given, or none."""


class SettingRows:
    """Reads and writes a user's own settings."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self.name = name

    def setting_key(self, address: Address) -> Key:
        return Key(self.name, f"SETTING/{address.domain}", address.local)

    def settings(self, address: Address) -> Settings:
        """All settings of a user, as they are now."""
        keys = self.setting_key(address), self._roster_key(address)
        found = self._store.get_many(keys, consistent=[self.name])
        setting, roster = found.get(keys[0]) or {}, found.get(keys[1]) or {}
        return Settings(
            chosen_status(setting),
            _contacts_in(roster),
            blocked_contacts(setting),
            roster.get("roster", 0),
            setting.get("delivered", ""),
        )

    def choose_status(self, address: Address, status: Status) -> None:
        """Keep the status that the user chose in webmail."""
        change = Expression("SET #status = :status", {"#status": "status"}, {":status": str(status)})
        self._store.update(self.setting_key(address), change)

    def set_contact(self, address: Address, local: str, own: OwnContact | None) -> int:
        """Name and group a contact, or with None go back to the directory's name; returns the new ``roster``.

        Raises:
            BadField, BadText: names the field, its limit and what was given.
        """
        names, values = {"#contact": f"{_CONTACT}{local}"}, {":one": 1}
        if own is None:
            removed = Expression("REMOVE #contact ADD roster :one", names, values)
            return int(self._store.update(self._roster_key(address), removed)["roster"])
        _check_own(own)
        others = _contacts_in(self._store.get(self._roster_key(address), consistent=True) or {}) | {local: own}
        if len(others) > MAX_CONTACTS:
            raise BadField(f"{len(others)} contacts would be named or grouped, allowed are {MAX_CONTACTS}")
        size = sum(each.size for each in others.values())
        if size > MAX_CONTACTS_BYTES:
            raise BadField(f"own names and groups would have {size} bytes, allowed are {MAX_CONTACTS_BYTES}")
        kept: Item = {":contact": {"name": own.name, "groups": list(own.groups)}}
        change = Expression("SET #contact = :contact ADD roster :one", names, values | kept)
        return int(self._store.update(self._roster_key(address), change)["roster"])

    def block(self, address: Address, locals_: Collection[str]) -> frozenset[str]:
        """Block contacts, by local parts; returns all that are blocked.

        Raises:
            BadField: it would be more than 1,000.
        """
        wanted = frozenset(locals_)
        if not wanted:
            return self.settings(address).blocked
        _check_blocked(len(wanted))
        change = Expression("ADD blocked :locals", values={":locals": wanted})
        room = Expression(
            "attribute_not_exists(blocked) OR size(blocked) <= :room", values={":room": MAX_BLOCKED - len(wanted)}
        )
        try:
            return blocked_contacts(self._store.update(self.setting_key(address), change, condition=room))
        except ConditionFailed as failed:
            there = blocked_contacts(failed.item)
            _check_blocked(len(there | wanted))
            return self.block(address, wanted - there)  # some of them count already

    def unblock(self, address: Address, locals_: Collection[str] | None) -> frozenset[str]:
        """Unblock contacts, by local parts, or with None all; returns all that are still blocked."""
        if locals_ is None:
            self._store.update(self.setting_key(address), Expression("REMOVE blocked"))
            return frozenset()
        if not locals_:
            return self.settings(address).blocked
        change = Expression("DELETE blocked :locals", values={":locals": frozenset(locals_)})
        return blocked_contacts(self._store.update(self.setting_key(address), change))

    def set_delivered(self, address: Address, message_id: str) -> bool:
        """Note the newest message that an XMPP client of a user was given; it only moves forward; whether it moved."""
        change = Expression("SET delivered = :id", values={":id": message_id})
        newer = Expression("attribute_not_exists(delivered) OR delivered < :id")
        try:
            self._store.update(self.setting_key(address), change, condition=newer)
        except ConditionFailed:
            return False
        return True

    def delete_settings(self, address: Address) -> list[Write]:
        """Two writes."""
        return [Write.delete(self.setting_key(address)), Write.delete(self._roster_key(address))]

    def _roster_key(self, address: Address) -> Key:
        return Key(self.name, f"SETTING/{address.domain}", f"{address.local}/ROSTER")


def chosen_status(setting: Item | None) -> Status:
    """The webmail status in a setting: Available until the user chose another."""
    return Status((setting or {}).get("status", Status.AVAILABLE))


def blocked_contacts(setting: Item | None) -> frozenset[str]:
    """The local parts that a setting says are blocked."""
    return frozenset((setting or {}).get("blocked", ()))


def _contacts_in(roster: Item) -> dict[str, OwnContact]:
    return {
        name.removeprefix(_CONTACT): OwnContact(own["name"], tuple(own["groups"]))
        for name, own in roster.items()
        if name.startswith(_CONTACT)
    }


def _check_own(own: OwnContact) -> None:
    if len(own.groups) > MAX_GROUPS:
        raise BadField(f"groups has {len(own.groups)} entries, allowed are {MAX_GROUPS}")
    for field_name, text in _texts(own):
        texts.check_text(text, field_name)
        if len(text) > MAX_OWN_NAME:
            raise BadField(f"{field_name} has {len(text)} characters, allowed are {MAX_OWN_NAME}")
        if field_name == "group" and not text:
            raise BadField("group is empty")


def _texts(own: OwnContact) -> Iterator[tuple[str, str]]:
    yield "name", own.name
    for group in own.groups:
        yield "group", group


def _check_blocked(count: int) -> None:
    if count > MAX_BLOCKED:
        raise BadField(f"{count} contacts would be blocked, allowed are {MAX_BLOCKED}")
