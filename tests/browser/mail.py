"""Mail in the panes of a page, and mail that is indexed for them."""

from __future__ import annotations

from email.message import EmailMessage

from playwright.sync_api import Locator, Page, expect

from chat.aws.mail import MailLibrary
from chat.mail import indexing, reading
from tests.browser.panes import select
from tests.company import Company, now
from tests.mailing import Mailbox


def index(company: Company, mailbox: Mailbox, *messages: EmailMessage) -> None:
    """Index messages at once, as the indexer does, but tell no page of them."""
    library = MailLibrary(lambda: mailbox.s3, mailbox.stack.mail_bucket)
    for each in messages:
        indexing.index(company.tables, library, reading.read(each.as_bytes(), now()), now())


def show_tab(page: Page, name: str, contact: str = "Bob") -> None:
    """Select a contact, and one of its tabs."""
    select(page, contact)
    page.get_by_role("tab", name=name).click()


def panel(page: Page) -> Locator:
    """What the chosen tab shows."""
    return page.get_by_role("tabpanel")


def rows(page: Page) -> Locator:
    """The entries that a tab lists."""
    return panel(page).get_by_role("listitem")


def open_mail(page: Page, subject: str) -> Locator:
    """Open a message of the tab Messages; returns its reading view."""
    panel(page).get_by_role("button", name=subject).click()
    opened = page.get_by_role("region", name="Message", exact=True)
    expect(opened.get_by_role("heading", level=2)).to_have_text(subject)
    return opened


def search(page: Page, words: str) -> Locator:
    """Write into the search box; returns what the search shows."""
    page.get_by_role("searchbox", name="Search chat and mail").fill(words)
    return page.get_by_role("region", name="Search results").first
