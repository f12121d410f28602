"""One module per DynamoDB table, and one for the communications in History: the only places that know keys and attribute
names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.store import Store
from chat.tables.connections import ConnectionsTable
from chat.tables.directory import DirectoryTable
from chat.tables.history import HistoryTable

if TYPE_CHECKING:
    from chat.tables.communications import CommunicationRows
    from chat.tables.mail_index import MailIndexRows


@dataclass(frozen=True, slots=True)
class Tables:
    """The three tables and the store that they share."""

    store: Store
    directory: DirectoryTable
    connections: ConnectionsTable
    history: HistoryTable

    @property
    def communications(self) -> CommunicationRows:
        """The rows of the History table that are communications."""
        from chat.tables.communications import CommunicationRows  # 2 ms that functions without them need not pay

        return CommunicationRows(self.store, self.history.name)

    @property
    def mail_index(self) -> MailIndexRows:
        """The rows of the History table that the indexer of mail keeps for itself."""
        from chat.tables.mail_index import MailIndexRows

        return MailIndexRows(self.store, self.history.name)

    @classmethod
    def named(cls, store: Store, directory: str, connections: str, history: str) -> Tables:
        """The tables under the names that a deployment gave them."""
        return cls(
            store, DirectoryTable(store, directory), ConnectionsTable(store, connections), HistoryTable(store, history)
        )
