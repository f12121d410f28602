"""Appointments as each owner knows them, put together from the messages that tell of them (RFC 5546).

Invitations, updates, answers and cancellations come in any order, twice, or at once. So an owner has one state of each
appointment, in which every part goes by what came with the highest sequence and the latest stamp (RFC 5546 §2.1.5): the
order in which messages come makes no difference. The rows that are listed are made of that state and can be made again.

An appointment is its organizer's (RFC 5546 §6.1): the same UID with another organizer is another one, what the
organizer's own messages say of it goes before what others' say, and nobody answers for somebody else. What an answer
or a cancellation says is kept even before anything has told when the appointment is; until then it is in no list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from chat import ids
from chat.addresses import Address
from chat.appointments import NEVER
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
"""To the series, and as many to single occurrences of it: those of the latest."""
MAX_MOVES = 20
"""Former places in the list that are cleared again whenever the appointment changes."""
_TRIES = 10

_INVITATION, _CANCELLATION = 2, 1
_OF_AN_OCCURRENCE = -2
_HINT = -2
"""How much a message's word counts on what the appointment is: an organizer's, what a cancellation repeats of it; less
where these are of one occurrence; least what an answer lets one guess."""
_ORGANIZERS = {"REQUEST": _INVITATION, "PUBLISH": _INVITATION, "CANCEL": _CANCELLATION}
_UNINVITED = "uninvited"
"""Stands where an answer does, of whom the organizer has taken the invitation back."""

Stamp = tuple[bool, int, int]
"""Whether the organizer says so; sequence, and time in ms since the epoch."""
Rank = tuple[int, bool, int, int, int, int, str]
"""Weight and stamp; where these are the same, something else that is the same in whatever order they come."""
_BEGIN, _END = 3, 4
"""Where they stand in an exception."""
_NOTHING: Rank = (-9, False, 0, 0, 0, 0, "")


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


class _Series(NamedTuple):
    """When an appointment is, as its rule has it."""

    begins: int
    ends: int
    rule: str
    zone: str
    excluded: tuple[int, ...]

    @classmethod
    def of(cls, details: Item) -> _Series:
        return cls(
            details["begins"],
            details["ends"],
            details.get("rule", ""),
            details.get("zone", ""),
            tuple(details["excluded"]),
        )


@dataclass(frozen=True)
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
    """By address, or by address and occurrence: whether somebody says so who knows, sequence, whether it is one, time,
    and the answer."""
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
        is_cancelled = appointment.method == "CANCEL" and appointment.status == "cancelled"
        if appointment.recurrence is None and is_cancelled:
            known = replace(known, cancelled=max(known.cancelled or stamp, stamp))
        elif not is_cancelled:
            known = known._with_answers(appointment, source)
        if appointment.recurrence is not None and (is_cancelled or _ORGANIZERS.get(appointment.method) == _INVITATION):
            known = known._with_exception(appointment, stamp)
        together = sorted(known.contacts | {str(each) for each in contacts})[:MAX_CONTACTS]
        known = replace(known, contacts=frozenset(together))
        if not known.details:
            return known
        last = max(known.ends_at, *(each[_END] for each in known.believed.values()), 0)
        row = ids.derived(min(last, NEVER), f"appointment {name(appointment)}")
        return replace(known, rows=(*(each for each in known.rows if each != row), row)[-MAX_MOVES:])

    @property
    def is_cancelled(self) -> bool:
        """Whether it was called off, and not invited to again since."""
        return self.cancelled is not None and self.cancelled >= self.rank[1:4]

    @cached_property
    def believed(self) -> Mapping[str, list[Any]]:
        """The exceptions that count: the organizer's, where the series is the organizer's own word; and where that was
        changed since, those of occurrences that it still has."""
        believed = {each: told for each, told in self.exceptions.items() if told[0] >= self.rank[1]}
        older = tuple(int(each) for each, told in believed.items() if tuple(told[:_BEGIN]) < self.rank[1:4])
        if not older or not self.details or "recurrence" in self.details:
            return believed
        gone = set(older) - _occurring(_Series.of(self.details), older)
        return {each: told for each, told in believed.items() if int(each) not in gone}

    def communication(self, owner: Address, contact: Address | None) -> Communication:
        """Its row with a contact, or that of an alias. Of one that nothing has told the time of there is none."""
        fields = dict(self.details)
        alone = fields.pop("recurrence", None)
        two = [str(each) for each in (owner, contact) if each]
        answer, *others = (self._answer(each, alone) for each in two)
        exceptions = self._exceptions(two, alone)
        if alone is None or not exceptions:
            is_gone = _UNINVITED in (answer, *others)
        else:
            is_gone = all(each.cancelled for each in exceptions)
        if self.is_cancelled or is_gone:
            fields["state"] = "cancelled"
        return Communication(
            id=self.rows[-1],
            kind="appointment",
            answer=_shown(answer),
            contact_answer=_shown(*others) if others else None,
            exceptions=exceptions,
            **fields | {"excluded": tuple(fields["excluded"])},
        )

    def _exceptions(self, two: Sequence[str], alone: int | None) -> tuple[Occurrence, ...]:
        """The occurrences that are otherwise for owner and contact: not there, where one of them is not invited; with
        answers to them, where these are not those to the rest."""
        length = self.details["ends"] - self.details["begins"]
        otherwise = {int(each): Occurrence(int(each), *told[_BEGIN:]) for each, told in self.believed.items()}
        for each in self._answered:
            was = otherwise.get(each) or Occurrence(each, each, each + length)
            answers, to_rest = ([self._answer(who, which) for who in two] for which in (each, alone))
            other = [one if one != rest else None for one, rest in zip(answers, to_rest, strict=True)]
            if _UNINVITED in answers:
                otherwise[each] = replace(was, cancelled=True)
            elif any(other):
                given: dict[str, Any] = dict(zip(("answer", "contact_answer"), other, strict=False))
                otherwise[each] = replace(was, **given)
        return tuple(otherwise[each] for each in sorted(otherwise))

    @cached_property
    def _answered(self) -> Collection[int]:
        """The occurrences that somebody answered by themselves, of those that take place."""
        answered = {
            int(recurrence) for _, _, recurrence in (each.partition(" ") for each in self.answers) if recurrence
        }
        there = {int(each) for each in self.believed}
        if not answered <= there:
            there |= _occurring(_Series.of(self.details), tuple(sorted(answered)))
        return answered & there

    def _answer(self, address: str, recurrence: int | None) -> str | None:
        """Somebody's answer, to one occurrence or to the series; others' word on it counts as it does on the rest."""
        trusted, *_, answer = self.answers.get(_answerer(address, recurrence), [False, None])
        return answer if trusted >= self.rank[1] else None

    def _with_details(self, appointment: Appointment, source: Source) -> Known:
        if appointment.begins is None or appointment.ends is None:
            return self
        weight = _ORGANIZERS.get(appointment.method, _HINT)
        weight += 0 if appointment.recurrence is None else _OF_AN_OCCURRENCE
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
            "recurrence": appointment.recurrence,
            "state": appointment.status,
            "mail": source.mail,
            "mail_title": source.title,
            "arrived": source.at,
        }
        kept = {name: value for name, value in details.items() if value is not None}
        return replace(self, rank=rank, details=kept, ends_at=_last_end(_Series.of(kept)))

    def _with_answers(self, appointment: Appointment, source: Source) -> Known:
        """What the attendees answer; those whom a cancellation names that is not of the whole are invited no more."""
        is_cancellation = appointment.method == "CANCEL"
        answers, (is_organizers, sequence, time) = dict(self.answers), source.stamp(appointment)
        for address, answer in appointment.answers.items():
            is_own = address in source.authors
            if appointment.method not in _ORGANIZERS and not is_own:
                continue
            told = _UNINVITED if is_cancellation else answer
            given = [is_organizers or is_own, sequence, told != "needs-action", time, told]
            key = _answerer(address, appointment.recurrence)
            answers[key] = max(given, answers.get(key, []))
        return replace(self, answers={each: answers[each] for each in _kept_answers(answers)})

    def _with_exception(self, appointment: Appointment, stamp: Stamp) -> Known:
        told = [*stamp, appointment.begins, appointment.ends, appointment.status == "cancelled"]
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
    if not known.rows:
        return []
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


def _answerer(address: str, recurrence: int | None) -> str:
    """Under what an answer is kept."""
    return address if recurrence is None else f"{address} {recurrence}"


def _kept_answers(answers: Mapping[str, list[Any]]) -> list[str]:
    """Under what those are kept that there is room for."""
    of_series = [each for each in answers if " " not in each]
    of_one = [each for each in answers if " " in each]
    return [
        *sorted(of_series, key=lambda each: (not answers[each][0], each))[:MAX_ANSWERS],
        *sorted(of_one, key=lambda each: (answers[each][0], int(each.partition(" ")[2]), each))[-MAX_ANSWERS:],
    ]


def _shown(answer: str | None) -> Any:
    return None if answer == _UNINVITED else answer


@lru_cache(64)  # each participant of a mail has the same ones
def _last_end(series: _Series) -> int:
    """When the last occurrence of an appointment ends, as its rule has it."""
    if not series.rule:
        return max(series.begins, series.ends)
    from chat.mail.recurring import last_end  # its libraries take 40 ms, which others need not pay

    end = last_end(series)
    return NEVER if end is None else end


@lru_cache(64)
def _occurring(series: _Series, times: tuple[int, ...]) -> frozenset[int]:
    """Those of some times at which occurrences of an appointment would begin, as its rule has it."""
    if not series.rule:
        return frozenset({series.begins}) & frozenset(times)
    from chat.mail.recurring import occurring

    return occurring(series, times)
