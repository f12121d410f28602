"""One module per DynamoDB table: the only places that know keys and attribute names."""

from __future__ import annotations

from dataclasses import dataclass

from chat.store import Store
from chat.tables.connections import ConnectionsTable
from chat.tables.directory import DirectoryTable
from chat.tables.history import HistoryTable


@dataclass(frozen=True, slots=True)
class Tables:
    """The three tables and the store that they share."""

    store: Store
    directory: DirectoryTable
    connections: ConnectionsTable
    history: HistoryTable

    @classmethod
    def named(cls, store: Store, directory: str, connections: str, history: str) -> Tables:
        """The tables under the names that a deployment gave them."""
        return cls(
            store, DirectoryTable(store, directory), ConnectionsTable(store, connections), HistoryTable(store, history)
        )
