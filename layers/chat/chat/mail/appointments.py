"""Keeping appointments: what an owner knows of each, and its rows, which are made of that and can be made again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from chat.addresses import Address
from chat.items import Item
from chat.mail.known import Known, Source, name
from chat.mail.model import Appointment
from chat.store import Key, StoreBusy
from chat.tables import Tables
from chat.tables.communications import Communication, Correspondence
from chat.tables.mail_index import Changed

_TRIES = 10


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as it is now, with whom, and the rows that it took the place of."""

    contact: Address | None
    """None in an alias's own partition."""
    communication: Communication
    replaces: list[str]


def keep(
    tables: Tables,
    owner: Address,
    contacts: Collection[Address] | None,
    told: Sequence[Appointment],
    source: Source,
    since: str = "",
) -> list[Kept]:
    """Put together what an owner knows of an appointment, of which one message may tell several times: a series and the
    changes of it. Writes its rows; without contacts, those of an alias. ``since`` is from when on the owner has the
    address, where somebody else had it before, who knew other things of it.

    Whoever changes it at the same time comes to the same rows: each writes those of the state that is stored, and looks
    again afterwards whether that is still the one.

    Raises:
        StoreBusy: others changed it again and again.
    """
    index, uid = tables.mail_index, f"{name(told[0])} {since}".rstrip()
    for _ in range(_TRIES):
        before = Known.read(index.appointment(owner, uid))
        known = before
        for each in told:
            known = known.told(each, contacts or (), source, owner)
        known = known.placed(name(told[0]))
        if known != before:
            known = replace(known, revision=before.revision + 1)
            try:
                index.put_appointment(owner, uid, known.item())
            except Changed:
                continue
        kept = _write(tables, owner, known, before.contacts.keys() - known.contacts, is_alias=contacts is None)
        if Known.read(index.appointment(owner, uid)).revision == known.revision:
            return kept
    raise StoreBusy("an appointment was changed again and again")


def _write(tables: Tables, owner: Address, known: Known, former: Iterable[str], *, is_alias: bool) -> list[Kept]:
    """Write its rows, and delete those that it had before, or with former contacts."""
    if not known.rows:
        return []
    table, moved = tables.communications, known.rows[:-1]
    puts: list[tuple[Key, Item]] = []
    gone: list[Key] = []
    kept: list[Kept] = []
    for contact in [None] if is_alias else [Address.parse(each) for each in sorted(known.contacts)]:
        of = Correspondence.between(owner, contact) if contact else Correspondence.of_alias(owner)
        made = known.communication(owner, contact)
        puts.append(table.row(of, made))
        gone += [table.key(of, "appointment", each) for each in moved]
        kept.append(Kept(contact, made, list(moved)))
    for each in former:
        of = Correspondence.between(owner, Address.parse(each))
        gone += [table.key(of, "appointment", row) for row in known.rows]
    table.write(puts, gone)
    return kept
