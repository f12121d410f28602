"""The History table: every message, and who has read what.

| pattern                              | operation    | key                                          | cost                        |
|--------------------------------------|--------------|----------------------------------------------|-----------------------------|
| store a message                      | PutItem      | THREAD/<a>/<b> or THREAD/<alias>, MESSAGE/<id> | 1 write unit per KB       |
| store many messages and their rows    | BatchWriteItem | the keys of these                          | 1 write unit per row and KB |
| note it as the newest of an inbox    | UpdateItem   | INBOX/<owner>, LAST/<peer>                   | 1 write unit                |
| a conversation starts                | PutItem      | thread, CONVERSATION/<first id>              | 1 write unit                |
| a message to an alias, by its sender | PutItem      | OWN/<alias>/<sender>, MESSAGE/<id>           | 1 write unit                |
| a page of a thread                   | Query        | thread, MESSAGE/<low>…<high>                 | 1 per 4 KB of the page      |
| own part of an alias thread          | Query, BatchGetItem | OWN/<alias>/<sender>, then the messages | 1 per 4 KB and 1 a message |
| the inbox                            | Query        | INBOX/<owner>                                | 1 per 4 KB of peers         |
| mark as read                         | UpdateItem   | INBOX/<owner>, READ/<peer>                   | 1 write unit                |
| unread messages of a thread, up to 100 | Query      | thread, MESSAGE/<read>…                      | 1 per 4 KB of them          |
| messages by their ids                | BatchGetItem | each thread, MESSAGE/<id>                    | 1 per thread and id         |
| count a part of a thread, up to 1,000 | Query       | thread, MESSAGE/<low>…<high>                 | 1 per 4 KB of them          |

A message's key is its id, so a retry is the same write. ``LAST`` rows only move forward, whatever order they are written
in. ``OWN`` rows point at the messages of one sender in an alias thread, so that a stranger to the alias finds his own
part without reading the others'.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from chat import ids
from chat.addresses import Address
from chat.items import Item
from chat.store import LAST_SORT_KEY, ConditionFailed, Expression, Key, Store, StoreBusy, before

WEB = "web"
XMPP = "xmpp"

MAX_RESOURCE = 256
"""Bytes of a sender's resource that is kept with a message; a longer one is left out."""


class NotAllStored(StoreBusy):
    """The store did not take all of a group."""

    def __init__(self, missing: Iterable[str], unnoted: Iterable[str]) -> None:
        self.missing, self.unnoted = frozenset(missing), frozenset(unnoted)
        super().__init__(f"{len(self.missing)} messages were not stored, of {len(self.unnoted)} a row is missing")

    missing: frozenset[str]
    """Ids of the messages that are not known to be stored; a call that failed may have stored them all the same."""
    unnoted: frozenset[str]
    """Ids of messages that are stored, but not in all rows that tell of them: storing them again writes these."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is kept. ``recipient`` is the alias where it went to one."""

    id: str
    sender: Address
    recipient: Address
    body: str
    door: str = WEB
    """The door it came through: ``web`` or ``xmpp``."""
    extensions: tuple[str, ...] = ()
    """XMPP extension elements, as they came."""
    origin: str = ""
    """The id that the sender's XMPP client gave the stanza; none from webmail."""
    kind: str = ""
    """The type of the stanza where it is not ``chat`` (RFC 6121 §5.2.2)."""
    resource: str = ""
    """The sender's XMPP resource; none from webmail."""

    @property
    def sent_at(self) -> str:
        """The time in the id, as XEP-0082 writes it."""
        return ids.iso(ids.time_of(self.id))


@dataclass(frozen=True, slots=True)
class Thread:
    """The whole message history between two addresses, or of an alias; ``own`` limits it to one sender's part."""

    partition: str
    own: Address | None = None

    @classmethod
    def between(cls, one: Address, other: Address) -> Thread:
        first, second = sorted((str(one), str(other)))
        return cls(f"THREAD/{first}/{second}")

    @classmethod
    def of_alias(cls, alias: Address, own: Address | None = None) -> Thread:
        return cls(f"THREAD/{alias}", own)


@dataclass(frozen=True, slots=True)
class Last:
    """The newest message of one thread in an inbox."""

    peer: Address
    id: str
    sender: Address
    preview: str
    to_alias: bool = False
    """Whether the peer is an alias."""


class HistoryTable:
    """Reads and writes messages, conversations and inboxes."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self.name = name

    def add(self, thread: Thread, message: Message) -> Message | None:
        """Store a message under its id; None, or the message that has the id already."""
        key = self._message_key(thread, message.id)
        try:
            self._store.put(key, message_item(message), condition=Expression("attribute_not_exists(pk)"))
        except ConditionFailed as failed:
            return message_from((failed.item or {}) | key.attributes)
        return None

    def write_group(
        self,
        messages: Sequence[tuple[Thread, Message]],
        own: Sequence[tuple[Address, Message]],
        lasts: Sequence[tuple[tuple[Address, Address], Last]],
        starts: Sequence[tuple[Thread, Message, str]],
    ) -> None:
        """Store many messages under ids that nobody else has, with rows that nobody else writes meanwhile.

        ``own``: messages to an alias; ``lasts``: newest messages by owner and peer; ``starts``: where a conversation
        begins, with its preview. No conditions: all of it may be written again.

        Raises:
            NotAllStored: part of it was refused again and again, or a call failed; all the rest is stored.
        """
        puts = [(self._message_key(thread, message.id), message_item(message)) for thread, message in messages]
        puts += [(self._own_key(alias, message), {}) for alias, message in own]
        puts += [(self._inbox_key(owner, f"LAST/{peer}"), _last_item(last)) for (owner, peer), last in lasts]
        puts += [
            (self._start_key(thread, message), {"sender": str(message.sender), "preview": preview})
            for thread, message, preview in starts
        ]
        told = [message.id for _, message in (*messages, *own)]
        told += [last.id for _, last in lasts] + [message.id for _, message, _ in starts]
        try:
            self._store.put_many(puts)
        except StoreBusy as error:
            left = [number for number, (key, _) in enumerate(puts) if key in error.keys]
            missing = {told[number] for number in left if number < len(messages)}
            raise NotAllStored(missing, {told[number] for number in left} - missing) from error

    def message(self, thread: Thread, message_id: str) -> Message | None:
        item = self._store.get(self._message_key(thread, message_id), consistent=True)
        return message_from(item) if item else None

    def add_own(self, alias: Address, message: Message) -> None:
        """Note a message in an alias thread as part of its sender's own history."""
        self._store.put(self._own_key(alias, message), {})

    def set_last(self, owner: Address, last: Last) -> tuple[bool, str | None]:
        """Move an inbox's newest message forward; whether it moved, and the id that was there before."""
        change = Expression(
            "SET id = :id, sender = :sender, preview = :preview, to_alias = :to_alias",
            values={f":{name}": value for name, value in _last_item(last).items()},
        )
        newer = Expression("attribute_not_exists(id) OR id < :id")
        try:
            old = self._store.update(self._inbox_key(owner, f"LAST/{last.peer}"), change, condition=newer, old=True)
        except ConditionFailed as failed:
            return False, (failed.item or {}).get("id")
        return True, old.get("id")

    def start_conversation(self, thread: Thread, message: Message, preview: str) -> None:
        """Note that a conversation begins with this message."""
        self._store.put(self._start_key(thread, message), {"sender": str(message.sender), "preview": preview})

    def conversation_start(self, thread: Thread, message_id: str) -> str | None:
        """The id of the last conversation start at or before a message."""
        page = self._store.query(
            self.name,
            thread.partition,
            low="CONVERSATION/",
            high=f"CONVERSATION/{message_id}",
            newest_first=True,
            limit=1,
        )
        return page.items[0]["sk"].removeprefix("CONVERSATION/") if page.items else None

    def before(self, thread: Thread, message_id: str) -> str | None:
        """The id of the message in front of another, or None at the beginning."""
        high = f"MESSAGE/{before(message_id)}"
        page = self._store.query(self.name, thread.partition, low="MESSAGE/", high=high, newest_first=True, limit=1)
        return page.items[0]["sk"].removeprefix("MESSAGE/") if page.items else None

    def messages(
        self,
        thread: Thread,
        *,
        low: str = "",
        high: str = LAST_SORT_KEY,
        newest_first: bool = False,
        limit: int,
        consistent: bool = True,
    ) -> tuple[list[Message], bool]:
        """At most ``limit`` messages with ids from ``low`` to ``high``, and whether there may be more.

        Half the cost without ``consistent``; what was stored within the last second may be missing then.
        """
        if low > high:  # the floor of a view may be above the place where a page goes on
            return [], False
        page = self._store.query(
            self.name,
            _listing(thread),
            low=f"MESSAGE/{low}",
            high=f"MESSAGE/{high}",
            newest_first=newest_first,
            limit=limit,
            consistent=consistent,
        )
        items = page.items
        if thread.own:
            keys = [Key(self.name, thread.partition, item["sk"]) for item in items]
            found = self._store.get_many(keys, consistent=[self.name] if consistent else [])
            items = [found[key] for key in keys if key in found]
        return [message_from(item) for item in items], page.last is not None

    def find(self, threads: Iterable[Thread], message_ids: Collection[str]) -> list[Message]:
        """The messages that have one of these ids in one of these threads, by id, then by thread."""
        keys = {self._message_key(thread, each): thread for thread in threads for each in message_ids}
        found = self._store.get_many(keys, consistent=[self.name])
        messages = ((key, message_from(found[key])) for key in keys if key in found)
        seen = [(key.sk, key.pk, message) for key, message in messages if keys[key].own in {None, message.sender}]
        return [message for *_, message in sorted(seen, key=lambda each: each[:2])]

    def count(self, thread: Thread, *, low: str, high: str, limit: int) -> tuple[int, bool]:
        """How many messages have ids from ``low`` to ``high``, among the first ``limit`` or the first MB, and whether
        there may be more. Costs what reading them does: DynamoDB counts by reading.
        """
        if low > high:
            return 0, False
        return self._store.count(self.name, _listing(thread), low=f"MESSAGE/{low}", high=f"MESSAGE/{high}", limit=limit)

    def inbox(self, owner: Address) -> tuple[dict[Address, Last], dict[Address, str]]:
        """The newest message by peer, and the read markers by peer."""
        lasts: dict[Address, Last] = {}
        reads: dict[Address, str] = {}
        for item in self._store.query_all(self.name, f"INBOX/{owner}", consistent=True):
            kind, _, name = item["sk"].partition("/")
            peer = Address.parse(name)
            if kind == "LAST":
                lasts[peer] = _last_from(peer, item)
            else:
                reads[peer] = item["id"]
        return lasts, reads

    def lasts(self, owners: list[tuple[Address, Address]]) -> dict[tuple[Address, Address], Last]:
        """The newest messages by owner and peer, for those that have one."""
        keys = {self._inbox_key(owner, f"LAST/{peer}"): (owner, peer) for owner, peer in owners}
        found = self._store.get_many(keys, consistent=[self.name])
        return {keys[key]: _last_from(keys[key][1], item) for key, item in found.items()}

    def read_marker(self, owner: Address, peer: Address) -> str | None:
        """The newest message from ``peer`` that ``owner`` has read."""
        item = self._store.get(self._inbox_key(owner, f"READ/{peer}"))
        return item["id"] if item else None

    def set_read(self, owner: Address, peer: Address, message_id: str) -> bool:
        """Move a read marker forward; whether it moved."""
        change = Expression("SET id = :id", values={":id": message_id})
        newer = Expression("attribute_not_exists(id) OR id < :id")
        try:
            self._store.update(self._inbox_key(owner, f"READ/{peer}"), change, condition=newer)
        except ConditionFailed:
            return False
        return True

    def unread(self, thread: Thread, viewer: Address, read: str, most: int) -> int:
        """How many of the first ``most`` messages behind ``read`` somebody else sent."""
        low = f"MESSAGE/{read}\x01" if read else "MESSAGE/"
        others = Expression("sender <> :viewer", values={":viewer": str(viewer)})
        page = self._store.query(
            self.name, thread.partition, low=low, high="MESSAGE0", limit=most, consistent=True, condition=others
        )
        return len(page.items)

    def delete_inbox(self, owner: Address) -> int:
        """Delete an owner's inbox rows, not the messages; how many there were."""
        keys = [Key(self.name, item["pk"], item["sk"]) for item in self._store.query_all(self.name, f"INBOX/{owner}")]
        self._store.write_many(deletes=keys)
        return len(keys)

    def _message_key(self, thread: Thread, message_id: str) -> Key:
        return Key(self.name, thread.partition, f"MESSAGE/{message_id}")

    def _own_key(self, alias: Address, message: Message) -> Key:
        return Key(self.name, f"OWN/{alias}/{message.sender}", f"MESSAGE/{message.id}")

    def _start_key(self, thread: Thread, message: Message) -> Key:
        return Key(self.name, thread.partition, f"CONVERSATION/{message.id}")

    def _inbox_key(self, owner: Address, row: str) -> Key:
        return Key(self.name, f"INBOX/{owner}", row)


def _listing(thread: Thread) -> str:
    """The partition whose rows are the messages of a thread, or of one sender in it."""
    return f"OWN/{thread.partition.removeprefix('THREAD/')}/{thread.own}" if thread.own else thread.partition


def message_item(message: Message) -> Item:
    """What the table stores for a message, without its key."""
    return {
        "sender": str(message.sender),
        "recipient": str(message.recipient),
        "body": message.body,
        "door": message.door,
        "extensions": list(message.extensions) or None,
        "origin": message.origin or None,
        "kind": message.kind or None,
        "resource": message.resource if 0 < len(message.resource.encode()) <= MAX_RESOURCE else None,
    }


def message_from(item: Item) -> Message:
    return Message(
        item["sk"].removeprefix("MESSAGE/"),
        Address.parse(item["sender"]),
        Address.parse(item["recipient"]),
        item["body"],
        item["door"],
        tuple(item.get("extensions", ())),
        item.get("origin", ""),
        item.get("kind", ""),
        item.get("resource", ""),
    )


def _last_item(last: Last) -> Item:
    return {"id": last.id, "sender": str(last.sender), "preview": last.preview, "to_alias": last.to_alias}


def _last_from(peer: Address, item: Item) -> Last:
    return Last(peer, item["id"], Address.parse(item["sender"]), item["preview"], item["to_alias"])
