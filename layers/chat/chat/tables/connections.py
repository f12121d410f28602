"""The Connections table: who is there, and who watches whom.

| pattern                            | operation    | key                                   | cost                          |
|------------------------------------|--------------|---------------------------------------|-------------------------------|
| all connections of a user          | GetItem      | USER/<address>, PRESENCE              | 1 read unit                   |
| presence of those shown            | BatchGetItem | USER/<address>, PRESENCE              | 0.5 each                      |
| open, change, lose a connection    | UpdateItem   | USER/<address>, PRESENCE              | 1 write unit per KB, index aside |
| somebody is blocked, or no more    | UpdateItem   | USER/<address>, PRESENCE              | 1 write unit per KB           |
| who is online in a domain          | Query        | index ``online``: <domain>            | 0.5 per 4 KB of addresses     |
| who watches an address             | Query        | WATCH/<domain>                        | 1 per 4 KB of watch rows      |
| watch                              | PutItem      | WATCH/<domain>, <connection or node>  | 1 write unit per KB           |

The presence item has one map attribute per connection, so each change is one atomic update that needs no read, and the
table's stream shows every change with all connections before and after. ``revision`` counts its changes, in the order in
which they were made. ``blocked`` says whom the user has blocked, as the settings do, while it has connections: who sends
or watches reads the item anyway. An item without connections loses both its place in the index and ``blocked``, and is
deleted by time to live. ``active_on`` is the day on which somebody connected last. What bridge nodes have is in
``chat.tables.nodes``, facts about log-ins are in ``chat.tables.attempts``, active domains in ``chat.tables.activity``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chat.addresses import Address
from chat.items import Item, decode
from chat.presence import GRACE, Connection, Status, blocked_in, connections_in
from chat.store import ConditionFailed, Expression, Key
from chat.tables.activity import ActivityRows, day_of
from chat.tables.attempts import AttemptRows
from chat.tables.nodes import NodeRows

_REVISE = "revision = if_not_exists(revision, :now) + :one"
"""Counts the changes of a presence item. It begins with the time, so that it only rises even where time to live has deleted
the item in between."""
_EMPTY_KEPT = 24 * 3600
"""Seconds that an item without connections stays before time to live deletes it."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """A connection, with its owner, or a bridge node that watches."""

    ref: str
    owner: Address | None


class ConnectionsTable(NodeRows, AttemptRows, ActivityRows):
    """Reads and writes presence items, watch rows, used tickets, log-in attempts, active domains, and what bridge nodes
    have."""

    def presence_key(self, address: Address) -> Key:
        return Key(self.name, f"USER/{address}", "PRESENCE")

    def of(self, address: Address) -> Item | None:
        """The presence item of a user, as it is now."""
        return self._store.get(self.presence_key(address), consistent=True)

    def of_many(self, addresses: Collection[Address], *, consistent: bool) -> dict[Address, Item]:
        """The presence items of those who have one."""
        keys = {self.presence_key(address): address for address in addresses}
        found = self._store.get_many(keys, consistent=[self.name] if consistent else [])
        return {keys[key]: item for key, item in found.items()}

    def online(self, domain: str) -> Iterator[Address]:
        """Everybody of a domain who has a connection, whatever its status."""
        for item in self._store.query_all(self.name, domain, index="online"):
            yield Address.parse(item["pk"].removeprefix("USER/"))

    def open(
        self,
        address: Address,
        connection: Connection,
        now: int,
        expires: int,
        replaces: Collection[str] = (),
        *,
        blocked: Collection[str] | None = None,
    ) -> None:
        """Add a connection, in place of lost ones; ``expires``, in s, is the latest of all the user's connections.

        ``blocked`` are the local parts that the user has blocked, or None to leave what the item says of them.
        """
        change = _opening(address, connection, now, expires)
        names = {f"#old{number}": ref for number, ref in enumerate(replaces)}
        removed = [*names, *(["blocked"] if blocked is not None and not blocked else [])]
        text = change.text + (", blocked = :blocked" if blocked else "")
        text += f" REMOVE {', '.join(removed)}" if removed else ""
        values = {":blocked": set(blocked)} if blocked else {}
        self._store.update(
            self.presence_key(address), Expression(text, {**change.names, **names}, {**change.values, **values})
        )

    def open_resource(
        self, address: Address, connection: Connection, now: int, blocked: Collection[str], *, new: bool
    ) -> Item:
        """Add an XMPP resource or, unless ``new``, give the one that is there another state; returns the item after it.

        ``blocked`` holds where the item does not know better: it does while others are connected.

        Raises:
            ConditionFailed: it is not ``new``, and not there.
        """
        change = _opening(address, connection, now, connection.expires)
        text = change.text + (", blocked = if_not_exists(blocked, :blocked)" if blocked else "")
        values = {":blocked": set(blocked)} if blocked else {}
        return self._store.update(
            self.presence_key(address),
            Expression(text, change.names, {**change.values, **values}),
            condition=None if new else Expression("attribute_exists(#ref)"),
        )

    def set_blocked(self, address: Address, blocked: Collection[str], now: int) -> bool:
        """Have the item say whom a user has blocked, by local parts, if somebody is connected; whether it does now."""
        change = f"SET blocked = :blocked, {_REVISE}" if blocked else f"REMOVE blocked SET {_REVISE}"
        values: Item = {":now": now, ":one": 1} | ({":blocked": set(blocked)} if blocked else {})
        connected = Expression("attribute_exists(#online)", {"#online": "online"})
        try:
            self._store.update(self.presence_key(address), Expression(change, values=values), condition=connected)
        except ConditionFailed:
            return False
        return True

    def set_status(
        self, address: Address, refs: Mapping[str, tuple[Status, bool]], now: int, *, seen: Status | None = None
    ) -> Item:
        """Give connections a status, with whether it was set by idling; returns the item after it.

        Raises:
            ConditionFailed: one of the connections is gone, or with ``seen`` has another status; nothing was changed.
        """
        names = {"#status": "status", "#idle": "idle"}
        values: Item = {":now": now, ":one": 1} | ({":seen": str(seen)} if seen else {})
        sets, hold = [_REVISE], []
        for number, (ref, (status, idle)) in enumerate(refs.items()):
            names[f"#ref{number}"] = ref
            values |= {f":status{number}": str(status), f":idle{number}": idle}
            sets.append(f"#ref{number}.#status = :status{number}, #ref{number}.#idle = :idle{number}")
            hold.append(f"#ref{number}.#status = :seen" if seen else f"attribute_exists(#ref{number})")
        change = Expression(f"SET {', '.join(sets)}", names, values)
        return self._store.update(self.presence_key(address), change, condition=Expression(" AND ".join(hold)))

    def lose(self, address: Address, ref: str, now: int, *, older_than: int = 0) -> bool:
        """Mark a connection as lost, if it is there and has existed for ``older_than`` ms; whether it was marked now.

        It expires soon besides, should nobody come to remove it.
        """
        names = {"#ref": ref, "#leaving": "leaving", "#since": "since", "#expires": "expires"}
        soon = (now + 6 * GRACE) // 1000
        change = Expression("SET #ref.#leaving = :now, #ref.#expires = :soon", names, {":now": now, ":soon": soon})
        condition = Expression(
            "attribute_exists(#ref) AND attribute_not_exists(#ref.#leaving) AND #ref.#since <= :since",
            values={":since": now - older_than},
        )
        try:
            self._store.update(self.presence_key(address), change, condition=condition)
        except ConditionFailed:
            return False
        return True

    def remove(self, address: Address, refs: Collection[str], now: int) -> bool:
        """Remove connections for good; whether any was there."""
        names = {f"#ref{number}": ref for number, ref in enumerate(refs)}
        change = Expression(
            f"REMOVE {', '.join(names)} SET {_REVISE}",
            names,
            {":now": now, ":one": 1},
        )
        condition = Expression(" OR ".join(f"attribute_exists({name})" for name in names))
        try:
            item = self._store.update(self.presence_key(address), change, condition=condition)
        except ConditionFailed as failed:
            if failed.item and not connections_in(failed.item):  # an earlier try came as far as this
                self._retire(address, failed.item, now)
            return False
        if not connections_in(item):
            self._retire(address, item, now)
        return True

    def watch(self, owner: Address, ref: str, watched: Collection[str], expires: int) -> None:
        """Note whom a user's connection watches, by local parts, until ``expires`` in s."""
        row = {"owner": owner.local, "watched": set(watched), "expires_at": expires}
        self._store.put(self._watch_key(owner.domain, ref), row)

    def unwatch(self, domain: str, refs: Collection[str]) -> None:
        """Forget whom connections watch."""
        self._store.write_many(deletes=[self._watch_key(domain, ref) for ref in refs])

    def watchers(self, domain: str, local: str | None, now: int) -> list[Watcher]:
        """The connections and nodes that watch an address, or with None all that watch anybody of the domain."""
        seen = Expression(
            "(contains(watched, :local) OR everybody = :true) AND expires_at > :now" if local else "expires_at > :now",
            values={":now": now // 1000} | ({":local": local, ":true": True} if local else {}),
        )
        rows = self._store.query_all(self.name, f"WATCH/{domain}", consistent=True, condition=seen)
        return [Watcher(row["sk"], Address(row["owner"], domain) if "owner" in row else None) for row in rows]

    def _retire(self, address: Address, item: Item, now: int) -> None:
        change = Expression(
            "REMOVE #online, blocked SET expires_at = :expires",
            {"#online": "online"},
            {":expires": now // 1000 + _EMPTY_KEPT},
        )
        unchanged = Expression("revision = :revision", values={":revision": item["revision"]})
        try:
            self._store.update(self.presence_key(address), change, condition=unchanged)
        except ConditionFailed:
            return  # somebody connected meanwhile: the item is in use again


STALE_AFTER = GRACE
"""A connection younger than this may not be open yet when a push finds it gone: API Gateway opens it after $connect."""


def _opening(address: Address, connection: Connection, now: int, expires: int) -> Expression:
    """What opening a connection sets, whatever its kind."""
    return Expression(
        f"SET #ref = :connection, #online = :domain, expires_at = :expires, active_on = :today, {_REVISE}",
        {"#ref": connection.ref, "#online": "online"},
        {
            ":connection": connection.attribute(),
            ":domain": address.domain,
            ":expires": expires,
            ":today": day_of(now),
            ":now": now,
            ":one": 1,
        },
    )


def presence_change(
    keys: Mapping[str, Mapping[str, str]], old: Mapping[str, object] | None, new: Mapping[str, object] | None
) -> tuple[Address, list[Connection], list[Connection], int, frozenset[str], frozenset[str]] | None:
    """What a stream record of this table says about a user: address, connections before and after, the revision, and
    whom the user had blocked before and has after.

    None where the record is not about a presence item.
    """
    if keys["sk"]["S"] != "PRESENCE":
        return None
    address = Address.parse(keys["pk"]["S"].removeprefix("USER/"))
    before, after = decode(old or {}), decode(new or {})
    revision = revision_of(after) or revision_of(before) + 1
    return address, connections_in(before), connections_in(after), revision, blocked_in(before), blocked_in(after)


def active_today(
    keys: Mapping[str, Mapping[str, str]], old: Mapping[str, object] | None, new: Mapping[str, object] | None
) -> Address | None:
    """The user who, as a stream record of this table says, is connected for the first time on a day (UTC)."""
    day = (new or {}).get("active_on")
    if keys["sk"]["S"] != "PRESENCE" or day is None or day == (old or {}).get("active_on"):
        return None
    return Address.parse(keys["pk"]["S"].removeprefix("USER/"))


def revision_of(item: Mapping[str, Any] | None) -> int:
    """The revision of a presence item; 0 where there is none, which is below all."""
    revision: int = (item or {}).get("revision", 0)
    return revision
