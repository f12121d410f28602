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
from chat.tables.communications import Communication, Occurrence

MAX_CONTACTS = 100
"""Contacts with whom an owner has one appointment: the organizer, then those whom the organizer's messages name."""
MAX_EXCEPTIONS = 50
"""Occurrences that take place otherwise, of which the organizer's are kept first, and of these the latest; and as many
that do not take place."""
MAX_ATTENDEES = 100
"""Whose invitations and answers are kept, and as many that are of single occurrences: those of the latest."""
MAX_MOVES = 5
"""Former places in the list that are cleared again whenever the appointment changes."""

_INVITATION, _CANCELLATION = 2, 1
_OF_AN_OCCURRENCE = -2
_HINT = -2
"""How much a message's word counts on what the appointment is: an organizer's, what a cancellation repeats of it; less
where these are of one occurrence; least what an answer lets one guess."""
_ORGANIZERS = {"REQUEST": _INVITATION, "PUBLISH": _INVITATION, "CANCEL": _CANCELLATION}

Stamp = tuple[bool, int, int]
"""Whether the organizer says so; sequence, and time in ms since the epoch."""
Rank = tuple[int, bool, int, int, int, int, str]
"""Weight and stamp; where these are the same, something else that is the same in whatever order they come."""
_BEGIN, _END, _IS_UNINVITED = 3, 4, 3
"""Where they stand in an exception, and in an invitation."""
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
        return appointment.organizer in self.authors, appointment.sequence, appointment.stamp


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
    invited: Mapping[str, list[Any]] = field(default_factory=dict)
    """By the same, of attendees other than the organizer: the stamp, and whether the invitation is taken back."""
    contacts: Mapping[str, bool] = field(default_factory=dict)
    """With whom the owner has it, by address, and whether that is the organizer's word."""
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
            item["invited"],
            item["contacts"],
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
            "invited": self.invited,
            "contacts": self.contacts,
            "rows": self.rows,
        }
        return {name: value for name, value in item.items() if value is not None}

    def told(
        self, appointment: Appointment, contacts: Iterable[Address], source: Source, owner: Address | None = None
    ) -> Known:
        """The same when a message has told of it, too; equal where it told nothing new. The owner's answer, and those
        in the same domain, go before others' where there is no room for all."""
        known, stamp = self._with_details(appointment, source), source.stamp(appointment)
        is_cancelled = appointment.method == "CANCEL" and appointment.status == "cancelled"
        if appointment.recurrence is None and is_cancelled:
            known = replace(known, cancelled=max(known.cancelled or stamp, stamp))
        elif not is_cancelled:
            known = known._with_attendees(appointment, source, owner)
        if appointment.recurrence is not None and (is_cancelled or _ORGANIZERS.get(appointment.method) == _INVITATION):
            known = known._with_exception(appointment, stamp)
        return replace(known, contacts=known._with_contacts(appointment, contacts, is_trusted=stamp[0]))

    def placed(self, uid: str) -> Known:
        """The same in its place in the list, where it has one."""
        if not self.details:
            return self
        row = ids.derived(min(self._last, NEVER), f"appointment {uid}")
        return replace(self, rows=(*(each for each in self.rows if each != row), row)[-MAX_MOVES:])

    @property
    def _last(self) -> int:
        """When its last occurrence ends; of a series that is cancelled, the one that would have been next then."""
        last: int = max(self.ends_at, *(each[_END] for each in self.believed.values()), 0)
        series = _Series.of(self.details)
        if not series.rule or not self.is_cancelled:
            return last
        times: list[int] = [self.cancelled[2]] if self.cancelled else []
        times += [told[2] for told in self.invited.values() if told[_IS_UNINVITED]]
        return min(last, _end_after(series, max(times)))

    @property
    def is_cancelled(self) -> bool:
        """Whether it was called off, and not invited to again since; or everybody was uninvited."""
        return (self.cancelled is not None and self.cancelled >= self.rank[1:4]) or None in self._nobodys

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
        there = tuple(each for each in exceptions if not each.cancelled)
        is_out = any(self._is_uninvited(each, alone) for each in two)
        if alone is None and is_out and there:  # of the series, and invited to these of it
            exceptions, begins = there, there[0].recurrence
            length = fields["ends"] - fields["begins"]
            fields |= {"rule": None, "excluded": (), "begins": begins, "ends": begins + length}
        if self.is_cancelled or (not there and (is_out or (alone is not None and exceptions))):
            fields["state"] = "cancelled"
        return Communication(
            id=self.rows[-1],
            kind="appointment",
            answer=answer,
            contact_answer=others[0] if others else None,
            exceptions=exceptions,
            **fields | {"excluded": tuple(fields["excluded"])},
        )

    def _exceptions(self, two: Sequence[str], alone: int | None) -> tuple[Occurrence, ...]:
        """The occurrences that are otherwise for owner and contact: not there, where one of them is not invited; with
        answers to them, where these are not those to the rest."""
        length = self.details["ends"] - self.details["begins"]
        otherwise = {int(each): Occurrence(int(each), *told[_BEGIN:]) for each, told in self.believed.items()}
        for each in otherwise.keys() | self._spoken_of:
            was = otherwise.get(each) or Occurrence(each, each, each + length)
            answers, to_rest = ([self._answer(who, which) for who in two] for which in (each, alone))
            other = [one if one != rest else None for one, rest in zip(answers, to_rest, strict=True)]
            if each in self._nobodys or any(self._is_uninvited(who, each) for who in two):
                otherwise[each] = replace(was, cancelled=True)
            elif any(other):
                given: dict[str, Any] = dict(zip(("answer", "contact_answer"), other, strict=False))
                otherwise[each] = replace(was, **given)
        return tuple(otherwise[each] for each in sorted(otherwise))

    @cached_property
    def _spoken_of(self) -> Collection[int]:
        """The occurrences that somebody answered or was uninvited from by themselves, of those that take place."""
        keys = (each.partition(" ") for each in (*self.answers, *self.invited))
        spoken_of = {int(recurrence) for _, _, recurrence in keys if recurrence}
        there = {int(each) for each in self.believed}
        if not spoken_of <= there:
            there |= _occurring(_Series.of(self.details), tuple(sorted(spoken_of)))
        return spoken_of & there

    @cached_property
    def _nobodys(self) -> Collection[int | None]:
        """The occurrences from which all attendees that are known are uninvited; None stands for the series."""
        attendees: dict[str, set[str]] = {}
        uninvited: set[str] = set()
        for each, told in self.invited.items():
            who, _, recurrence = each.partition(" ")
            if told[0] >= self.rank[1]:
                attendees.setdefault(recurrence, set()).add(who)
                if told[_IS_UNINVITED]:
                    uninvited.add(recurrence)
        of_series = attendees.get("", set())
        places = {each: int(each) if each else None for each in uninvited}
        return {
            place
            for each, place in places.items()
            if all(self._is_uninvited(who, place) for who in attendees[each] | of_series)
        }

    def _is_uninvited(self, who: str, recurrence: int | None) -> bool:
        """Whether somebody's invitation was taken back: to the series, or to one occurrence, also by that of the series
        since."""
        of_series = self._invitation(who, None)
        if recurrence is None:
            return bool(of_series[_IS_UNINVITED])
        of_one = self._invitation(who, recurrence)
        return bool(of_one[_IS_UNINVITED] or (of_series[_IS_UNINVITED] and of_series > of_one))

    def _invitation(self, who: str, recurrence: int | None) -> list[Any]:
        found = self.invited.get(_attendee(who, recurrence))
        return found if found and found[0] >= self.rank[1] else [False, -1, 0, False]

    def _answer(self, who: str, recurrence: int | None) -> Any:
        """An attendee's answer to one occurrence or to the series; others' word on it counts as it does on the rest."""
        trusted, *_, answer = self.answers.get(_attendee(who, recurrence), [False, None])
        return answer if trusted >= self.rank[1] and not self._is_uninvited(who, recurrence) else None

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

    def _with_attendees(self, appointment: Appointment, source: Source, owner: Address | None) -> Known:
        """Whom the organizer invites, or uninvites by a cancellation that names them, and what attendees answer."""
        is_cancellation = appointment.method == "CANCEL"
        answers, invited = dict(self.answers), dict(self.invited)
        stamp = is_organizers, sequence, time = source.stamp(appointment)
        for who, answer in appointment.answers.items():
            key, is_own = _attendee(who, appointment.recurrence), who in source.authors
            if appointment.method in _ORGANIZERS and who != appointment.organizer:
                invited[key] = max([*stamp, is_cancellation], invited.get(key, []))
            if is_own or (appointment.method in _ORGANIZERS and not is_cancellation):
                given = [is_organizers or is_own, sequence, answer != "needs-action", time, answer]
                answers[key] = max(given, answers.get(key, []))
        return replace(self, answers=_kept(answers, owner), invited=_kept(invited, owner))

    def _with_contacts(
        self, appointment: Appointment, contacts: Iterable[Address], *, is_trusted: bool
    ) -> dict[str, bool]:
        """The contacts with some more, as many as there is room for."""
        together = dict(self.contacts)
        for each in map(str, contacts):
            together[each] = together.get(each, False) or is_trusted
        ranked = sorted(together, key=lambda each: (each != appointment.organizer, not together[each], each))
        return {each: together[each] for each in ranked[:MAX_CONTACTS]}

    def _with_exception(self, appointment: Appointment, stamp: Stamp) -> Known:
        told = [*stamp, appointment.begins, appointment.ends, appointment.status == "cancelled"]
        exceptions = dict(self.exceptions)
        exceptions[str(appointment.recurrence)] = max(told, exceptions.get(str(appointment.recurrence), []))
        latest = sorted(exceptions, key=lambda each: (exceptions[each][0], int(each)))[-MAX_EXCEPTIONS:]
        return replace(self, exceptions={each: exceptions[each] for each in latest})


def name(appointment: Appointment) -> str:
    """What is the same in all messages about an appointment, and in none about another."""
    return f"{appointment.organizer} {appointment.uid}"


def _attendee(address: str, recurrence: int | None) -> str:
    """Under what it is kept what is known of an attendee."""
    return address if recurrence is None else f"{address} {recurrence}"


def _kept(attendees: Mapping[str, list[Any]], owner: Address | None) -> dict[str, list[Any]]:
    """Those that there is room for."""
    ours = f"@{owner.domain}" if owner else ""

    def rank(key: str) -> tuple[bool, bool, bool, int, str]:
        who, _, recurrence = key.partition(" ")
        return bool(attendees[key][0]), who == str(owner), who.endswith(ours), int(recurrence or 0), who

    ranked = sorted(attendees, key=rank)
    of_series = [each for each in ranked if " " not in each]
    of_one = [each for each in ranked if " " in each]
    return {each: attendees[each] for each in (*of_series[-MAX_ATTENDEES:], *of_one[-MAX_ATTENDEES:])}


@lru_cache(64)  # each participant of a mail has the same ones
def _last_end(series: _Series) -> int:
    """When the last occurrence of an appointment ends, as its rule has it."""
    if not series.rule:
        return max(series.begins, series.ends)
    from chat.mail.recurring import last_end  # its libraries take 40 ms, which others need not pay

    end = last_end(series)
    return NEVER if end is None else end


@lru_cache(64)
def _end_after(series: _Series, time: int) -> int:
    """When the first occurrence ends that is not over at a time."""
    from chat.mail.recurring import end_after

    end = end_after(series, time)
    return NEVER if end is None else end


@lru_cache(64)
def _occurring(series: _Series, times: tuple[int, ...]) -> frozenset[int]:
    """Those of some times at which occurrences of an appointment would begin, as its rule has it."""
    if not series.rule:
        return frozenset({series.begins}) & frozenset(times)
    from chat.mail.recurring import occurring

    return occurring(series, times)
