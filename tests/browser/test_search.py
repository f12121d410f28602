"""The search over chat and mail with a contact."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from chat import ids
from tests.browser.chat_windows import bodies
from tests.browser.conftest import OpenPage
from tests.browser.mail import index, panel, rows, search, show_tab
from tests.browser.panes import select
from tests.browser.test_appointments import TODAY, event
from tests.company import Company, now
from tests.mailing import Mailbox, message

MINUTE = 60_000


@pytest.fixture
def alice(company: Company, mailbox: Mailbox, open_page: OpenPage) -> Page:
    """Alice's page, with a chat, mails, a file and an appointment with Bob that are about the harbour."""
    at = now() - 20 * MINUTE
    company.remember("bob", "alice", ids.new(at), "Did you see it?")
    company.remember("bob", "alice", ids.new(at + MINUTE), "The HÁRBOUR people ask for one more copy.")
    company.remember("alice", "bob", ids.new(at + 2 * MINUTE), "I will send one.")
    calendar = event(company, "visit", "Visit of the harbour", TODAY)
    index(
        company,
        mailbox,
        message(company, "bob", "alice", subject="Harbour offer", text="Dear Alice, here is what we talked of."),
        message(company, "bob", "alice", subject="Files", text="All of it.", files={"harbour.pdf": b"%PDF-1.4"}),
        message(company, "bob", "alice", subject="Come along", text="Will you?", calendar=calendar),
    )
    page = open_page(company.at("alice"))
    select(page, "Bob")
    return page


def hits(page: Page) -> Locator:
    return page.locator("company-chat-search-results").get_by_role("listitem")


def test_all_that_has_the_words_is_found_with_the_words_marked(alice: Page) -> None:
    search(alice, "harb")
    expect(hits(alice)).to_have_count(4)
    expect(hits(alice).filter(has_text="one more copy").locator("mark")).to_have_text("HÁRB")
    expect(hits(alice).filter(has_text="Harbour offer").locator("mark").first).to_have_text("Harb")
    expect(alice.get_by_text("4 results")).to_be_visible()
    search(alice, "harbour copy")
    expect(hits(alice)).to_have_count(1)
    expect(hits(alice).locator("mark")).to_have_text(["HÁRBOUR", "copy"])


def test_a_chat_message_opens_the_chat_from_there_on(alice: Page) -> None:
    search(alice, "one more copy")
    with alice.expect_popup() as opened:
        hits(alice).get_by_role("button").click()
    expect(bodies(opened.value)).to_have_text(["The HÁRBOUR people ask for one more copy.", "I will send one."])


def test_a_mail_is_read_and_left_again(alice: Page) -> None:
    search(alice, "offer")
    hits(alice).get_by_role("button", name="Harbour offer").click()
    expect(alice.get_by_role("region", name="Message", exact=True)).to_contain_text("what we talked of")
    alice.get_by_role("button", name="Back", exact=True).click()
    expect(hits(alice).get_by_role("button", name="Harbour offer")).to_be_focused()


def test_a_file_is_downloaded(alice: Page) -> None:
    search(alice, "harbour.pdf")
    with alice.expect_download() as downloading:
        hits(alice).get_by_role("button", name="Download harbour.pdf").click()
    assert downloading.value.suggested_filename == "harbour.pdf"


def test_an_appointment_leads_to_its_row(alice: Page) -> None:
    search(alice, "visit")
    hits(alice).get_by_role("button", name="Visit of the harbour").click()
    expect(alice.get_by_role("tab", name="Appointments")).to_have_attribute("aria-selected", "true")
    expect(rows(alice).filter(has_text="Visit of the harbour")).to_be_focused()


@pytest.mark.parametrize("way", ["Escape", "the button", "a tab"])
def test_the_search_ends_and_the_tab_is_there_again(alice: Page, way: str) -> None:
    show_tab(alice, "Messages")
    expect(rows(alice)).to_have_count(3)
    search(alice, "offer")
    expect(hits(alice)).to_have_count(1)
    box = alice.get_by_role("searchbox", name="Search chat and mail")
    if way == "Escape":
        box.press("Escape")
    elif way == "the button":
        alice.get_by_role("search", name="Search chat and mail").get_by_role("button").click()
    else:
        alice.get_by_role("tab", name="Messages").click()
    expect(rows(alice)).to_have_count(3)
    expect(box).to_have_value("")
    if way != "a tab":
        expect(box).to_be_focused()


def test_another_contact_begins_without_words(alice: Page) -> None:
    search(alice, "offer")
    expect(hits(alice)).to_have_count(1)
    select(alice, "Carol")
    expect(alice.get_by_role("searchbox", name="Search chat and mail with Carol")).to_have_value("")
    expect(panel(alice)).to_contain_text("No conversations yet")


def test_what_other_words_find_is_shown_from_its_top(company: Company, mailbox: Mailbox, alice: Page) -> None:
    index(company, mailbox, *(message(company, "bob", "alice", subject=f"Big order {n}") for n in range(12)))
    search(alice, "order")
    expect(hits(alice)).to_have_count(12)
    search(alice, "big order")
    expect(hits(alice).first.locator("mark")).to_have_count(2)
    hits(alice).last.scroll_into_view_if_needed()
    expect(hits(alice).first).not_to_be_in_viewport()
    search(alice, "order")
    expect(hits(alice).first.locator("mark")).to_have_count(1)
    expect(hits(alice).first).to_be_in_viewport()


def test_what_is_not_there_is_told(alice: Page) -> None:
    search(alice, "submarine")
    expect(alice.locator("company-chat-search-results")).to_contain_text("Nothing found for “submarine”.")


def test_enter_searches_for_the_same_words_again(company: Company, mailbox: Mailbox, alice: Page) -> None:
    search(alice, "offer")
    expect(hits(alice)).to_have_count(1)
    index(company, mailbox, message(company, "bob", "alice", subject="Another offer"))
    alice.get_by_role("searchbox", name="Search chat and mail").press("Enter")
    expect(hits(alice)).to_have_count(2)


def test_what_a_search_comes_to_is_announced(alice: Page) -> None:
    search(alice, "harb")
    expect(hits(alice)).to_have_count(4)
    status = alice.locator("company-chat-search-results").get_by_role("status")
    expect(status).to_have_text("4 results")
    status.evaluate("(it) => it.classList.add('the-same')")
    for words, said in (("submarine", "Nothing found for"), ("offer", "1 result"), ("!!!", "one to eight words")):
        search(alice, words)
        expect(status).to_contain_text(said)
        expect(status).to_have_class("the-same")


def test_what_cannot_be_searched_for_is_told(alice: Page) -> None:
    search(alice, "!!!")
    expect(alice.locator("company-chat-search-results")).to_contain_text("one to eight words")


def test_only_the_last_of_what_was_written_is_shown(alice: Page) -> None:
    box = alice.get_by_role("searchbox", name="Search chat and mail")
    box.press_sequentially("harbour", delay=60)
    expect(hits(alice)).to_have_count(4)
    box.press_sequentially(" submarine", delay=60)
    expect(hits(alice)).to_have_count(0)
    expect(alice.locator("company-chat-search-results")).to_contain_text(
        re.compile("Nothing found for “harbour submarine”")
    )
