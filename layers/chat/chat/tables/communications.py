"""Communications, in partitions of their own of the History table: what is indexed of everybody's mail.

| pattern                      | operation      | key                                                    | cost                     |
|------------------------------|----------------|--------------------------------------------------------|--------------------------|
| keep communications          | BatchWriteItem | COMMUNICATION/<owner>/<contact>, MAIL/<id>, APPOINTMENT/<id> or ATTACHMENT/<id> | 1 write unit per KB of each |
| keep the words of a mail     | BatchWriteItem | the same, TEXT/<id>                                    | 1 write unit per KB of each |
| keep those of an alias       | BatchWriteItem | COMMUNICATION/<alias>, the same                        | the same                 |
| one communication            | GetItem        | one of these                                           | 0.5                      |
| a page of one kind           | Query          | one of these, MAIL/…, APPOINTMENT/… or ATTACHMENT/…    | 0.5 per 4 KB of the page |
| the words of mail            | Query          | one of these, TEXT/…                                   | 0.5 per 4 KB, 1 MB at most |
| note that a domain is indexed | UpdateItem    | COMMUNICATION/<domain>, INDEXED                        | 1 write unit             |
| is a domain indexed?         | GetItem        | COMMUNICATION/<domain>, INDEXED                        | 0.5                      |

A row's key is made of its time and its source, so that indexing the same mail again writes the same rows. An alias has
one partition for all that it has, as it has one thread; a user who had the same address before had others. What the
indexer itself keeps is in ``chat.tables.mail_index``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from typing import Any, Literal

from chat import ids
from chat.addresses import Address
from chat.items import Item
from chat.store import ConditionFailed, Expression, Key, Store, StoreBusy

Kind = Literal["message", "appointment", "attachment"]
Direction = Literal["sent", "received"]
Answer = Literal["needs-action", "accepted", "declined", "tentative"]
State = Literal["confirmed", "tentative", "cancelled"]

MAX_TITLE = 200
"""Characters of a title, a preview or a place that are kept; a subject may have thousands."""
MAX_PEOPLE = 10
"""Others that a communication names; it counts the rest."""

_ROWS: dict[Kind, str] = {"message": "MAIL", "appointment": "APPOINTMENT", "attachment": "ATTACHMENT"}
_TEXT = "TEXT"
_UNSEEN = Expression("attribute_not_exists(pk)")
_SHORTENED = ("title", "preview", "place", "mail_title")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence of a series that takes place otherwise than its rule says (RECURRENCE-ID, RFC 5545 §3.8.4.4).
    Times are in ms since the epoch."""

    recurrence: int
    """When it would have begun."""
    begins: int
    ends: int
    cancelled: bool = False
    answer: Answer | None = None
    """The owner's own to this one, where it is another than to the series; and the contact's."""
    contact_answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Communication:
    """An indexed mail message, appointment or attachment, as its owner has it with a contact.

    Its ``id`` is a UUIDv7 of its time: when the mail was sent or the file came; of an appointment, when its last
    occurrence ends. So those that are to come have ids from now on. Times are in ms since the epoch.
    """

    id: str
    kind: Kind
    title: str
    """Subject, summary or file name."""
    arrived: int
    """When it came to its owner: for an appointment, the invitation."""
    direction: Direction | None = None
    """Which way the mail went, for its owner."""
    size: int | None = None
    """Bytes."""
    ends: int | None = None
    """When an appointment ends: its first occurrence, where it has several."""
    preview: str | None = None
    """How a mail's text begins."""
    people: list[str] | None = None
    """Who else took part, by address: up to 10, and none whom the owner does not see in the mail."""
    more_people: int | None = None
    files: int | None = None
    """How many files a mail has."""
    text: str | None = None
    """Under what a mail's text is kept: made of it, so that no other mail which claims the same Message-ID has it."""
    content_type: str | None = None
    """Of a file."""
    sha256: str | None = None
    """Of a file's content."""
    mail: str | None = None
    """The id of the mail message that it came with."""
    mail_title: str | None = None
    url: str | None = None
    """Where a file is that was shared in the chat."""
    begins: int | None = None
    """When an appointment begins: its first occurrence, where it has several."""
    place: str | None = None
    all_day: bool | None = None
    rule: str | None = None
    """How an appointment is repeated: RRULE (RFC 5545 §3.3.10)."""
    zone: str | None = None
    """The time zone that it is repeated in, by its IANA name."""
    excluded: tuple[int, ...] = ()
    """Occurrences that do not take place."""
    exceptions: tuple[Occurrence, ...] = ()
    """Occurrences that take place otherwise."""
    answer: Answer | None = None
    """The owner's own."""
    contact_answer: Answer | None = None
    """The contact's, as far as the owner knows it."""
    state: State | None = None

    @property
    def at(self) -> str:
        return ids.iso(ids.time_of(self.id) if self.begins is None else self.begins)

    @property
    def ends_at(self) -> str | None:
        return None if self.ends is None else ids.iso(self.ends)


@dataclass(frozen=True, slots=True)
class Text:
    """What a mail message is found by, beside its title."""

    id: str
    title: str
    packed: bytes = b""
    """As ``chat.words`` packs it; empty where it has no text."""
    direction: Direction | None = None


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


Row = tuple[Key, Item]


class CommunicationRows:
    """Reads and writes communications."""

    def __init__(self, store: Store, name: str) -> None:
        """``name`` is the History table's."""
        self._store = store
        self.name = name

    def add(self, correspondence: Correspondence, communication: Communication) -> None:
        """Keep a communication, instead of what has the same kind and id."""
        self._store.put(*self.row(correspondence, communication))

    def row(self, correspondence: Correspondence, communication: Communication) -> Row:
        """What is to be stored of a communication."""
        return self.key(correspondence, communication.kind, communication.id), _item(communication)

    def text_row(self, correspondence: Correspondence, text: Text) -> Row:
        """What is to be stored of a mail message's words."""
        return self.text_key(correspondence, text.id), _text_item(text)

    def key(self, correspondence: Correspondence, kind: Kind, item_id: str) -> Key:
        return Key(self.name, correspondence.partition, f"{_ROWS[kind]}/{item_id}")

    def text_key(self, correspondence: Correspondence, item_id: str) -> Key:
        return Key(self.name, correspondence.partition, f"{_TEXT}/{item_id}")

    def write(self, rows: Sequence[Row], gone: Sequence[Key] = ()) -> None:
        """Store rows in groups, and delete others.

        Raises:
            StoreBusy: some are not known to be written. Writing all of them again does no harm.
        """
        self._store.put_many(rows)
        self._store.write_many(deletes=gone)

    def write_new(self, rows: Sequence[Row]) -> set[Key]:
        """Store those rows that are not there, at once; returns where they are.

        Raises:
            StoreBusy: some are not known to be written. Writing all of them again does no harm.
        """
        puts = (partial(self._store.put, key, item, condition=_UNSEEN) for key, item in rows)
        added: set[Key] = set()
        for (key, _), error in zip(rows, self._store.outcomes(*puts), strict=True):
            if error is None:
                added.add(key)
            elif not isinstance(error, ConditionFailed):
                raise StoreBusy("rows are not known to be written") from error
        return added

    def get(self, correspondence: Correspondence, kind: Kind, item_id: str) -> Communication | None:
        """The communication of that kind with that id."""
        item = self._store.get(self.key(correspondence, kind, item_id))
        return None if item is None else _communication(item, kind)

    def page(
        self,
        correspondence: Correspondence,
        kind: Kind,
        *,
        low: str,
        high: str,
        limit: int,
        newest_first: bool = True,
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
            newest_first=newest_first,
            limit=limit,
        )
        return [_communication(item, kind) for item in page.items], page.last is not None

    def texts(
        self, correspondence: Correspondence, *, low: str, high: str, limit: int | None = None
    ) -> tuple[list[Text], bool]:
        """What mail with ids from ``low`` to ``high`` is found by, newest first, 1 MB of it at most, and whether there
        may be more."""
        if low > high:
            return [], False
        page = self._store.query(
            self.name,
            correspondence.partition,
            low=f"{_TEXT}/{low}",
            high=f"{_TEXT}/{high}",
            newest_first=True,
            limit=limit,
        )
        return [_text(item) for item in page.items], page.last is not None

    def everything(self, correspondence: Correspondence) -> Iterator[tuple[Key, Communication | None]]:
        """All rows, whatever there are; the words of mail as None. For the administrator, not for requests."""
        kinds = {row: kind for kind, row in _ROWS.items()}
        items = self._store.query_all(self.name, correspondence.partition, low="A", high=f"{_TEXT}0", consistent=True)
        for item in items:
            row = item["sk"].partition("/")[0]
            if row in kinds or row == _TEXT:
                key = Key(self.name, item["pk"], item["sk"])
                yield key, _communication(item, kinds[row]) if row in kinds else None

    def note_indexed(self, domain: str, now: int) -> None:
        """Note that mail of a domain is indexed, from ``now`` on if it was not before."""
        change = Expression("SET #since = if_not_exists(#since, :now)", {"#since": "since"}, {":now": now})
        self._store.update(self._indexed_key(domain), change)

    def is_indexed(self, domain: str) -> bool:
        """Whether any mail of a domain was ever indexed."""
        return self._store.get(self._indexed_key(domain)) is not None

    def _indexed_key(self, domain: str) -> Key:
        return Key(self.name, f"COMMUNICATION/{domain}", "INDEXED")


_KEPT = tuple(name for name in Communication.__dataclass_fields__ if name not in ("id", "kind", "exceptions"))
"""The fields that are attributes of a row under their own names."""


def _item(communication: Communication) -> Item:
    item: dict[str, Any] = {name: getattr(communication, name) for name in _KEPT}
    item |= {name: item[name][:MAX_TITLE] for name in _SHORTENED if item[name]}
    exceptions = [_exception(each) for each in communication.exceptions]
    return {name: value for name, value in (item | {"exceptions": exceptions}).items() if value not in ((), [], None)}


def _exception(occurrence: Occurrence) -> list[Any]:
    *times, answer, contact_answer = astuple(occurrence)
    return [*times, answer or "", contact_answer or ""] if answer or contact_answer else times


def _occurrence(recurrence: int, begins: int, ends: int, cancelled: bool, *answers: Any) -> Occurrence:
    return Occurrence(recurrence, begins, ends, cancelled, *(each or None for each in answers))


def _communication(item: Item, kind: Kind) -> Communication:
    found = {name: item[name] for name in _KEPT if name in item}
    found["excluded"] = tuple(item.get("excluded", ()))
    found["exceptions"] = tuple(_occurrence(*each) for each in item.get("exceptions", ()))
    return Communication(id=_id(item), kind=kind, **found)


def _text_item(text: Text) -> Item:
    kept = {"title": text.title[:MAX_TITLE], "direction": text.direction}
    return kept | ({"text": text.packed} if text.packed else {})


def _text(item: Item) -> Text:
    return Text(_id(item), item["title"], item.get("text", b""), item.get("direction"))


def _id(item: Mapping[str, Any]) -> str:
    sort_key: str = item["sk"]
    return sort_key.partition("/")[2]
