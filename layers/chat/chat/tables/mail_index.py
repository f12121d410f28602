"""What the indexer of mail keeps for itself, in the History table beside the communications.

| pattern                            | operation      | key                                                 | cost              |
|------------------------------------|----------------|-----------------------------------------------------|-------------------|
| note who has a mail                | UpdateItem     | COMMUNICATION/<domain>/<mail id>, OWNERS            | 1 write unit      |
| who had blind copies of it?        | GetItem        | the same                                            | 1                 |
| note which mail has a file         | BatchWriteItem | COMMUNICATION/<domain>/<sha256>, MAIL/<mail id>     | 1 write unit      |
| does any mail have a file?         | Query          | COMMUNICATION/<domain>/<sha256>, one row            | 0.5               |
| when a mail without a date came    | UpdateItem     | COMMUNICATION/<domain>/<sha256 of Message-ID>, CAME | 1 write unit      |
| an appointment as its owner knows it | GetItem      | COMMUNICATION/<owner>, UID/<sha256 of its name>     | 1 per 4 KB        |
| the same, changed                  | PutItem        | COMMUNICATION/<owner>, UID/<sha256 of its name>     | 1 write unit per KB |
| all appointments of an owner       | Query          | COMMUNICATION/<owner>, UID/…                        | for ``chatctl`` alone |

Who has a mail and which mail has a file is noted so that a user's index can be deleted, and texts and files with it that nobody else has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator

from chat.addresses import Address
from chat.items import Item
from chat.store import ConditionFailed, Expression, Key, Store
from chat.tables.communications import Row

MAX_BLIND = 100
"""Recipients of blind copies of one mail that are known beyond the copy that names them, and those of the last one."""

_UNSEEN = Expression("attribute_not_exists(pk)")


class Changed(Exception):
    """Somebody else has changed the appointment since it was read."""


class MailIndexRows:
    """Reads and writes them."""

    def __init__(self, store: Store, name: str) -> None:
        """``name`` is the History table's."""
        self._store = store
        self.name = name

    def add_owners(
        self, domain: str, mail_id: str, owners: Iterable[Address], blind: Collection[str]
    ) -> frozenset[str]:
        """Note that these users and aliases have a mail, beside those who have it already, and who had blind copies of
        it; returns who else had some."""
        names, values = {"#owners": "owners"}, {":owners": {str(each) for each in owners}}
        key, change = self._owners_key(domain, mail_id), Expression("ADD #owners :owners", names, values)
        some = set(list(blind)[:MAX_BLIND])
        if not some:
            return frozenset(self._store.update(key, change).get("blind", ()))
        more = Expression(f"{change.text}, #blind :blind", names | {"#blind": "blind"}, values | {":blind": some})
        room = Expression("attribute_not_exists(#blind) OR size(#blind) < :most", {}, {":most": MAX_BLIND})
        try:
            return frozenset(self._store.update(key, more, condition=room)["blind"])
        except ConditionFailed:
            return frozenset(self._store.update(key, change)["blind"])

    def blind(self, domain: str, mail_id: str) -> frozenset[str]:
        """The addresses of who is known to have had blind copies of a mail."""
        item = self._store.get(self._owners_key(domain, mail_id), consistent=True)
        return frozenset((item or {}).get("blind", ()))

    def remove_owner(self, domain: str, mail_id: str, owner: Address) -> bool:
        """Note that somebody has a mail no more; whether nobody has it now."""
        names, values = {"#owners": "owners", "#blind": "blind"}, {":owner": {str(owner)}}
        change = Expression("DELETE #owners :owner, #blind :owner", names, values)
        if self._store.update(self._owners_key(domain, mail_id), change).get("owners"):
            return False
        self._store.delete(self._owners_key(domain, mail_id), condition=Expression("attribute_not_exists(owners)"))
        return True

    def file_row(self, domain: str, sha256: str, mail_id: str) -> Row:
        """What is to be stored of a mail's having a file."""
        return Key(self.name, f"COMMUNICATION/{domain}/{sha256}", f"MAIL/{mail_id}"), {}

    def remove_file(self, domain: str, sha256: str, mail_id: str) -> bool:
        """Note that a mail is gone which had a file; whether no mail has the file now."""
        key, _ = self.file_row(domain, sha256, mail_id)
        self._store.delete(key)
        return not self._store.query(self.name, key.pk, limit=1, consistent=True).items

    def came(self, domain: str, message_id: str, now: int) -> int:
        """When a mail without a date came first: ``now``, unless it did before."""
        change = Expression("SET #at = if_not_exists(#at, :now)", {"#at": "at"}, {":now": now})
        key = Key(self.name, f"COMMUNICATION/{domain}/{_digest(message_id)}", "CAME")
        at: int = self._store.update(key, change)["at"]
        return at

    def appointment(self, owner: Address, name: str) -> Item | None:
        """An appointment as its owner knows it now; ``name`` is of organizer and UID."""
        return self._store.get(self._appointment_key(owner, name), consistent=True)

    def put_appointment(self, owner: Address, name: str, item: Item) -> None:
        """Keep an appointment whose ``revision`` is one more than it was.

        Raises:
            Changed: it was another.
        """
        before = item["revision"] - 1
        unchanged = Expression("#revision = :before", {"#revision": "revision"}, {":before": before})
        try:
            self._store.put(self._appointment_key(owner, name), item, condition=unchanged if before else _UNSEEN)
        except ConditionFailed as error:
            raise Changed(name) from error

    def appointment_keys(self, owner: Address) -> Iterator[Key]:
        """Where the appointments of an owner are kept."""
        partition = f"COMMUNICATION/{owner}"
        for item in self._store.query_all(self.name, partition, low="UID/", high="UID0"):
            yield Key(self.name, partition, item["sk"])

    def _owners_key(self, domain: str, mail_id: str) -> Key:
        return Key(self.name, f"COMMUNICATION/{domain}/{mail_id}", "OWNERS")

    def _appointment_key(self, owner: Address, name: str) -> Key:
        return Key(self.name, f"COMMUNICATION/{owner}", f"UID/{_digest(name)}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
