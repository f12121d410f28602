"""Deleting what is indexed of a user's or an alias's mail, and whatever of it nobody else has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from chat.addresses import Address
from chat.mail.library import Library
from chat.store import Key
from chat.tables import Tables
from chat.tables.communications import Correspondence


@dataclass
class Forgotten:
    """What was deleted."""

    rows: int = 0
    texts: int = 0
    files: int = 0


def forget(
    tables: Tables, library: Library, owner: Address, advance: Callable[[int], None], forgotten: Forgotten
) -> None:
    """Delete all that somebody has of mail, and texts and files that nobody else has.

    What others have stays theirs, and so do files that were shared in the chat, which is kept for good. It may be
    stopped and begun again. Costs a read for each user and alias of the domain, and two writes for each message.
    ``advance`` is called with the number of contacts that were gone through; what is deleted is added to ``forgotten``.
    """
    for partition in correspondences(tables, owner):
        mails: dict[str, set[str]] = {}
        gone: list[Key] = []
        for key, found in tables.communications.everything(partition):
            if found is None or found.url is None:
                gone.append(key)
            if found and found.kind == "message":
                mails.setdefault(found.id, set())
            elif found and found.kind == "attachment" and found.mail and found.sha256:
                mails.setdefault(found.mail, set()).add(found.sha256)
        for mail_id, files in mails.items():
            _forget_mail(tables, library, owner, mail_id, files, forgotten)
        tables.communications.write([], gone)
        forgotten.rows += len(gone)
        advance(1)
    keys = list(tables.mail_index.appointment_keys(owner))
    tables.communications.write([], keys)


def correspondences(tables: Tables, owner: Address) -> Iterator[Correspondence]:
    """Wherever somebody may have mail: with each who is or was in the directory, and as an alias."""
    yield Correspondence.of_alias(owner)
    for entries in (tables.directory.all_users(owner.domain), tables.directory.all_aliases(owner.domain)):
        yield from (Correspondence.between(owner, each.address) for each in entries)


def _forget_mail(
    tables: Tables, library: Library, owner: Address, mail_id: str, files: Iterable[str], forgotten: Forgotten
) -> None:
    if not tables.mail_index.remove_owner(owner.domain, mail_id, owner):
        return
    library.delete_texts(owner.domain, mail_id)
    forgotten.texts += 1
    for sha256 in files:
        if tables.mail_index.remove_file(owner.domain, sha256, mail_id):
            library.delete_file(owner.domain, sha256)
            forgotten.files += 1
