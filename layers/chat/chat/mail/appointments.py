"""Appointments as each owner knows them, put together from the messages that tell of them (RFC 5546).

Invitations, updates, answers and cancellations come in any order, twice, or at once. So an owner has one state of each
appointment, in which every part goes by what came with the highest sequence and the latest stamp (RFC 5546 §2.1.5): the
order in which messages come makes no difference. The rows that are listed are made of that state and can be made again.

An appointment is its organizer's (RFC 5546 §6.1): the same UID with another organizer is another one, what the
organizer's own messages say of it goes before what others' say, and nobody answers for somebody else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chat import ids
from chat.addresses import Address
from chat.items import Item
from chat.mail.model import Appointment
from chat.store import Key, StoreBusy
from chat.tables import Tables
from chat.tables.communications import Communication, Correspondence, Occurrence
from chat.tables.mail_index import Changed

MAX_CONTACTS = 100
"""Contacts with whom an owner has one appointment."""
MAX_EXCEPTIONS = 50
"""Occurrences that take place otherwise, of which the organizer's are kept first, and of these the latest; and as many
that do not take place."""
MAX_ANSWERS = 100
MAX_MOVES = 20
"""Former places in the list that are cleared again whenever the appointment changes."""
NEVER = ids.LATEST
"""When an appointment ends that is repeated for ever, in ms since the epoch."""
_TRIES = 10

_INVITATION, _CANCELLATION, _HINT = 2, 1, 0
"""How much a message's word counts on what the appointment is: an organizer's, what a cancellation repeats of it, and
what an answer or a change of one occurrence lets one guess."""
_ORGANIZERS = {"REQUEST": _INVITATION, "PUBLISH": _INVITATION, "CANCEL": _CANCELLATION}

Stamp = tuple[bool, int, int]
"""Whether the organizer says so; sequence, and time in ms since the epoch."""
Rank = tuple[int, bool, int, int, int, int, str]
"""Weight and stamp; where these are the same, something else that is the same in whatever order they come."""
_BEGIN, _END = 3, 4
"""Where they stand in an exception."""
_NOTHING: Rank = (-1, False, 0, 0, 0, 0, "")


@dataclass(frozen=True, slots=True)
class Source:
    """The message that tells of an appointment."""

    mail: str
    title: str
    at: int
    """When it was sent, in ms since the epoch."""
    authors: frozenset[str]
    """Whom it is from, by address."""

    def stamp(self, appointment: Appointment) -> Stamp:
        """How much the message's word counts, of those with the same weight."""
        is_organizers = not appointment.organizer or appointment.organizer in self.authors
        return is_organizers, appointment.sequence, appointment.stamp


@dataclass(frozen=True, slots=True)
class Known:
    """What an owner knows of an appointment."""

    revision: int = 0
    rank: Rank = _NOTHING
    details: Item = field(default_factory=dict)
    """The fields of its rows that are the same with every contact."""
    ends_at: int = 0
    """When its last occurrence ends, as its rule has it."""
    cancelled: Stamp | None = None
    """Of a cancellation."""
    exceptions: Mapping[str, list[Any]] = field(default_factory=dict)
    """By when the occurrence would have begun: the stamp, begin, end, and whether it is cancelled."""
    answers: Mapping[str, list[Any]] = field(default_factory=dict)
    """By address: whether somebody says so who knows, sequence, whether it is one, time, and the answer."""
    contacts: frozenset[str] = frozenset()
    """With whom the owner has it, by address."""
    rows: tuple[str, ...] = ()
    """Ids of its rows, former ones in front of the present one."""

    @classmethod
    def read(cls, item: Item | None) -> Known:
        """What an item of the table says."""
        if item is None:
            return cls()
        return cls(
            item["revision"],
            tuple(item["rank"]),
            item["details"],
            item["ends_at"],
            tuple(item["cancelled"]) if "cancelled" in item else None,
            item["exceptions"],
            item["answers"],
            frozenset(item.get("contacts", ())),
            tuple(item["rows"]),
        )

    def item(self) -> Item:
        """The item that says it."""
        item = {
            "revision": self.revision,
            "rank": self.rank,
            "details": self.details,
            "ends_at": self.ends_at,
            "cancelled": self.cancelled,
            "exceptions": self.exceptions,
            "answers": self.answers,
            "contacts": self.contacts,
            "rows": self.rows,
        }
        return {name: value for name, value in item.items() if value not in (None, frozenset())}

    def told(self, appointment: Appointment, contacts: Iterable[Address], source: Source) -> Known:
        """The same when a message has told of it, too; equal where it told nothing new."""
        known, stamp = self._with_details(appointment, source), source.stamp(appointment)
        if appointment.recurrence is None:
            known = known._with_answers(appointment, source)
            if appointment.method == "CANCEL":
                known = replace(known, cancelled=max(known.cancelled or stamp, stamp))
        elif appointment.method in _ORGANIZERS:  # answers to one occurrence say nothing of the others, and are left out
            known = known._with_exception(appointment, stamp)
        together = sorted(known.contacts | {str(each) for each in contacts})[:MAX_CONTACTS]
        last = max(known.ends_at, *(each[_END] for each in known.believed.values()), 0)
        row = ids.derived(min(last, NEVER), f"appointment {name(appointment)}")
        rows = (*(each for each in known.rows if each != row), row)[-MAX_MOVES:]
        return replace(known, contacts=frozenset(together), rows=rows)

    @property
    def is_cancelled(self) -> bool:
        """Whether it was called off, and not invited to again since."""
        return self.cancelled is not None and self.cancelled >= self.rank[1:4]

    @property
    def believed(self) -> Mapping[str, list[Any]]:
        """The exceptions that count: the organizer's, where the series is the organizer's own word."""
        return {each: told for each, told in self.exceptions.items() if told[0] >= self.rank[1]}

    def communication(self, owner: Address, contact: Address | None) -> Communication:
        """Its row with a contact, or that of an alias."""
        fields = dict(self.details)
        if self.is_cancelled:
            fields["state"] = "cancelled"
        otherwise = ((int(recurrence), *told[_BEGIN:]) for recurrence, told in self.believed.items())
        return Communication(
            id=self.rows[-1],
            kind="appointment",
            answer=self._answer(owner),
            contact_answer=self._answer(contact) if contact else None,
            exceptions=tuple(Occurrence(*each) for each in sorted(otherwise)),
            **fields | {"excluded": tuple(fields["excluded"])},
        )

    def _answer(self, address: Address) -> Any:
        return self.answers[str(address)][-1] if str(address) in self.answers else None

    def _with_details(self, appointment: Appointment, source: Source) -> Known:
        weight = _HINT if appointment.recurrence is not None else _ORGANIZERS.get(appointment.method, _HINT)
        rank: Rank = (weight, *source.stamp(appointment), appointment.begins, -source.at, source.mail)
        if rank <= self.rank:
            return self
        details = {
            "title": appointment.summary,
            "place": appointment.place or None,
            "begins": appointment.begins,
            "ends": appointment.ends,
            "all_day": appointment.all_day or None,
            "zone": appointment.zone or None,
            "rule": appointment.rule or None,
            "excluded": list(appointment.excluded[-MAX_EXCEPTIONS:]),
            "state": appointment.status,
            "mail": source.mail,
            "mail_title": source.title,
            "arrived": source.at,
        }
        kept = {name: value for name, value in details.items() if value is not None}
        return replace(self, rank=rank, details=kept, ends_at=_last_end(appointment))

    def _with_answers(self, appointment: Appointment, source: Source) -> Known:
        answers, (is_organizers, sequence, time) = dict(self.answers), source.stamp(appointment)
        for address, answer in appointment.answers.items():
            is_own = address in source.authors
            if appointment.method not in _ORGANIZERS and not is_own:
                continue
            given = [is_organizers or is_own, sequence, answer != "needs-action", time, answer]
            if (address in answers or len(answers) < MAX_ANSWERS) and given > answers.get(address, []):
                answers[address] = given
        return replace(self, answers=answers)

    def _with_exception(self, appointment: Appointment, stamp: Stamp) -> Known:
        cancelled = appointment.method == "CANCEL" or appointment.status == "cancelled"
        told = [*stamp, appointment.begins, appointment.ends, cancelled]
        exceptions = dict(self.exceptions)
        exceptions[str(appointment.recurrence)] = max(told, exceptions.get(str(appointment.recurrence), []))
        latest = sorted(exceptions, key=lambda each: (exceptions[each][0], int(each)))[-MAX_EXCEPTIONS:]
        return replace(self, exceptions={each: exceptions[each] for each in latest})


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
) -> list[Kept]:
    """Put together what an owner knows of an appointment, of which one message may tell several times: a series and the
    changes of it. Writes its rows; without contacts, those of an alias.

    Whoever changes it at the same time comes to the same rows: each writes those of the state that is stored, and looks
    again afterwards whether that is still the one.

    Raises:
        StoreBusy: others changed it again and again.
    """
    index, uid = tables.mail_index, name(told[0])
    for _ in range(_TRIES):
        before = Known.read(index.appointment(owner, uid))
        if contacts is not None and not contacts and not before.contacts:
            return []  # nobody of the domain has to do with it but the owner
        known = before
        for each in told:
            known = known.told(each, contacts or (), source)
        if known != before:
            known = replace(known, revision=before.revision + 1)
            try:
                index.put_appointment(owner, uid, known.item())
            except Changed:
                continue
        kept = _write(tables, owner, known, is_alias=contacts is None)
        if Known.read(index.appointment(owner, uid)).revision == known.revision:
            return kept
    raise StoreBusy("an appointment was changed again and again")


def _write(tables: Tables, owner: Address, known: Known, *, is_alias: bool) -> list[Kept]:
    table, former = tables.communications, known.rows[:-1]
    puts: list[tuple[Key, Item]] = []
    gone: list[Key] = []
    kept: list[Kept] = []
    for contact in [None] if is_alias else [Address.parse(each) for each in sorted(known.contacts)]:
        of = Correspondence.between(owner, contact) if contact else Correspondence.of_alias(owner)
        made = known.communication(owner, contact)
        puts.append(table.row(of, made))
        gone += [table.key(of, "appointment", each) for each in former]
        kept.append(Kept(contact, made, list(former)))
    table.write(puts, gone)
    return kept


def name(appointment: Appointment) -> str:
    """What is the same in all messages about an appointment, and in none about another."""
    return f"{appointment.organizer} {appointment.uid}"


def _last_end(appointment: Appointment) -> int:
    """When the last occurrence of an appointment ends, as its rule has it."""
    if not appointment.rule:
        return max(appointment.begins, appointment.ends)
    from chat.mail.recurring import last_end  # its libraries take 40 ms, which others need not pay

    end = last_end(appointment)
    return NEVER if end is None else end
