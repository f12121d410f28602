"""The rows of the Connections table about bridge nodes: their links, their sessions, and the domains that they watch.

| pattern                           | operation      | key                                            | cost                    |
|-----------------------------------|----------------|------------------------------------------------|-------------------------|
| links of a bridge node            | Query          | NODE/<node>, LINK/…                            | 0.5; 1 where it must be exact |
| a link opens or ends              | PutItem, DeleteItem | NODE/<node>, LINK/<connection id>         | 1 write unit            |
| a session begins                  | PutItem        | NODE/<node>, SESSION/<address>/<resource>      | 1 write unit            |
| sessions end                      | BatchWriteItem | NODE/<node>, SESSION/<address>/<resource>      | 1 write unit each       |
| sessions of a dead node           | Query          | NODE/<node>, SESSION/…                         | 1 per 4 KB of them      |
| a node watches a domain, or no more | BatchWriteItem | WATCH/<domain>, node:<node>; NODE/<node>, WATCH/<domain> | 2 write units |
| nodes that watch a domain         | Query          | WATCH/<domain>, node:…                         | 1 per 4 KB of nodes     |

What a node has is found under its name, so that somebody else can clear up behind one that died.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from chat.addresses import Address
from chat.store import ConditionFailed, Expression, Key, Store

NODE = "node:"
"""How watch rows name a bridge node."""


class NodeRows:
    """Reads and writes what a bridge node has."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self.name = name

    def add_link(self, node: str, connection_id: str, now: int, expires: int) -> None:
        """Note a live link of a bridge node."""
        self._store.put(self._link_key(node, connection_id), {"since": now, "expires_at": expires})

    def remove_link(self, node: str, connection_id: str) -> None:
        self._store.delete(self._link_key(node, connection_id))

    def forget_link(self, node: str, connection_id: str, opened_by: int) -> bool:
        """Remove a link that was found gone, if it was opened at ``opened_by``, in ms, or before; whether it was."""
        old = Expression("#since <= :opened_by", {"#since": "since"}, {":opened_by": opened_by})
        try:
            return self._store.delete(self._link_key(node, connection_id), condition=old) is not None
        except ConditionFailed:
            return False

    def links(self, node: str, now: int, *, consistent: bool = False) -> list[str]:
        """The API connections of a node's links that are live at ``now``, in ms, newest first; at 0, of all."""
        page = self._store.query(self.name, f"NODE/{node}", low="LINK/", high="LINK0", consistent=consistent)
        rows = [row for row in page.items if row["expires_at"] * 1000 > now]
        return [row["sk"].removeprefix("LINK/") for row in sorted(rows, key=lambda row: -row["since"])]

    def add_session(self, node: str, address: Address, resource: str, expires: int) -> None:
        """Note a session on a node; ``expires``, in s, is when the row goes should nobody remove it."""
        self._store.put(self._session_key(node, address, resource), {"expires_at": expires})

    def remove_sessions(self, node: str, sessions: Iterable[tuple[Address, str]]) -> None:
        """Forget sessions on a node, by address and resource; those that are not there do no harm."""
        keys = {self._session_key(node, address, resource) for address, resource in sessions}
        self._store.write_many(deletes=list(keys))

    def sessions(self, node: str) -> list[tuple[Address, str]]:
        """The sessions of a node, by address and resource, as they are now."""
        rows = self._store.query_all(self.name, f"NODE/{node}", low="SESSION/", high="SESSION0", consistent=True)
        named = [row["sk"].removeprefix("SESSION/").partition("/") for row in rows]
        return [(Address.parse(address), resource) for address, _, resource in named]

    def watch_all(self, domain: str, node: str, expires: int) -> None:
        """Note that a bridge node watches a whole domain, until ``expires`` in s."""
        until = {"expires_at": expires}
        puts = [(self._watch_key(domain, f"{NODE}{node}"), {"everybody": True} | until)]
        self._store.write_many(puts=[*puts, (self._watched_key(node, domain), until)])

    def unwatch_all(self, node: str, domains: Collection[str]) -> None:
        """Forget that a node watches these domains."""
        watches = [self._watch_key(domain, f"{NODE}{node}") for domain in domains]
        self._store.write_many(deletes=[*watches, *(self._watched_key(node, domain) for domain in domains)])

    def domains_watched(self, node: str) -> list[str]:
        """The domains that a node watches."""
        rows = self._store.query_all(self.name, f"NODE/{node}", low="WATCH/", high="WATCH0", consistent=True)
        return [row["sk"].removeprefix("WATCH/") for row in rows]

    def nodes_watching(self, domain: str, now: int) -> list[str]:
        """How watch rows name the nodes that watch a domain."""
        live = Expression("expires_at > :now", values={":now": now // 1000})
        high = NODE[:-1] + ";"  # the character behind :
        rows = self._store.query_all(self.name, f"WATCH/{domain}", low=NODE, high=high, consistent=True, condition=live)
        return [row["sk"] for row in rows]

    def _watch_key(self, domain: str, ref: str) -> Key:
        return Key(self.name, f"WATCH/{domain}", ref)

    def _watched_key(self, node: str, domain: str) -> Key:
        return Key(self.name, f"NODE/{node}", f"WATCH/{domain}")

    def _session_key(self, node: str, address: Address, resource: str) -> Key:
        return Key(self.name, f"NODE/{node}", f"SESSION/{address}/{resource}")

    def _link_key(self, node: str, connection_id: str) -> Key:
        return Key(self.name, f"NODE/{node}", f"LINK/{connection_id}")
