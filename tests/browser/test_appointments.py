"""The tab Appointments."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.mail import index, panel, rows, show_tab
from tests.company import Company
from tests.mailing import Mailbox, message

TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


def event(company: Company, uid: str, summary: str, begins: datetime, *lines: str, sequence: int = 0) -> str:
    """A calendar with an event of an hour, to which bob has invited alice."""
    if not any(line.startswith("DTSTART") for line in lines):
        times = (f"DTSTART:{begins:%Y%m%dT%H%M%SZ}", f"DTEND:{begins + timedelta(hours=1):%Y%m%dT%H%M%SZ}")
        lines = (*times, *lines)
    body = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:{TODAY:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{summary}",
        f"ORGANIZER:mailto:{company.at('bob')}",
        f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{company.at('alice')}",
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join([*body, ""])


@pytest.fixture
def alice(company: Company, mailbox: Mailbox, open_page: OpenPage) -> Page:
    """Alice's page, with four appointments that Bob has invited her to."""
    day = TODAY + timedelta(days=3)
    calendars = [
        event(company, "old", "Kick-off", TODAY - timedelta(days=9)),
        event(company, "review", "Review", TODAY + timedelta(days=2), "LOCATION:Room 4"),
        event(company, "fair", "Fair", day, f"DTSTART;VALUE=DATE:{day:%Y%m%d}"),
        event(company, "daily", "Coffee", TODAY - timedelta(days=31), "RRULE:FREQ=DAILY;INTERVAL=2"),
    ]
    index(
        company,
        mailbox,
        *(
            message(company, "bob", "alice", subject=f"Invitation {n}", calendar=each)
            for n, each in enumerate(calendars)
        ),
    )
    page = open_page(company.at("alice"))
    show_tab(page, "Appointments")
    expect(rows(page)).to_have_count(4)
    return page


def test_coming_ones_are_first_and_past_ones_below(alice: Page) -> None:
    expect(panel(alice).get_by_role("heading")).to_have_text(["Coming", "Past"])
    expect(rows(alice).locator(".title")).to_have_text(["Coffee", "Review", "Fair", "Kick-off"])


def test_one_that_is_over_is_the_first_of_the_past(company: Company, mailbox: Mailbox, alice: Page) -> None:
    present = datetime.now(UTC)
    for name, minutes in (("Call", 10), ("Talk", 20)):
        calendar = event(company, name, name, present - timedelta(minutes=60 - minutes))
        mailbox.put(message(company, "bob", "alice", subject=name, calendar=calendar))
    expect(rows(alice)).to_have_count(6)
    alice.clock.install(time=present)
    alice.reload()
    titles = rows(alice).locator(".title")
    expect(titles).to_have_text(["Call", "Talk", "Coffee", "Review", "Fair", "Kick-off"])
    alice.clock.fast_forward("30:00")
    expect(titles).to_have_text(["Coffee", "Review", "Fair", "Talk", "Call", "Kick-off"])


def test_an_appointment_is_listed_with_when_where_and_answer(alice: Page) -> None:
    review, fair, coffee = (rows(alice).filter(has_text=name) for name in ("Review", "Fair", "Coffee"))
    expect(review).to_contain_text("Room 4")
    expect(review).to_contain_text("You have not answered")
    expect(review).to_contain_text(re.compile(r"\d.+–.+\d"))
    expect(fair).to_contain_text("All day")
    expect(coffee).to_contain_text("every 2 days")


def test_an_appointment_leads_to_its_mail(alice: Page) -> None:
    rows(alice).filter(has_text="Review").get_by_role("button", name="from Invitation 1").click()
    expect(alice.get_by_role("heading", name="Invitation 1")).to_be_visible()


def test_one_that_is_cancelled_is_struck_through_at_once(company: Company, mailbox: Mailbox, alice: Page) -> None:
    calendar = event(company, "review", "Review", TODAY + timedelta(days=2), "STATUS:CANCELLED", sequence=1)
    mailbox.put(message(company, "bob", "alice", subject="Off", calendar=calendar, method="CANCEL"))
    review = rows(alice).filter(has_text="Review")
    expect(review).to_contain_text("Cancelled")
    expect(review.locator("s")).to_have_text("Review")
    expect(rows(alice)).to_have_count(4)


def test_one_that_is_moved_is_listed_once_in_its_new_place(company: Company, mailbox: Mailbox, alice: Page) -> None:
    calendar = event(company, "review", "Review", TODAY + timedelta(days=20), sequence=1)
    mailbox.put(message(company, "bob", "alice", subject="Moved", calendar=calendar))
    expect(rows(alice).locator(".title")).to_have_text(["Coffee", "Fair", "Review", "Kick-off"])
