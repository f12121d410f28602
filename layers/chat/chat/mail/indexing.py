"""Indexing a mail message: what its participants have of it in their tabs, with each other and of each alias.

Everything is keyed by the message and its time, so doing it again, or with another copy of the same message, writes the
same rows; a copy that was passed on takes the place of none. What rows point to is written before them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from chat import ids, words
from chat.addresses import Address
from chat.entries import Alias
from chat.mail import appointments, participants
from chat.mail.documents import Document
from chat.mail.known import Source, name
from chat.mail.library import Library
from chat.mail.model import Appointment, File, Mail, Person, in_order
from chat.mail.participants import MAX_PARTICIPANTS, Participant, Party, parties
from chat.store import Key, StoreBusy
from chat.tables import Tables
from chat.tables.communications import MAX_PEOPLE, MAX_TITLE, Communication, Correspondence, Direction, Row, Text

MAX_FILES = 100
"""Files of one message that are indexed."""
MAX_ROWS = 25_000
"""Rows of one message in one domain, two for each pair of participants and one more a file, and as many again of
appointments, one for each pair: what can be written well within a function's time."""
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Indexed:
    """An entry of somebody's tabs that is new, or has changed."""

    owner: Address
    alias: Alias | None
    """The owner, where that is an alias: then it is its members' entry."""
    contact: Address
    """Whose tabs it is in; of an alias its own."""
    communication: Communication
    replaces: list[str] = field(default_factory=list)
    """Ids of entries whose place it took."""

    @property
    def correspondence(self) -> Correspondence:
        return Correspondence.of_alias(self.owner) if self.alias else Correspondence.between(self.owner, self.contact)


@dataclass(frozen=True, slots=True)
class _Side:
    """One participant's view of a message, with one contact or, of an alias, in its own tabs."""

    owner: Participant
    contact: Participant | None

    @property
    def correspondence(self) -> Correspondence:
        if self.contact is None:
            return Correspondence.of_alias(self.owner.address)
        return Correspondence.between(self.owner.address, self.contact.address)

    @property
    def direction(self) -> Direction:
        return "sent" if self.owner.is_author else "received"

    def indexed(self, communication: Communication) -> Indexed:
        alias = self.owner.entry if isinstance(self.owner.entry, Alias) else None
        return Indexed(self.owner.address, alias, (self.contact or self.owner).address, communication)


def index(tables: Tables, library: Library, mail: Mail, received: int) -> list[Indexed]:
    """Write what the participants of a message have of it; returns all entries, whether they were there before or not.

    ``received`` is when the message came, in ms since the epoch. Users and aliases take part whose address is named as
    sender or recipient, at most 50 in a domain; each domain is indexed by itself. Costs one write unit per KB of the
    rows: two for each pair of participants and one for each file, and reads that do not grow with what is there. Copies
    of one message that name different recipients of blind copies end in the same rows, whichever comes first.

    Raises:
        StoreBusy: not all is known to be written; the message has to be indexed again.
    """
    return [each for party in parties(tables, mail) for each in _index(tables, library, mail, party, received)]


def id_of(at: int, message_id: str, author: str) -> str:
    """The id of a message that was sent at ``at``, in ms since the epoch; nobody else's mail takes its place."""
    return ids.derived(at, f"mail {message_id} {author}")


def _index(tables: Tables, library: Library, mail: Mail, party: Party, received: int) -> list[Indexed]:
    domain = party.domain
    if mail.at == received:  # it has no date of its own, so a copy would seem to be of another time
        mail = replace(mail, at=tables.mail_index.came(domain, mail.message_id, received))
    mail_id = id_of(mail.at, mail.message_id, mail.author.address if mail.author else mail.fingerprint)
    mail, party, found = _messages(tables, library, mail, mail_id, party)
    found += _appointments(tables, mail, mail_id, party, _meetings(mail, party))
    if not tables.communications.is_indexed(domain):  # a read is a fifth of a write
        tables.communications.note_indexed(domain, received)
    return found


def _messages(
    tables: Tables, library: Library, mail: Mail, mail_id: str, party: Party
) -> tuple[Mail, Party, list[Indexed]]:
    """Write the message and its files; returns it with all whose blind copies are known, and who takes part in that.

    Each copy of a message may name other recipients of blind copies, and the author sees them all. So they are noted
    with it, and looked at again afterwards: a copy that is indexed at the same time may have brought more.
    """
    index, domain = tables.mail_index, party.domain
    has_author = any(each.is_author for each in party.participants)
    for _ in range(_TRIES):
        sides = list(_sides(party))
        if not sides:
            return mail, party, []
        owners = list(dict.fromkeys(side.owner.address for side in sides))
        more = index.add_owners(domain, mail_id, owners, [each.address for each in mail.bcc] if has_author else ())
        more -= _addresses(mail)
        if not more:
            found = _write(tables, library, mail, mail_id, party, sides)
            more = index.blind(domain, mail_id) - _addresses(mail) if has_author else more
            if not more:
                return mail, party, found
        mail = replace(mail, bcc=in_order([*mail.bcc, *(Person("", each) for each in more)]))
        party = participants.party(tables, mail, domain)
    raise StoreBusy("ever more blind copies of a message were found")


def _write(
    tables: Tables, library: Library, mail: Mail, mail_id: str, party: Party, sides: Sequence[_Side]
) -> list[Indexed]:
    domain, meetings = party.domain, _meetings(mail, party)
    files = mail.files[: min(MAX_FILES, MAX_ROWS // len(sides) - 2)]
    for file in files:
        library.put_file(domain, file)
    text_id = library.put_text(domain, mail_id, Document.of(mail, _notes(mail, party, files, meetings)))
    rows: list[Row] = [tables.mail_index.file_row(domain, file.sha256, mail_id) for file in files]
    packed = words.pack(mail.text, [f"{each.name} {each.address}" for each in mail.named])
    found: list[tuple[Key, Indexed]] = []
    for side in sides:
        message = replace(_message(mail, mail_id, side, party, len(files)), text=text_id)
        for made in (message, *(_attachment(mail, mail_id, file, side) for file in files)):
            key, item = tables.communications.row(side.correspondence, made)
            rows.append((key, item))
            found.append((key, side.indexed(made)))
        text = Text(mail_id, message.title, packed, side.direction)
        rows.append(tables.communications.text_row(side.correspondence, text))
    if mail.passed_to is None:
        tables.communications.write(rows)
        return [each for _, each in found]
    added = tables.communications.write_new(rows)
    return [each for key, each in found if key in added]


def _sides(party: Party) -> Iterator[_Side]:
    for owner in party.participants:
        if not owner.has_copy:
            continue
        if owner.is_alias:
            yield _Side(owner, None)
        else:
            yield from (_Side(owner, each) for each in party.participants if owner.sees(each))


def _meetings(mail: Mail, party: Party) -> list[list[Appointment]]:
    """Its appointments, with all that it tells of each, as many as there is room for."""
    told: dict[str, list[Appointment]] = {}
    for appointment in mail.appointments:
        told.setdefault(name(appointment), []).append(appointment)
    rows = sum(len(_contacts(party, owner) or (owner,)) for owner in party.participants)
    return list(told.values())[: MAX_ROWS // rows]


def _contacts(party: Party, owner: Participant) -> set[Address] | None:
    """With whom somebody has the appointments of a message; an alias has them for itself."""
    if owner.is_alias:
        return None
    seen = {each.address for each in party.participants if owner.sees(each)}
    return seen | {each for each in party.attendees if each != owner.address}


def _appointments(
    tables: Tables, mail: Mail, mail_id: str, party: Party, meetings: Sequence[Sequence[Appointment]]
) -> Iterator[Indexed]:
    authors = {party.tagged.get(mail.author.address, mail.author.address)} if mail.author else set()
    authors |= {tagged for tagged, whose in party.tagged.items() if whose in authors}
    source = Source(mail_id, mail.subject[:MAX_TITLE], mail.at, frozenset(authors))
    for told in meetings:
        same = [_untagged(each, party) for each in told]
        for owner in party.participants:
            alias, user = (owner.entry, None) if isinstance(owner.entry, Alias) else (None, owner.entry)
            if not owner.has_copy or (user and user.given_after(mail.at)):
                continue
            since = user.history_from if user else ""
            for kept in appointments.keep(tables, owner.address, _contacts(party, owner), same, source, since):
                contact = kept.contact or owner.address
                yield Indexed(owner.address, alias, contact, kept.communication, kept.replaces)


def _untagged(appointment: Appointment, party: Party) -> Appointment:
    """The same with the organizer's and the attendees' own addresses; one who is named twice has answered where one of
    these has."""
    answers: dict[str, str] = {}
    for who, answer in appointment.answers.items():
        whose = party.tagged.get(who, who)
        if answers.get(whose, "needs-action") == "needs-action":
            answers[whose] = answer
    organizer = party.tagged.get(appointment.organizer, appointment.organizer)
    return replace(appointment, organizer=organizer, answers=answers)


def _message(mail: Mail, mail_id: str, side: _Side, party: Party, files: int) -> Communication:
    people = _others(mail, side, party)
    return Communication(
        id=mail_id,
        kind="message",
        title=mail.subject[:MAX_TITLE],
        arrived=mail.at,
        direction=side.direction,
        size=mail.size,
        preview=" ".join(mail.text[: 4 * MAX_TITLE].split())[:MAX_TITLE] or None,
        people=people[:MAX_PEOPLE] or None,
        more_people=max(0, len(people) - MAX_PEOPLE) or None,
        files=files or None,
    )


def _attachment(mail: Mail, mail_id: str, file: File, side: _Side) -> Communication:
    return Communication(
        id=ids.derived(mail.at, f"file {mail_id} {file.sha256} {file.name}"),
        kind="attachment",
        title=file.name,
        arrived=mail.at,
        direction=side.direction,
        size=file.size,
        content_type=file.content_type,
        sha256=file.sha256,
        mail=mail_id,
        mail_title=mail.subject[:MAX_TITLE],
    )


def _addresses(mail: Mail) -> set[str]:
    """Of all that take part."""
    return {each.address for each in (*mail.named, *mail.bcc)}


def _others(mail: Mail, side: _Side, party: Party) -> list[str]:
    """The addresses of who else took part, as far as the owner sees."""
    blind = mail.bcc if side.owner.is_author else ()
    two = {str(side.owner.address), str(side.contact.address) if side.contact else ""}
    named = (each.address for each in (*mail.named, *blind) if each.address)
    addresses = dict.fromkeys(party.tagged.get(each, each) for each in named)
    return [each for each in addresses if each not in two]


def _notes(mail: Mail, party: Party, files: Sequence[File], meetings: Sequence[Sequence[Appointment]]) -> list[str]:
    notes = list(mail.notes)
    told = len({name(each) for each in mail.appointments})
    if len(meetings) < told:
        notes.append(f"of its {told} appointments {len(meetings)} are indexed")
    if len(files) < len(mail.files):
        notes.append(f"of its {len(mail.files)} files {len(files)} are indexed")
    if party.left_out:
        notes.append(f"it is indexed for {MAX_PARTICIPANTS} users and aliases of {party.domain}, and for no others")
    return notes
