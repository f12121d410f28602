"""Appointments of calendar parts (RFC 5545), as invitations carry them and attached files have them (RFC 5546)."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, use_zoneinfo, vDDDLists, vDDDTypes, vDuration, vRecur

from chat.mail import charsets, rules
from chat.mail.charsets import one_line
from chat.mail.model import Appointment
from chat.mail.parts import Part
from chat.mail.people import address
from chat.mail.zones import Zones

MAX_CALENDARS = 256 * 1024
"""Bytes of calendars that are read of one mail."""
MAX_APPOINTMENTS = 50
"""Of one mail."""
MAX_ATTENDEES = 200
MAX_EXCLUDED = 500
MAX_LINE = 1000
"""Characters of a summary, a place or a UID."""

_MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, OSError, RecursionError)
"""What the library raises about calendars that are broken, beside what it documents."""
_UNQUOTED_ZONE = re.compile(
    r';TZID=([^";:\r\n]{1,40}://[^";:\r\n]{1,200}|\((?:UTC|GMT)[^")\r\n]{0,20}\)[^";:\r\n]{1,200})(?=[;:])',
    re.IGNORECASE,
)
"""A zone's name with a colon or a comma in it, as Outlook has some: without quotes it would end there (RFC 5545 §3.2).
"""
_BEGIN = re.compile("^BEGIN:VEVENT[ \t]*$", re.IGNORECASE | re.MULTILINE)
_END = re.compile("^END:VEVENT[ \t]*$", re.IGNORECASE | re.MULTILINE)
_OF_ALL_EVENTS = re.compile(r"^(?:METHOD|X-WR-TIMEZONE):[^\n]*+$", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile("\r?\n[ \t]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000
_EARLIEST = (datetime(1000, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_LATEST = (datetime(9000, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
"""Between these a time can be written down, and what is repeated has room behind it, as years have four digits."""
_MAX_SEQUENCE = 2**31 - 1
_BRIEF = ("REPLY", "CANCEL", "REFRESH", "DECLINECOUNTER")
"""Methods of messages about an event that need not repeat when it begins: they name it by its UID (RFC 5546 §3.2)."""
_STATES = ("confirmed", "tentative", "cancelled")
_ANSWERS = ("needs-action", "accepted", "declined", "tentative")


def appointments(parts: list[Part], at: int, notes: list[str]) -> tuple[Appointment, ...]:
    """The appointments in some calendar parts of a mail of the time ``at``, at most 50.

    The same one in two parts is given once. What cannot be read, or is beyond a limit, is noted.
    """
    found: dict[tuple[str, int | None], Appointment] = {}
    for event in _events(parts, notes):
        try:
            appointment = _Event(*event, notes).appointment(at)
        except _MALFORMED:
            notes.append("an appointment could not be read, as one without a beginning")
            continue
        key = appointment.uid, appointment.recurrence
        if key not in found and len(found) == MAX_APPOINTMENTS:
            notes.append(f"it has more than {MAX_APPOINTMENTS} appointments; the others were not read")
            break
        found.setdefault(key, appointment)
    return tuple(found.values())


def _events(parts: list[Part], notes: list[str]) -> Iterator[tuple[Component, Zones, str]]:
    use_zoneinfo()  # type: ignore[no-untyped-call]  # it forgets the zones that other mails defined
    left = MAX_CALENDARS
    for part in parts:
        content, is_cut = part.beginning(left)
        left -= len(content)
        text = charsets.decode(content, part.type.parameters.get("charset", "")).removeprefix("\ufeff")
        if is_cut:
            notes.append(f"of its calendars no more than {MAX_CALENDARS // 1024} KiB were read")
        text = _UNQUOTED_ZONE.sub(r';TZID="\1"', _FOLD.sub("", text))
        if "BEGIN:VCALENDAR" in text and "END:VCALENDAR" not in text:
            text = _whole_events(text)
        for calendar in _calendars(text, notes):
            zones = Zones(calendar.walk("VTIMEZONE"), str(calendar.get("X-WR-TIMEZONE", "")), notes)
            method = str(calendar.get("METHOD") or part.type.parameters.get("method", "")).upper()
            for event in calendar.walk("VEVENT"):
                yield event, zones, re.sub("[^A-Z-]", "", method)[:20] or "PUBLISH"
        if not left:
            return


def _calendars(text: str, notes: list[str]) -> Sequence[Component]:
    """What is in a calendar part; of one that is broken, the events alone."""
    for tried in (text, _events_alone(text)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about names of zones, which are looked up here
                return Calendar.from_ical(tried, multiple=True) if tried.strip() else []
        except _MALFORMED as error:
            notes.append(one_line(f"a calendar could not be read: {error}", 200))
    return []


def _whole_events(text: str) -> str:
    """A calendar that is cut off, ended behind its last whole event."""
    ends = [found.end() for found in _END.finditer(text.replace("\r\n", "\n"))]
    return text.replace("\r\n", "\n")[: ends[-1]] + "\nEND:VCALENDAR\n" if ends else ""


def _events_alone(text: str) -> str:
    """The whole events of a calendar, and nothing else of it but what they are sent for."""
    before, *pieces = _BEGIN.split(text.replace("\r\n", "\n"))
    around, events = [before], []
    for piece in pieces:
        if end := _END.search(piece):
            events.append(f"BEGIN:VEVENT{piece[: end.end()]}")
            around.append(piece[end.end() :])
    return "\n".join(["BEGIN:VCALENDAR", *_OF_ALL_EVENTS.findall("".join(around)), *events, "END:VCALENDAR", ""])


class _Event:
    """An event of a calendar."""

    def __init__(self, event: Component, zones: Zones, method: str, notes: list[str]) -> None:
        self._event = event
        self._zones = zones
        self._method = method
        self._notes = notes
        start, occurrence = self._one("DTSTART"), self._one("RECURRENCE-ID")
        day = occurrence if start is None else start
        self._is_flagged = _flag(event.get("X-MICROSOFT-CDO-ALLDAYEVENT"))
        self._is_all_day = self._is_flagged or (day is not None and not isinstance(day.dt, datetime))

    def appointment(self, at: int) -> Appointment:
        """What is indexed of it; ``at`` is the mail's time.

        Raises:
            one of _MALFORMED: it has no beginning that can be read, or another time of its that matters cannot be.
        """
        recurrence = self._recurrence()
        begins, ends = self._times(recurrence)
        summary = self._line("SUMMARY")
        organizer = _address(self._one("ORGANIZER"))
        answers = self._answers()
        return Appointment(
            uid=self._uid() or _digest(summary, begins, organizer),
            sequence=_number(self._one("SEQUENCE")),
            stamp=self._stamp(at),
            method=self._method,
            summary=summary,
            place=self._line("LOCATION"),
            begins=begins,
            ends=ends,
            all_day=self._is_all_day,
            zone=self._zone(),
            rule=self._rule() if recurrence is None else "",
            excluded=() if begins is None else self._excluded(begins),
            recurrence=recurrence,
            status=self._status(answers.keys() - {organizer}),
            organizer=organizer,
            answers=answers,
        )

    def _one(self, name: str) -> Any:
        """The first property of that name, or None."""
        return next(iter(self._all(name)), None)

    def _all(self, name: str) -> list[Any]:
        found = self._event.get(name)
        return [] if found is None else found if isinstance(found, list) else [found]

    def _line(self, name: str) -> str:
        return one_line(str(self._one(name) or ""), MAX_LINE)

    def _uid(self) -> str:
        uid = self._line("UID")
        return uid if len(uid) < MAX_LINE else ""

    def _recurrence(self) -> int | None:
        """Which occurrence it is about, by when that would begin: whole days where the series has these, whether this
        one has or not."""
        given = self._one("RECURRENCE-ID")
        if given is None:
            return None
        if "RANGE" in given.params:
            self._notes.append("a change of this and all later occurrences is shown for this one alone")
        if not isinstance(given.dt, datetime):
            return _midnight(given.dt)
        moment = self._local(given.dt, given)
        return _midnight(moment.date()) if self._is_flagged and moment.time() == time() else _ms(moment)

    def _times(self, recurrence: int | None) -> tuple[int, int] | tuple[None, None]:
        """When it begins and ends; where it may leave that out and does, when the occurrence would that it is about."""
        start, end, length = self._one("DTSTART"), self._one("DTEND"), self._one("DURATION")
        if start is None and self._method in _BRIEF and self._uid():
            if recurrence is None:
                return None, None
            begins = recurrence
        else:
            begins = self._ms(start.dt, start)
        if isinstance(end, vDDDTypes):
            ends = self._ms(end.dt, end)
        elif isinstance(length, vDDDTypes | vDuration) and isinstance(length.dt, timedelta):
            ends = begins + length.dt // timedelta(milliseconds=1)
        else:
            ends = begins
        ends = max(ends, begins + _DAY if self._is_all_day else begins)
        if not _EARLIEST <= begins <= ends < _LATEST:
            raise ValueError("its time is before the year 1000 or behind the year 9000")
        return begins, ends

    def _ms(self, moment: Any, given: Any) -> int:
        """A property's time in ms since the epoch; whole days begin at midnight in UTC."""
        if isinstance(moment, datetime) and not self._is_all_day:
            return _ms(self._local(moment, given))
        return _midnight(self._local(moment, given).date() if isinstance(moment, datetime) else moment)

    def _local(self, moment: datetime, given: Any) -> datetime:
        """A time by the clock that it was written for."""
        name = str(given.params.get("TZID", ""))
        if moment.tzinfo and not name:  # it ends with Z
            return moment
        return moment.replace(tzinfo=self._zones.find(name))

    def _zone(self) -> str:
        start = self._one("DTSTART")
        if start is None or self._is_all_day or (start.dt.tzinfo and "TZID" not in start.params):
            return ""
        name = self._zones.find(str(start.params.get("TZID", ""))).key
        return "" if name == "UTC" else name

    def _rule(self) -> str:
        if self._all("RDATE"):
            self._notes.append("an appointment's further dates (RDATE) are not shown")
        rule = self._one("RRULE")
        if not isinstance(rule, vRecur):
            return ""
        if self._is_all_day and "UNTIL" in rule:
            rule = vRecur(rule, until=[self._last_day(each) for each in rule["UNTIL"]])
        text = str(rule.to_ical(), "utf-8")  # type: ignore[no-untyped-call]
        return text if len(text) <= rules.MAX_RULE else ""

    def _last_day(self, until: date) -> date:
        """The day of UNTIL where whole days are midnights by the clock of a zone, which UNTIL tells in UTC."""
        start = self._one("DTSTART")
        if not isinstance(until, datetime) or not isinstance(start.dt, datetime):
            return until
        return (until.astimezone(self._local(start.dt, start).tzinfo) if until.tzinfo else until).date()

    def _excluded(self, begins: int) -> tuple[int, ...]:
        """When occurrences would begin that do not take place. A day alone means the one on it."""
        times: set[int] = set()
        for given in self._all("EXDATE"):
            if not isinstance(given, vDDDLists):
                self._notes.append("some dates on which an appointment does not take place could not be read")
                continue
            for each in given.dts[: MAX_EXCLUDED - len(times)]:
                if isinstance(each.dt, datetime) or self._is_all_day:
                    times.add(self._ms(each.dt, given))
                elif isinstance(each.dt, date):
                    clock = (_EPOCH + timedelta(milliseconds=begins)).astimezone(ZoneInfo(self._zone() or "UTC"))
                    times.add(_ms(datetime.combine(each.dt, clock.timetz())))
        return tuple(sorted(times))

    def _stamp(self, at: int) -> int:
        """When it was written, as it says; else when the mail was."""
        given = self._one("DTSTAMP") or self._one("LAST-MODIFIED")
        is_time = isinstance(given, vDDDTypes) and isinstance(given.dt, datetime)
        return _ms(self._local(given.dt, given)) if is_time else at

    def _status(self, attendees: Collection[str]) -> str:
        status = str(self._one("STATUS") or "").strip().lower()
        if self._method == "CANCEL":  # for whom it names, whatever else it says
            return _STATES[0] if attendees else _STATES[2]
        return status if status in _STATES else _STATES[0]

    def _answers(self) -> dict[str, str]:
        answers: dict[str, str] = {}
        for attendee in self._all("ATTENDEE")[:MAX_ATTENDEES]:
            answer = str(attendee.params.get("PARTSTAT", "")).lower()
            if who := _address(attendee):
                answers.setdefault(who, answer if answer in _ANSWERS else _ANSWERS[0])
        return answers


def _address(person: Any) -> str:
    """Somebody's address; where that is not the value, the one that EMAIL tells (RFC 7986 §6.2)."""
    return "" if person is None else address(str(person)) or address(str(person.params.get("EMAIL", "")))


def _midnight(day: date) -> int:
    return _ms(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _ms(moment: datetime) -> int:
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)


def _flag(value: object) -> bool:
    return str(value).strip().upper() == "TRUE"


def _number(value: object) -> int:
    text = str(value).strip()
    return min(int(text), _MAX_SEQUENCE) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _digest(summary: str, begins: int | None, organizer: str) -> str:
    """A UID for an event without one: the same one in another mail has the same."""
    return hashlib.sha256(f"{summary}\n{begins}\n{organizer}".encode()).hexdigest() + "@missing.invalid"
