"""The plainest way to the same ends, which the store figures are set beside.

Each function does what a first version would: read before every write, keep rows together by a transaction, read a list
whole to show a part of it. They use the same rows, so only the way to them differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from chat import texts, words
from chat.addresses import Address
from chat.store import Expression, Key, Write
from chat.tables import Tables
from chat.tables.communications import Communication, Correspondence
from chat.tables.history import Message, Thread, message_item


def send(tables: Tables, message: Message, *, starts: bool) -> None:
    """Read both users and both presences, then write the message and both inbox rows in one transaction."""
    store, directory, connections = tables.store, tables.directory, tables.connections
    for address in (message.sender, message.recipient):
        store.get(directory.user_key(address), consistent=True)
        store.get(connections.presence_key(address), consistent=True)
    thread = Thread.between(message.sender, message.recipient).partition
    new = Expression("attribute_not_exists(pk)")
    line = {"id": message.id, "sender": str(message.sender), "preview": texts.preview(message.body)}
    history = tables.history.name
    writes = [
        Write.put(Key(history, thread, f"MESSAGE/{message.id}"), message_item(message), condition=new),
        Write.put(Key(history, f"INBOX/{message.sender}", f"LAST/{message.recipient}"), line),
        Write.put(Key(history, f"INBOX/{message.recipient}", f"LAST/{message.sender}"), line),
    ]
    if starts:
        writes.append(Write.put(Key(history, thread, f"CONVERSATION/{message.id}"), line))
    store.transact(writes)


def read_presence_of_all(tables: Tables, everybody: Sequence[Address]) -> None:
    """Read the presence of the whole domain, as a client does that shows everybody from the start."""
    tables.connections.of_many(everybody, consistent=False)


def change_status(tables: Tables, address: Address) -> None:
    """Read the presence item and the setting, and put both back."""
    store = tables.store
    keys = tables.connections.presence_key(address), tables.directory.setting_key(address)
    for key in keys:
        store.put(key, store.get(key, consistent=True) or {})


def list_contacts(tables: Tables, domain: str) -> None:
    """Read the whole directory, to show a page of it."""
    list(tables.directory.all_aliases(domain))
    list(tables.directory.all_users(domain))


def index_by_word(tables: Tables, entries: Iterable[tuple[Correspondence, Communication]], text: str) -> None:
    """Keep what participants have of a mail, and for each of its messages a row for every word: an inverted index."""
    found = set(re.findall(r"\w+", words.fold(text)))
    for rows, each in entries:
        tables.communications.add(rows, each)
        if each.kind == "message":
            index = {f"WORD/{word}/{each.id}" for word in found}
            tables.store.write_many([(Key(tables.history.name, rows.partition, key), {}) for key in sorted(index)])
