"""The Connections table: who is there, who watches whom, and short-lived facts about log-ins.

| pattern                            | operation    | key                                   | cost                          |
|------------------------------------|--------------|---------------------------------------|-------------------------------|
| all connections of a user          | GetItem      | USER/<address>, PRESENCE              | 1 read unit                   |
| presence of those shown            | BatchGetItem | USER/<address>, PRESENCE              | 0.5 each                      |
| open, change, lose a connection    | UpdateItem   | USER/<address>, PRESENCE              | 1 write unit, index aside     |
| who is online in a domain          | Query        | index ``online``: <domain>            | 0.5 per 4 KB of addresses     |
| who watches an address             | Query        | WATCH/<domain>                        | 1 per 4 KB of watch rows      |
| watch                              | PutItem      | WATCH/<domain>, <connection or node>  | 1 write unit per KB           |
| links of a bridge node             | Query        | NODE/<node>, LINK/…                   | 0.5                           |
| a ticket is used                   | PutItem      | TICKET/<id>, TICKET                   | 1 write unit                  |
| a log-in is tried                  | UpdateItem   | ATTEMPT/<address or IP>, ATTEMPT      | 1 write unit                  |

The presence item has one map attribute per connection, so each change is one atomic update that needs no read, and the
table's stream shows every change with all connections before and after. ``revision`` counts its changes, in the order in
which they were made. An item without connections loses its place in the index and is deleted by time to live.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chat.addresses import Address
from chat.presence import GRACE, Connection, Status, connections_in
from chat.store import ConditionFailed, Expression, Item, Key, Store, decode_image

NODE = "node:"
"""How watch rows name a bridge node."""
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


class ConnectionsTable:
    """Reads and writes presence items, watch rows, node links, used tickets and log-in attempts."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self.name = name

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
        self, address: Address, connection: Connection, now: int, expires: int, replaces: Collection[str] = ()
    ) -> None:
        """Add a connection, in place of lost ones; ``expires``, in s, is the latest of all the user's connections."""
        names = {"#ref": connection.ref, "#online": "online"}
        names |= {f"#old{number}": ref for number, ref in enumerate(replaces)}
        removal = " REMOVE " + ", ".join(f"#old{number}" for number in range(len(replaces))) if replaces else ""
        change = Expression(
            f"SET #ref = :connection, #online = :domain, expires_at = :expires, {_REVISE}{removal}",
            names,
            {
                ":connection": connection.attribute(),
                ":domain": address.domain,
                ":expires": expires,
                ":now": now,
                ":one": 1,
            },
        )
        self._store.update(self.presence_key(address), change)

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
        except ConditionFailed:
            return False
        if not connections_in(item):
            self._retire(address, item, now)
        return True

    def watch(self, owner: Address, ref: str, watched: Collection[str], expires: int) -> None:
        """Note whom a user's connection watches, by local parts, until ``expires`` in s."""
        row = {"owner": owner.local, "watched": set(watched), "expires_at": expires}
        self._store.put(self._watch_key(owner.domain, ref), row)

    def watch_all(self, domain: str, node: str, expires: int) -> None:
        """Note that a bridge node watches a whole domain, until ``expires`` in s."""
        self._store.put(self._watch_key(domain, f"{NODE}{node}"), {"everybody": True, "expires_at": expires})

    def unwatch(self, domain: str, refs: Collection[str]) -> None:
        """Forget whom connections or nodes watch."""
        self._store.write_many(deletes=[self._watch_key(domain, ref) for ref in refs])

    def watchers(self, domain: str, local: str | None, now: int) -> list[Watcher]:
        """The connections and nodes that watch an address, or with None all that watch anybody of the domain."""
        seen = Expression(
            "(contains(watched, :local) OR everybody = :true) AND expires_at > :now" if local else "expires_at > :now",
            values={":now": now // 1000} | ({":local": local, ":true": True} if local else {}),
        )
        rows = self._store.query_all(self.name, f"WATCH/{domain}", consistent=True, condition=seen)
        return [Watcher(row["sk"], Address(row["owner"], domain) if "owner" in row else None) for row in rows]

    def add_link(self, node: str, connection_id: str, now: int, expires: int) -> None:
        """Note a live link of a bridge node."""
        self._store.put(self._link_key(node, connection_id), {"since": now, "expires_at": expires})

    def remove_link(self, node: str, connection_id: str) -> None:
        self._store.delete(self._link_key(node, connection_id))

    def links(self, node: str, now: int) -> list[str]:
        """The API connections of a node's links, newest first."""
        page = self._store.query(self.name, f"NODE/{node}", low="LINK/", high="LINK0")
        rows = [row for row in page.items if row["expires_at"] * 1000 > now]
        return [row["sk"].removeprefix("LINK/") for row in sorted(rows, key=lambda row: -row["since"])]

    def use_ticket(self, ticket_id: str, expires: int) -> bool:
        """Note a ticket as used; whether this was the first time."""
        key = Key(self.name, f"TICKET/{ticket_id}", "TICKET")
        try:
            self._store.put(key, {"expires_at": expires}, condition=Expression("attribute_not_exists(pk)"))
        except ConditionFailed:
            return False
        return True

    def try_login(self, who: str, free: int, longest: int, now: int, window: int) -> int:
        """Count a try to log in; 0 if it may be made, else the seconds to wait.

        The first ``free`` tries within ``window`` seconds of the first that was not taken back are let through. After
        them, each one that is let through doubles the wait until the next, up to ``longest`` seconds. When the window
        and a wait are over, all is forgotten. Each step is conditional, so that any number of tries at once passes no
        more than the rule allows.
        """
        key = self._attempt_key(who)
        seconds = now // 1000
        kept = seconds + window + longest
        counted = Expression(
            "ADD tries :one SET window_until = if_not_exists(window_until, :end), expires_at = :kept",
            values={":one": 1, ":end": seconds + window, ":kept": kept},
        )
        fresh = Expression(
            "(attribute_not_exists(blocked_until) OR blocked_until <= :now)"
            " AND (attribute_not_exists(window_until) OR window_until > :now)",
            values={":now": seconds},
        )
        try:
            tries: int = self._store.update(key, counted, condition=fresh)["tries"]
        except ConditionFailed as failed:
            item = failed.item or {}
            wait = int(item.get("blocked_until", seconds)) - seconds
            if wait > 0 or item.get("window_until", seconds + 1) > seconds:
                return max(wait, 1)
            self._forget_window(key, seconds)
            return self.try_login(who, free, longest, now, window)
        if tries <= free:
            return 0
        wait = min(longest, 1 << min(tries - free - 1, 20))
        blocked = Expression(
            "SET blocked_until = :until, expires_at = :kept", values={":until": seconds + wait, ":kept": kept}
        )
        try:
            self._store.update(key, blocked, condition=fresh)
        except ConditionFailed as failed:
            return int((failed.item or {}).get("blocked_until", seconds + 1)) - seconds
        return 0

    def take_back(self, who: str) -> None:
        """Take back a try that was counted, and the wait it began; with the only one, its window too."""
        key = self._attempt_key(who)
        try:
            self._store.delete(key, condition=Expression("tries <= :one", values={":one": 1}))
        except ConditionFailed:
            self._take_back_one(key)

    def forget_attempts(self, who: str) -> None:
        """Let somebody try again at once."""
        self._store.delete(self._attempt_key(who))

    def _take_back_one(self, key: Key) -> None:
        less = Expression("ADD tries :less REMOVE blocked_until", values={":less": -1})
        try:
            self._store.update(key, less, condition=Expression("attribute_exists(tries)"))
        except ConditionFailed:
            return  # all tries have been forgotten meanwhile

    def _forget_window(self, key: Key, seconds: int) -> None:
        over = "window_until <= :now AND (attribute_not_exists(blocked_until) OR blocked_until <= :now)"
        try:
            self._store.delete(key, condition=Expression(over, values={":now": seconds}))
        except ConditionFailed:
            return  # another try was quicker

    def _retire(self, address: Address, item: Item, now: int) -> None:
        change = Expression(
            "REMOVE #online SET expires_at = :expires", {"#online": "online"}, {":expires": now // 1000 + _EMPTY_KEPT}
        )
        unchanged = Expression("revision = :revision", values={":revision": item["revision"]})
        try:
            self._store.update(self.presence_key(address), change, condition=unchanged)
        except ConditionFailed:
            return  # somebody connected meanwhile: the item is in use again

    def _watch_key(self, domain: str, ref: str) -> Key:
        return Key(self.name, f"WATCH/{domain}", ref)

    def _link_key(self, node: str, connection_id: str) -> Key:
        return Key(self.name, f"NODE/{node}", f"LINK/{connection_id}")

    def _attempt_key(self, who: str) -> Key:
        return Key(self.name, f"ATTEMPT/{who}", "ATTEMPT")


STALE_AFTER = GRACE
"""A connection younger than this may not be open yet when a push finds it gone: API Gateway opens it after $connect."""


def presence_change(
    keys: Mapping[str, Mapping[str, str]], old: Mapping[str, object] | None, new: Mapping[str, object] | None
) -> tuple[Address, list[Connection], list[Connection], int] | None:
    """What a stream record of this table says about a user: address, connections before and after, and the revision.

    None where the record is not about a presence item.
    """
    if keys["sk"]["S"] != "PRESENCE":
        return None
    address = Address.parse(keys["pk"]["S"].removeprefix("USER/"))
    before, after = decode_image(old or {}), decode_image(new or {})
    return address, connections_in(before), connections_in(after), revision_of(after) or revision_of(before) + 1


def revision_of(item: Mapping[str, Any] | None) -> int:
    """The revision of a presence item; 0 where there is none, which is below all."""
    revision: int = (item or {}).get("revision", 0)
    return revision
