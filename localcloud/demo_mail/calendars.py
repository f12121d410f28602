"""Calendar objects (RFC 5545) of the demo's meetings: invitations, updates, answers and cancellations (RFC 5546)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

from localcloud.demo_mail.people import Writer

WIDTH = 75
"""Bytes of a line at most; longer ones are folded (RFC 5545 §3.1)."""

_BERLIN = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
END:STANDARD
END:VTIMEZONE"""
_NEW_YORK = """BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
TZNAME:EDT
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
TZNAME:EST
END:STANDARD
END:VTIMEZONE"""
_TOKYO = """BEGIN:VTIMEZONE
TZID:Asia/Tokyo
BEGIN:STANDARD
DTSTART:19510909T020000
TZOFFSETFROM:+0900
TZOFFSETTO:+0900
TZNAME:JST
END:STANDARD
END:VTIMEZONE"""
ZONES = {"Europe/Berlin": _BERLIN, "America/New_York": _NEW_YORK, "Asia/Tokyo": _TOKYO}


@dataclass(frozen=True, slots=True)
class Event:
    """A meeting as its organizer knows it."""

    uid: str
    summary: str
    place: str
    organizer: Writer
    attendees: tuple[Writer, ...]
    day: date
    begins: time
    minutes: int
    days: int = 0
    """Whole days that it takes; 0 for one that has a time."""
    zone: str = "Europe/Berlin"
    rule: str = ""
    excluded: tuple[date, ...] = ()
    sequence: int = 0
    status: str = "CONFIRMED"
    answers: dict[str, str] = field(default_factory=dict)
    """By address; who is not in it has not answered."""
    occurrence: date | None = None
    """Of a series, the day on which this one would have been."""

    def moved(self, day: date, begins: time, place: str) -> Event:
        """The next version of it, at another time."""
        return replace(self, day=day, begins=begins, place=place, sequence=self.sequence + 1)

    def cancelled(self) -> Event:
        return replace(self, status="CANCELLED", sequence=self.sequence + 1)

    def answered(self, attendee: Writer, answer: str) -> Event:
        """What the attendee sends back: themselves alone."""
        return replace(self, attendees=(attendee,), answers={attendee.address: answer})


def write(event: Event, method: str, stamp: int) -> str:
    """The calendar object that is sent at ``stamp``, in ms since the epoch."""
    lines = ["BEGIN:VCALENDAR", "PRODID:-//Company chat//Demo//EN", "VERSION:2.0", f"METHOD:{method}"]
    if not event.days:
        lines += ZONES[event.zone].splitlines()
    lines += ["BEGIN:VEVENT", f"UID:{event.uid}", f"DTSTAMP:{datetime.fromtimestamp(stamp / 1000, UTC):%Y%m%dT%H%M%SZ}"]
    lines += _times(event)
    lines += [f"SEQUENCE:{event.sequence}", f"STATUS:{event.status}"]
    lines += [f"SUMMARY:{_escaped(event.summary)}", f"LOCATION:{_escaped(event.place)}"]
    lines.append(f'ORGANIZER;CN="{event.organizer.name}":mailto:{event.organizer.address}')
    lines += [_attendee(each, event.answers.get(each.address, "needs-action")) for each in event.attendees]
    lines += ["END:VEVENT", "END:VCALENDAR"]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _times(event: Event) -> list[str]:
    if event.days:
        lines = [_whole_day("DTSTART", event.day), _whole_day("DTEND", event.day + timedelta(event.days))]
    else:
        begins = datetime.combine(event.day, event.begins)
        lines = [_local("DTSTART", begins, event.zone), f"DURATION:PT{event.minutes}M"]
    if event.occurrence:
        return [_local("RECURRENCE-ID", datetime.combine(event.occurrence, event.begins), event.zone), *lines]
    if event.rule:
        lines.append(f"RRULE:{event.rule}")
    return lines + [_local("EXDATE", datetime.combine(day, event.begins), event.zone) for day in event.excluded]


def _whole_day(name: str, day: date) -> str:
    return f"{name};VALUE=DATE:{day:%Y%m%d}"


def _local(name: str, moment: datetime, zone: str) -> str:
    return f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}"


def _attendee(writer: Writer, answer: str) -> str:
    wish = ";RSVP=TRUE" if answer == "needs-action" else ""
    return f'ATTENDEE;CN="{writer.name}";PARTSTAT={answer.upper()}{wish}:mailto:{writer.address}'


def _escaped(text: str) -> str:
    """RFC 5545 §3.3.11."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """RFC 5545 §3.1, and no character is torn."""
    folded, width = "", 0
    for character in line:
        size = len(character.encode())
        if width + size > WIDTH:
            folded, width = f"{folded}\r\n ", 1
        folded, width = folded + character, width + size
    return folded
