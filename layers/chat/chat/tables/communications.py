"""Communications, in partitions of their own of the History table: what is indexed of everybody's mail.

| pattern                      | operation  | key                                                    | cost                     |
|------------------------------|------------|--------------------------------------------------------|--------------------------|
| keep a communication         | PutItem    | COMMUNICATION/<owner>/<contact>, MAIL/<id>, APPOINTMENT/<id> or ATTACHMENT/<id> | 1 write unit |
| keep one of an alias         | PutItem    | COMMUNICATION/<alias>, the same                        | 1 write unit             |
| a page of one kind           | Query      | one of these, MAIL/…, APPOINTMENT/… or ATTACHMENT/…    | 0.5 per 4 KB of the page |
| note that a domain is indexed | UpdateItem | COMMUNICATION/<domain>, INDEXED                       | 1 write unit             |
| is a domain indexed?         | GetItem    | COMMUNICATION/<domain>, INDEXED                        | 0.5                      |

A row's key is made of its time and its source, so that indexing the same mail again writes the same rows. An alias has
one partition for all that it has, as it has one thread; a user who had the same address before had others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chat import ids
from chat.addresses import Address
from chat.items import Item
from chat.store import Expression, Key, Store

Kind = Literal["message", "appointment", "attachment"]
Direction = Literal["sent", "received"]

MAX_TITLE = 200
"""Characters of a title that are kept; a subject may have thousands."""

_ROWS: dict[Kind, str] = {"message": "MAIL", "appointment": "APPOINTMENT", "attachment": "ATTACHMENT"}


@dataclass(frozen=True, slots=True)
class Communication:
    """An indexed mail message, appointment or attachment. Its ``id`` is a UUIDv7 of its time: when the mail was sent or
    came, or when the appointment begins."""

    id: str
    kind: Kind
    title: str
    """Subject, summary or file name."""
    arrived: int
    """When it came to its owner, in ms since the epoch: for an appointment, the invitation."""
    direction: Direction | None = None
    """Which way the mail went, for its owner."""
    size: int | None = None
    """Bytes."""
    ends: int | None = None
    """When an appointment ends, in ms since the epoch."""

    @property
    def at(self) -> str:
        return ids.iso(ids.time_of(self.id))

    @property
    def ends_at(self) -> str | None:
        return None if self.ends is None else ids.iso(self.ends)


@dataclass(frozen=True, slots=True)
class Correspondence:
    """All communications of a user with a contact, or of an alias."""

    partition: str

    @classmethod
    def between(cls, owner: Address, contact: Address) -> Correspondence:
        """What the owner, a user, has with the contact; the contact, if a user, has the same in another one."""
        return cls(f"COMMUNICATION/{owner}/{contact}")

    @classmethod
    def of_alias(cls, alias: Address) -> Correspondence:
        return cls(f"COMMUNICATION/{alias}")


class CommunicationRows:
    """Reads and writes communications."""

    def __init__(self, store: Store, name: str) -> None:
        """``name`` is the History table's."""
        self._store = store
        self.name = name

    def add(self, correspondence: Correspondence, communication: Communication) -> None:
        """Keep a communication, instead of what has the same kind and id."""
        row = f"{_ROWS[communication.kind]}/{communication.id}"
        self._store.put(Key(self.name, correspondence.partition, row), _item(communication))

    def page(
        self, correspondence: Correspondence, kind: Kind, *, low: str, high: str, limit: int
    ) -> tuple[list[Communication], bool]:
        """At most ``limit`` with ids from ``low`` to ``high``, newest first, and whether there may be more."""
        if low > high:  # the floor of a view may be above the place where a page goes on
            return [], False
        row = _ROWS[kind]
        page = self._store.query(
            self.name,
            correspondence.partition,
            low=f"{row}/{low}",
            high=f"{row}/{high}",
            newest_first=True,
            limit=limit,
        )
        return [_communication(item, kind) for item in page.items], page.last is not None

    def note_indexed(self, domain: str, now: int) -> None:
        """Note that mail of a domain is indexed, from ``now`` on if it was not before."""
        change = Expression("SET #since = if_not_exists(#since, :now)", {"#since": "since"}, {":now": now})
        self._store.update(self._indexed_key(domain), change)

    def is_indexed(self, domain: str) -> bool:
        """Whether any mail of a domain was ever indexed."""
        return self._store.get(self._indexed_key(domain)) is not None

    def _indexed_key(self, domain: str) -> Key:
        return Key(self.name, f"COMMUNICATION/{domain}", "INDEXED")


def _item(communication: Communication) -> Item:
    return {
        "title": communication.title[:MAX_TITLE],
        "arrived": communication.arrived,
        "direction": communication.direction,
        "size": communication.size,
        "ends": communication.ends,
    }


def _communication(item: Item, kind: Kind) -> Communication:
    return Communication(
        item["sk"].partition("/")[2],
        kind,
        item["title"],
        item["arrived"],
        item.get("direction"),
        item.get("size"),
        item.get("ends"),
    )
