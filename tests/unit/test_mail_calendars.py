from __future__ import annotations

from pathlib import Path

import pytest

from chat.mail.calendars import MAX_APPOINTMENTS
from chat.mail.model import Appointment
from chat.mail.reading import MAX_NOTES
from tests.unit.mails import SENT, calendar, calendar_corpus, mail, multipart, part

HOUR = 3_600_000
DAY = 24 * HOUR
BEGINS = 1_719_820_800_000
"""2024-07-01, 10:00 in Berlin."""
START = "DTSTART;TZID=Europe/Berlin:20240701T100000"
CORPUS = calendar_corpus()


def zone(name: str, standard: str, daylight: str, months: tuple[int, int]) -> tuple[str, ...]:
    """The definition of a zone, with rules that nobody should evaluate."""
    return (
        "BEGIN:VTIMEZONE", f"TZID:{name}",
        "BEGIN:STANDARD", "DTSTART:16010101T030000", f"TZOFFSETFROM:{daylight}", f"TZOFFSETTO:{standard}",
        f"RRULE:FREQ=SECONDLY;BYMONTH={months[1]}", "END:STANDARD",
        "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", f"TZOFFSETFROM:{standard}", f"TZOFFSETTO:{daylight}",
        f"RRULE:FREQ=SECONDLY;BYMONTH={months[0]}", "END:DAYLIGHT",
        "END:VTIMEZONE",
    )  # fmt: skip


def event(*lines: str, method: str = "REQUEST", before: tuple[str, ...] = ()) -> Appointment:
    read_ = mail(calendar(*lines, method=method, before=before))
    assert not read_.notes
    (found,) = read_.appointments
    return found


def test_an_invitation_is_read() -> None:
    assert event(
        "UID:1@example.com",
        "SEQUENCE:2",
        "DTSTAMP:20240601T080000Z",
        START,
        "DTEND;TZID=Europe/Berlin:20240701T110000",
        "SUMMARY:Plans\\, and more",
        "LOCATION:Room 1\\nfirst floor",
        "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=5",
        "EXDATE;TZID=Europe/Berlin:20240708T100000",
        "STATUS:TENTATIVE",
        "ORGANIZER;CN=Jane:MAILTO:Jane@example.com",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.com",
        "ATTENDEE;PARTSTAT=DELEGATED:mailto:eve@example.com",
    ) == Appointment(
        uid="1@example.com",
        sequence=2,
        stamp=1_717_228_800_000,
        method="REQUEST",
        summary="Plans, and more",
        place="Room 1 first floor",
        begins=BEGINS,
        ends=BEGINS + HOUR,
        all_day=False,
        zone="Europe/Berlin",
        rule="FREQ=WEEKLY;COUNT=5;BYDAY=MO",
        excluded=(BEGINS + 7 * DAY,),
        recurrence=None,
        status="tentative",
        organizer="jane@example.com",
        answers={"bob@example.com": "accepted", "eve@example.com": "needs-action"},
    )


@pytest.mark.parametrize(
    ("lines", "begins", "ends", "zone_name"),
    [
        (["DTSTART:20240701T080000Z", "DURATION:PT1H30M"], BEGINS, BEGINS + HOUR * 3 // 2, ""),
        (["DTSTART:20240701T080000", "DTEND:20240701T090000"], BEGINS, BEGINS + HOUR, ""),
        ([START], BEGINS, BEGINS, "Europe/Berlin"),
        ([START, "DTEND:20240601T100000Z"], BEGINS, BEGINS, "Europe/Berlin"),
        (["DTSTART;TZID=W. Europe Standard Time:20240701T100000"], BEGINS, BEGINS, "Europe/Berlin"),
        (["DTSTART;TZID=/mozilla.org/20070129_1/Europe/Berlin:20240701T100000"], BEGINS, BEGINS, "Europe/Berlin"),
        (["DTSTART;TZID=tzone://Microsoft/Utc:20240701T080000"], BEGINS, BEGINS, ""),
        (["DTSTART;TZID=(UTC+01:00) Amsterdam, Berlin, Bern:20240701T100000"], BEGINS, BEGINS, "Europe/Amsterdam"),
        (['DTSTART;TZID="(UTC+01:00) Amsterdam, Berlin, Bern":20240701T100000'], BEGINS, BEGINS, "Europe/Amsterdam"),
        (["DTSTART;TZID=(UTC+01:00) Amsterdam,\n  Berlin, Bern:20240701T100000"], BEGINS, BEGINS, "Europe/Amsterdam"),
        (["DTSTART;TZID=(UTC) Coordinated Universal Time:20240701T080000"], BEGINS, BEGINS, ""),
        (["DTSTART;TZID=(UTC+05:30) Chennai, Kolkata, Mumbai:20240701T133000"], BEGINS, BEGINS, "Asia/Kolkata"),
        (["DTSTART;TZID=(UTC-05:00) Eastern Time (US & Canada):20240701T040000"], BEGINS, BEGINS, "America/New_York"),
        (["DTSTART;tzid=tzone://Microsoft/Utc;VALUE=DATE-TIME:20240701T080000"], BEGINS, BEGINS, ""),
    ],
)
def test_times_are_those_of_the_zone_that_is_meant(lines: list[str], begins: int, ends: int, zone_name: str) -> None:
    found = event(*lines)
    assert (found.begins, found.ends, found.zone, found.all_day) == (begins, ends, zone_name, False)


def test_a_zone_that_is_not_known_is_noted_and_counts_as_utc() -> None:
    read_ = mail(calendar("UID:1", "DTSTART;TZID=Nowhere:20240701T080000", "DTEND;TZID=Nowhere:20240701T090000"))
    assert [(each.begins, each.zone) for each in read_.appointments] == [(BEGINS, "")]
    assert read_.notes == ("a time zone is not known, so its times count as UTC: Nowhere",)


@pytest.mark.parametrize(
    "broken",
    [
        ("X-WR-CALDESC:one", "two"),
        ("BEGIN:VTIMEZONE", "TZID:x", "BEGIN:STANDARD", "DTSTART:", "TZOFFSETTO:", "END:STANDARD", "END:VTIMEZONE"),
        ("BEGIN:VTIMEZONE", "TZID:x", "BEGIN:STANDARD", "DTSTART:20240101T000000", "END:STANDARD", "END:VTIMEZONE"),
    ],
)
def test_what_is_broken_beside_the_events_costs_none(broken: tuple[str, ...]) -> None:
    read_ = mail(calendar("UID:1", START, before=broken, method="CANCEL"))
    assert [(each.uid, each.method, each.begins) for each in read_.appointments] == [("1", "CANCEL", BEGINS)]


def test_what_is_told_of_all_events_may_stand_behind_them_or_beside_the_calendar() -> None:
    events = "BEGIN:VCALENDAR\nBROKEN\nBEGIN:VEVENT\nUID:1\nDTSTART:20240701T100000\nEND:VEVENT\n"
    behind = mail(part("text/calendar", f"{events}X-WR-TIMEZONE:Europe/Berlin\nMETHOD:CANCEL\nEND:VCALENDAR"))
    assert [(each.method, each.begins) for each in behind.appointments] == [("CANCEL", BEGINS)]
    beside = mail(part("text/calendar; method=CANCEL", f"{events}END:VCALENDAR"))
    assert [(each.method, each.begins) for each in beside.appointments] == [("CANCEL", BEGINS + 2 * HOUR)]


def test_events_that_never_end_keep_nobody_busy() -> None:
    assert mail(part("text/calendar", "BEGIN:VCALENDAR\nX\n" + "BEGIN:VEVENT\n" * 20_000)).appointments == ()


def test_floating_times_are_in_the_calendars_zone_where_it_names_one() -> None:
    found = event("DTSTART:20240701T100000", before=("X-WR-TIMEZONE:Europe/Berlin",))
    assert (found.begins, found.zone) == (BEGINS, "Europe/Berlin")


@pytest.mark.parametrize(
    ("standard", "daylight", "months", "name"),
    [("-0500", "-0400", (3, 11), "America/New_York"), ("+0100", "+0200", (3, 10), "Europe/Berlin"),
     ("+1000", "+1100", (10, 4), "Australia/Sydney"), ("+0530", "+0530", (1, 1), "Asia/Calcutta")],
)  # fmt: skip
def test_a_zone_that_a_calendar_defines_is_known_by_its_clocks(
    standard: str, daylight: str, months: tuple[int, int], name: str
) -> None:
    found = event("DTSTART;TZID=Custom:20240701T100000", before=zone("Custom", standard, daylight, months))
    assert found.zone == name


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART;VALUE=DATE:20240701", "DTEND;VALUE=DATE:20240703"],
        ["DTSTART;VALUE=DATE:20240701", "DURATION:P2D"],
        ["DTSTART;TZID=Europe/Berlin:20240701T000000", "DTEND;TZID=Europe/Berlin:20240703T000000",
         "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE"],
    ],
)  # fmt: skip
def test_whole_days_are_midnights_in_utc(lines: list[str]) -> None:
    found = event(*lines)
    assert (found.begins, found.ends, found.zone, found.all_day) == (BEGINS - 8 * HOUR, BEGINS + 40 * HOUR, "", True)


@pytest.mark.parametrize(
    ("start", "until"),
    [
        ("DTSTART;TZID=W. Europe Standard Time:20260105T000000", "20260118T230000Z"),
        ("DTSTART;TZID=W. Europe Standard Time:20260105T000000", "20260119T000000"),
        ("DTSTART;TZID=Eastern Standard Time:20260105T000000", "20260119T050000Z"),
        ("DTSTART;TZID=Eastern Standard Time:20260105T000000", "20260119"),
    ],
)
def test_the_last_of_repeated_whole_days_is_that_of_their_zone(start: str, until: str) -> None:
    found = event(start, "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE", f"RRULE:FREQ=WEEKLY;UNTIL={until}")
    assert found.rule == "FREQ=WEEKLY;UNTIL=20260119"


def test_one_whole_day_needs_no_end() -> None:
    found = event("DTSTART;VALUE=DATE:20240701")
    assert (found.begins, found.ends) == (BEGINS - 8 * HOUR, BEGINS + 16 * HOUR)


def test_a_change_of_one_occurrence_tells_which() -> None:
    found = event(START, "RECURRENCE-ID;TZID=Europe/Berlin:20240708T100000", "RRULE:FREQ=DAILY")
    assert (found.recurrence, found.rule) == (BEGINS + 7 * DAY, "")


@pytest.mark.parametrize(
    ("lines", "recurrence"),
    [
        (["DTSTART;VALUE=DATE:20240709", "RECURRENCE-ID;TZID=Europe/Berlin:20240708T100000"], BEGINS + 7 * DAY),
        (["DTSTART;VALUE=DATE:20240709", "RECURRENCE-ID;VALUE=DATE:20240708"], BEGINS + 7 * DAY - 8 * HOUR),
        ([START, "RECURRENCE-ID;VALUE=DATE:20240708"], BEGINS + 7 * DAY - 8 * HOUR),
        (
            ["DTSTART;TZID=Europe/Berlin:20240709T000000", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
             "RECURRENCE-ID;TZID=Europe/Berlin:20240708T000000"],
            BEGINS + 7 * DAY - 8 * HOUR,
        ),
        (
            ["DTSTART;TZID=Europe/Berlin:20240709T000000", "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
             "RECURRENCE-ID;TZID=Europe/Berlin:20240708T100000"],
            BEGINS + 7 * DAY,
        ),
    ],
)  # fmt: skip
def test_an_occurrence_is_told_by_its_time_in_the_series(lines: list[str], recurrence: int) -> None:
    assert event(*lines).recurrence == recurrence


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("RDATE:20240709T100000Z", "an appointment's further dates (RDATE) are not shown"),
        ("EXDATE:gone", "some dates on which an appointment does not take place could not be read"),
        (
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20240708T100000Z",
            "a change of this and all later occurrences is shown for this one alone",
        ),
    ],
)
def test_what_is_not_shown_is_noted(line: str, note: str) -> None:
    read_ = mail(calendar(START, "EXDATE;TZID=Europe/Berlin:20240715T100000", line))
    assert read_.notes == (note,)
    assert [each.begins for each in read_.appointments] == [BEGINS]
    assert BEGINS + 14 * DAY in read_.appointments[0].excluded


def test_what_is_noted_again_and_again_is_noted_once() -> None:
    events = "".join(f"BEGIN:VEVENT\nUID:{number}\n{START}\nEXDATE:x\nEND:VEVENT\n" for number in range(40))
    read_ = mail(part("text/calendar", f"BEGIN:VCALENDAR\n{events}END:VCALENDAR"))
    assert (len(read_.notes), len(read_.appointments)) == (1, 40)


def test_notes_are_bounded() -> None:
    broken = [part("text/calendar", f"BEGIN:VCALENDAR\nX{number}\nEND:VCALENDAR") for number in range(40)]
    assert len(mail(multipart(*broken)).notes) == MAX_NOTES


def test_a_day_alone_excludes_the_occurrence_on_it() -> None:
    assert event(START, "EXDATE;VALUE=DATE:20240708,20240715").excluded == (BEGINS + 7 * DAY, BEGINS + 14 * DAY)


@pytest.mark.parametrize(("method", "status"), [("CANCEL", "cancelled"), ("REPLY", "confirmed")])
def test_the_method_is_the_calendars(method: str, status: str) -> None:
    found = event(START, method=method)
    assert (found.method, found.status) == (method, status)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["STATUS:CANCELLED"], "cancelled"),
        ([], "cancelled"),
        (["STATUS:CANCELLED", "ATTENDEE:mailto:bob@example.com"], "confirmed"),
        (["ATTENDEE:mailto:bob@example.com"], "confirmed"),
        (["ATTENDEE;EMAIL=bob@example.com:urn:uuid:77"], "confirmed"),
        (["ORGANIZER:mailto:jane@example.com", "ATTENDEE:mailto:Jane@example.com"], "cancelled"),
        (["ATTENDEE;CN=Room:invalid:nomail"], "cancelled"),
        (["ATTENDEE;CN=Bob:MAILTO:/O=EXCH/OU=X/CN=BOB"], "cancelled"),
    ],
)
def test_a_cancellation_that_names_attendees_is_for_these(lines: list[str], status: str) -> None:
    assert event(START, *lines, method="CANCEL").status == status


def test_an_address_may_stand_beside_what_is_none() -> None:
    lines = "ORGANIZER;EMAIL=jane@example.com:urn:uuid:1", "ATTENDEE;EMAIL=bob@example.com:invalid:nomail"
    found = event(START, *lines, "ATTENDEE;EMAIL=eve@example.com:mailto:ann@example.com")
    assert (found.organizer, list(found.answers)) == ("jane@example.com", ["bob@example.com", "ann@example.com"])


@pytest.mark.parametrize("method", ["REPLY", "CANCEL"])
def test_an_answer_and_a_cancellation_need_not_repeat_when_it_begins(method: str) -> None:
    found = event("UID:1", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.com", method=method)
    assert (found.begins, found.ends, found.answers) == (None, None, {"bob@example.com": "accepted"})
    found = event("UID:1", "RECURRENCE-ID;TZID=Europe/Berlin:20240701T100000", method=method)
    assert (found.begins, found.ends, found.recurrence, found.all_day) == (BEGINS, BEGINS, BEGINS, False)
    found = event("UID:1", "RECURRENCE-ID;VALUE=DATE:20240701", method=method)
    assert (found.begins, found.recurrence, found.all_day) == (BEGINS - 8 * HOUR, BEGINS - 8 * HOUR, True)
    assert mail(calendar("SUMMARY:of what?", method=method)).appointments == ()


def test_the_method_may_be_the_parts_and_there_may_be_none() -> None:
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20240701T080000Z\nEND:VEVENT\nEND:VCALENDAR"
    read_ = mail(multipart(part("text/calendar; method=reply", text)))
    assert [each.method for each in read_.appointments] == ["REPLY"]
    assert [each.method for each in mail(part("text/calendar", text)).appointments] == ["PUBLISH"]


def test_what_is_broken_beside_the_times_does_not_matter() -> None:
    found = event(START, "SEQUENCE:x", "DTSTAMP:yesterday", "DURATION:long", "RRULE:FREQ=NEVER", "STATUS:odd")
    assert (found.begins, found.ends, found.sequence, found.stamp, found.rule) == (BEGINS, BEGINS, 0, SENT, "")


def test_an_event_without_a_uid_has_the_same_in_another_mail() -> None:
    assert event(START, "SUMMARY:a").uid == event(START, "SUMMARY:a", "SEQUENCE:1").uid != event(START).uid


def test_the_same_invitation_in_two_parts_is_one_and_the_attached_one_a_file() -> None:
    text = calendar("UID:1", START).partition("\n\n")[2]
    read_ = mail(multipart(
        multipart(part("text/plain", "Hi"), part("text/calendar", text), kind="alternative", boundary="c"),
        part("application/octet-stream; name=invite.ics", text, "Content-Disposition: attachment"),
    ))  # fmt: skip
    assert (len(read_.appointments), [file.name for file in read_.files], read_.text) == (1, ["invite.ics"], "Hi")


def test_of_many_appointments_the_first_50_are_read() -> None:
    events = "".join(f"BEGIN:VEVENT\nUID:{number}\n{START}\nEND:VEVENT\n" for number in range(100))
    read_ = mail(part("text/calendar", f"BEGIN:VCALENDAR\n{events}END:VCALENDAR"))
    assert len(read_.appointments) == MAX_APPOINTMENTS
    assert read_.notes == ("it has more than 50 appointments; the others were not read",)


def test_of_a_huge_calendar_whole_events_are_read() -> None:
    events = f"BEGIN:VEVENT\n{START}\nUID:1\nEND:VEVENT\n" * 20_000
    read_ = mail(part("text/calendar", f"BEGIN:VCALENDAR\n{events}"))
    assert len(read_.appointments) == 1
    assert read_.notes[0] == "of its calendars no more than 256 KiB were read"


def test_a_calendar_that_cannot_be_read_is_noted() -> None:
    assert mail(part("text/calendar", "BEGIN:VCALENDAR\nX\nEND:VCALENDAR")).notes[0].startswith("a calendar could not")
    assert mail(calendar("SUMMARY:never")).notes == ("an appointment could not be read, as one without a beginning",)


@pytest.mark.parametrize(
    "start", ["DTSTART;VALUE=DATE:99991231", "DTSTART:00010101T000000Z", "DTSTART:90000101T000000Z"]
)
def test_a_time_that_cannot_be_shown_is_noted(start: str) -> None:
    assert mail(calendar(start)).appointments == ()
    assert mail(calendar(start)).notes == ("an appointment could not be read, as one without a beginning",)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_calendars_of_the_library_are_read(path: Path) -> None:
    read_ = mail(part("text/calendar; charset=utf-8").encode() + path.read_bytes())
    assert read_.notes or read_.appointments or b"BEGIN:VEVENT" not in path.read_bytes()
