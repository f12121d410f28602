"""Mails about the demo's meetings: invitations, answers, updates and cancellations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from random import Random
from typing import Any

from localcloud.demo_mail import times
from localcloud.demo_mail.calendars import Event, write
from localcloud.demo_mail.composing import Calendar, Draft
from localcloud.demo_mail.people import Writer, find, find_all

WORDS = {"accepted": "Accepted", "declined": "Declined", "tentative": "Tentative"}


def drafts(start: int, meetings: list[dict[str, Any]]) -> Iterator[Draft]:
    """What is sent about meetings, as ``meetings.toml`` describes them, before ``start``, in ms since the epoch."""
    for number, meeting in enumerate(meetings, 1):
        yield from _about(start, f"meeting-{number}", meeting)


def _about(start: int, name: str, meeting: dict[str, Any]) -> Iterator[Draft]:
    event = _event(start, name, meeting)
    chance = Random(meeting["summary"])
    everybody = event.attendees
    count = 1 + len(meeting["answers"])
    moments = times.sequence(start, meeting["sent"], count, chance)
    invitation = _sent(f"{name}-1", moments[0], event, everybody, "", meeting["text"], as_file="as_file" in meeting)
    yield invitation
    for turn, (attendee, answer) in enumerate(meeting["answers"].items(), 2):
        yield _answer(f"{name}-{turn}", moments[turn - 1], event, find(attendee), answer, invitation)
    event = replace(event, answers={find(each).address: answer for each, answer in meeting["answers"].items()})
    if moved := meeting.get("moved"):
        day = times.working_day(start, moved["day"])
        event = event.moved(day, time.fromisoformat(moved["at"]), moved.get("place", event.place))
        [at] = times.sequence(start, moved["sent"], 1, chance)
        yield _sent(f"{name}-moved", at, event, everybody, "Updated: ", "Another time, please see below.", invitation)
    if exception := meeting.get("exception"):
        day = event.day + timedelta(7 * exception["week"])
        other = replace(event, day=day, occurrence=day, sequence=1)
        text = "This once we begin later."
        at = times.sequence(start, 2, 1, chance)[0]
        calendar = Calendar(_moved_once(other, time.fromisoformat(exception["at"]), at), "REQUEST")
        sent = _sent(f"{name}-once", at, other, everybody, "Updated: ", text, invitation)
        yield replace(sent, calendar=calendar)
    if "cancelled" in meeting:
        [at] = times.sequence(start, meeting["cancelled"], 1, chance)
        text = "This does not take place. Thank you for having kept the time free."
        yield _sent(f"{name}-off", at, event.cancelled(), everybody, "Cancelled: ", text, invitation, "CANCEL")


def _event(start: int, name: str, meeting: dict[str, Any]) -> Event:
    organizer = find(meeting["by"])
    day = times.working_day(start, meeting["day"], meeting.get("weekday"))
    return Event(
        f"{name}@{organizer.domain}",
        meeting["summary"],
        meeting["place"],
        organizer,
        tuple(find_all(meeting["people"])),
        day,
        time.fromisoformat(meeting.get("at", "00:00")),
        meeting.get("minutes", 0),
        meeting.get("all_day", 0),
        meeting.get("zone", "Europe/Berlin"),
        meeting.get("rule", ""),
        tuple(day + timedelta(7 * week) for week in meeting.get("excluded", ())),
    )


def _sent(
    id_: str,
    at: int,
    event: Event,
    to: tuple[Writer, ...],
    prefix: str,
    text: str,
    answers: Draft | None = None,
    method: str = "REQUEST",
    *,
    as_file: bool = False,
) -> Draft:
    """A mail of the organizer to all attendees."""
    sender = event.organizer
    calendar = Calendar(write(event, method, at), method, as_file)
    text = f"{text}\n\n{_when(event)}\n{event.place}"
    subject = f"{prefix}{event.summary}"
    return Draft(f"{id_}@{sender.domain}", at, sender, to, subject, text, answers=answers, calendar=calendar)


def _answer(id_: str, at: int, event: Event, attendee: Writer, answer: str, invitation: Draft) -> Draft:
    calendar = Calendar(write(event.answered(attendee, answer), "REPLY", at), "REPLY")
    text = f"{attendee.name}: {WORDS[answer].lower()}."
    subject = f"{WORDS[answer]}: {event.summary}"
    to = (event.organizer,)
    return Draft(f"{id_}@{attendee.domain}", at, attendee, to, subject, text, answers=invitation, calendar=calendar)


def _moved_once(event: Event, begins: time, stamp: int) -> str:
    """One occurrence of a series at another time of its day: its RECURRENCE-ID keeps the time that it had."""
    written = write(event, "REQUEST", stamp)
    old, new = (f"DTSTART;TZID={event.zone}:{event.day:%Y%m%d}T{each:%H%M%S}" for each in (event.begins, begins))
    return written.replace(f"\r\n{old}", f"\r\n{new}")


def _when(event: Event) -> str:
    if event.days:
        return f"{event.day:%Y-%m-%d}" + (f", {event.days} days" if event.days > 1 else "")
    return f"{event.day:%Y-%m-%d}, {event.begins:%H:%M} ({event.zone}), {event.minutes} minutes"
