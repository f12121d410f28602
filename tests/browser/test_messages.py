"""The tab Messages and the reading view."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.complaints import Complaints
from tests.browser.conftest import OpenPage
from tests.browser.mail import index, open_mail, panel, rows, show_tab
from tests.browser.panes import select
from tests.company import Company
from tests.mailing import Mailbox, message

HTML = """<html><head><style>p { color: red }</style><script>globalThis.ran = 1</script></head><body>
<p>Dear Alice,</p><img src="https://remote.example/pixel.png"><p onclick="globalThis.ran = 1">see
<a href="https://example.com/drawings">the drawings</a></p></body></html>"""


@pytest.fixture
def alice(company: Company, mailbox: Mailbox, open_page: OpenPage) -> Page:
    """Alice's page with Bob's messages: one with a file that others had as well, and one that she sent."""
    files = {"offer.pdf": b"%PDF-1.4"}
    text = "Dear Alice,\n\nthe offer is attached, see https://example.com/offer for more.\n"
    index(
        company,
        mailbox,
        message(
            company, "bob", "alice", "carol", "visitor@elsewhere.example", subject="Offer 7", text=text, files=files
        ),
        message(company, "alice", "bob", subject="Lunch?", text="At noon.", Date="Wed, 30 Sep 2026 08:00:00 +0000"),
    )
    page = open_page(company.at("alice"))
    show_tab(page, "Messages")
    expect(rows(page)).to_have_count(2)
    return page


def test_a_message_is_listed_with_what_there_is_to_know(alice: Page) -> None:
    offer, lunch = rows(alice).nth(0), rows(alice).nth(1)
    expect(offer).to_contain_text(
        re.compile("Offer 7.*with Carol and visitor@elsewhere.example.*Dear Alice, the offer", re.DOTALL)
    )
    expect(offer).to_contain_text("Received")
    expect(offer).to_contain_text("1 file")
    expect(lunch).to_contain_text(re.compile("Lunch.*At noon.*Sent", re.DOTALL))
    expect(lunch).not_to_contain_text("with")


def test_a_message_is_opened_to_read(company: Company, alice: Page) -> None:
    mail = open_mail(alice, "Offer 7")
    expect(mail).to_contain_text(company.at("bob"))
    expect(mail.get_by_role("definition").nth(1)).to_contain_text(company.at("carol"))
    expect(mail).to_contain_text("the offer is attached")
    expect(mail.get_by_text("offer.pdf")).to_be_visible()
    link = mail.get_by_role("link", name="https://example.com/offer")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(link).to_have_attribute("target", "_blank")
    expect(alice.get_by_role("tab")).to_have_count(0)


def test_back_returns_to_the_row_that_it_was_opened_from(alice: Page) -> None:
    open_mail(alice, "Lunch?")
    back = alice.get_by_role("button", name="Back", exact=True)
    expect(back).to_be_focused()
    alice.keyboard.press("Enter")
    expect(panel(alice).get_by_role("button", name="Lunch?")).to_be_focused()
    expect(rows(alice)).to_have_count(2)


def test_another_contact_ends_the_reading(alice: Page) -> None:
    open_mail(alice, "Offer 7")
    select(alice, "Carol")
    expect(rows(alice)).to_have_count(1)
    select(alice, "Bob")
    expect(rows(alice)).to_have_count(2)


def test_html_is_read_as_text_and_loads_nothing(company: Company, mailbox: Mailbox, alice: Page) -> None:
    made = message(company, "bob", "alice", subject="In colours")
    made.set_content(HTML, subtype="html")
    asked: list[str] = []
    alice.context.on("request", lambda request: asked.append(request.url))
    mailbox.put(made)
    expect(rows(alice)).to_have_count(3)
    mail = open_mail(alice, "In colours")
    expect(mail).to_contain_text("Dear Alice,")
    expect(mail.get_by_role("link")).to_have_attribute("href", re.compile("example.com/drawings"))
    expect(mail.locator("img, script, style")).to_have_count(0)
    assert alice.evaluate("globalThis.ran ?? null") is None
    assert not [url for url in asked if "remote.example" in url]


def test_a_long_message_says_that_it_goes_on(company: Company, mailbox: Mailbox, alice: Page) -> None:
    mailbox.put(message(company, "bob", "alice", subject="A book", text="A line of a long book.\n" * 5000))
    expect(rows(alice)).to_have_count(3)
    expect(open_mail(alice, "A book")).to_contain_text("The message is longer than what is shown here.")


def test_of_very_many_people_it_is_told_how_many_are_named(company: Company, mailbox: Mailbox, alice: Page) -> None:
    others = [f"guest{n}@elsewhere.example" for n in range(200)]
    mailbox.put(message(company, "bob", "alice", *others, subject="To all"))
    expect(rows(alice)).to_have_count(3)
    mail = open_mail(alice, "To all")
    offer = mail.get_by_role("button", name=re.compile(r"Show \d+ of 201"))
    named = int(offer.inner_text().split()[1])
    offer.click()
    expect(mail).to_contain_text(f"and {201 - named} more")


def test_new_mail_appears_by_itself(company: Company, mailbox: Mailbox, alice: Page) -> None:
    mailbox.put(message(company, "bob", "alice", subject="News", Date="Fri, 02 Oct 2026 08:00:00 +0000"))
    expect(rows(alice)).to_have_count(3)
    expect(rows(alice).first).to_contain_text("News")


def test_the_same_mail_by_two_ways_is_listed_once(company: Company, mailbox: Mailbox, alice: Page) -> None:
    twice = message(company, "bob", "alice", subject="Twice")
    mailbox.put(twice)
    mailbox.put(twice)
    mailbox.put(message(company, "bob", "alice", subject="The last", Date="Fri, 02 Oct 2026 08:00:00 +0000"))
    mailbox.wait_until_done()
    expect(rows(alice).filter(has_text="The last")).to_have_count(1)
    expect(rows(alice)).to_have_count(4)


def test_another_list_is_shown_from_its_top(company: Company, mailbox: Mailbox, open_page: OpenPage) -> None:
    mails = [
        message(company, who, "alice", subject=f"Offer {n} of {who}", files={f"offer {n}.pdf": b"%PDF-1.4"})
        for who in ("bob", "carol")
        for n in range(12)
    ]
    index(company, mailbox, *mails)
    page = open_page(company.at("alice"))
    for name in ("Carol", "Bob"):
        show_tab(page, "Attachments", name)
        expect(rows(page)).to_have_count(12)
        show_tab(page, "Messages", name)
        expect(rows(page).filter(has_text=f"of {name.lower()}")).to_have_count(12)
    for name, tab in (("Carol", "Messages"), ("Carol", "Attachments")):
        rows(page).last.scroll_into_view_if_needed()
        expect(rows(page).first).not_to_be_in_viewport()
        show_tab(page, tab, name)
        expect(rows(page).first).to_be_in_viewport()


def test_on_a_phone_a_message_has_the_whole_pane(alice: Page) -> None:
    alice.set_viewport_size({"width": 390, "height": 780})
    show_tab(alice, "Messages")
    mail = open_mail(alice, "Offer 7")
    expect(alice.get_by_role("region", name="Details")).to_be_hidden()
    expect(alice.get_by_role("button", name="Back to the contacts")).to_be_hidden()
    alice.go_back()
    expect(mail).to_have_count(0)
    expect(rows(alice)).to_have_count(2)


@pytest.mark.parametrize("width", [1400, 820])
def test_a_message_that_is_read_stays_over_a_reload_until_the_way_back(alice: Page, width: int) -> None:
    alice.set_viewport_size({"width": width, "height": 1100})
    details = alice.get_by_role("region", name="Details")
    before = alice.url
    open_mail(alice, "Offer 7")
    expect(details).to_be_visible(visible=width > 1000)
    alice.reload()
    expect(alice.get_by_role("heading", name="Offer 7")).to_be_visible()
    alice.go_back()
    expect(rows(alice)).to_have_count(2)
    expect(details).to_be_visible()
    assert alice.url == before


@pytest.mark.parametrize(("height", "alone"), [(657, True), (1000, False)])
def test_on_a_low_screen_a_message_has_the_whole_pane(alice: Page, height: int, alone: bool) -> None:
    alice.set_viewport_size({"width": 1366, "height": height})
    mail = open_mail(alice, "Offer 7")
    expect(alice.get_by_role("region", name="Details")).to_be_visible(visible=not alone)
    box = mail.bounding_box()
    assert box is not None
    assert box["height"] > 400


def test_escape_leaves_a_message(alice: Page) -> None:
    open_mail(alice, "Offer 7").press("Escape")
    expect(panel(alice).get_by_role("button", name="Offer 7")).to_be_focused()
    open_mail(alice, "Lunch?")


def test_mails_that_are_left_for_another_contact_make_one_entry_in_the_history(alice: Page) -> None:
    before = alice.evaluate("history.length")
    for name in ("Carol", "Bob", "Carol"):
        open_mail(alice, "Offer 7")
        select(alice, name)
        expect(panel(alice).get_by_role("button", name="Offer 7")).to_be_visible()
    assert alice.evaluate("history.length") == before + 1
    open_mail(alice, "Offer 7")
    alice.go_back()
    expect(panel(alice)).to_be_visible()


@pytest.mark.parametrize("size", [(820, 1100), (390, 780)])
def test_two_presses_of_back_are_one(alice: Page, size: tuple[int, int]) -> None:
    alice.set_viewport_size({"width": size[0], "height": size[1]})
    show_tab(alice, "Messages")
    open_mail(alice, "Offer 7")
    before = alice.url
    alice.get_by_role("button", name="Back", exact=True).evaluate("(it) => [it.click(), it.click()]")
    expect(rows(alice)).to_have_count(2)
    expect(panel(alice).get_by_role("button", name="Offer 7")).to_be_focused()
    assert alice.url == before
    open_mail(alice, "Lunch?")


def test_who_is_no_member_of_an_alias_is_told_what_is_missing(
    company: Company, mailbox: Mailbox, open_page: OpenPage
) -> None:
    company.alias("sales", "bob")
    index(company, mailbox, message(company, "bob", "sales", subject="Among us"))
    page = open_page(company.at("alice"))
    show_tab(page, "Messages", "Sales")
    expect(panel(page)).to_contain_text("You are not a member of Sales")
    member = open_page(company.at("bob"))
    show_tab(member, "Messages", "Sales")
    expect(rows(member)).to_contain_text(["Among us"])


def test_what_cannot_be_fetched_is_told_and_tried_again(
    company: Company, open_page: OpenPage, complaints: Complaints
) -> None:
    complaints.allow(r"ERR_FAILED \(.*mail-parts")
    page = open_page(company.at("alice"))
    page.context.route("**/assets/mail-parts-*", lambda route: route.abort())
    show_tab(page, "Messages")
    expect(panel(page)).to_contain_text("This part of the page could not be loaded.")
    page.context.unroute("**/assets/mail-parts-*")
    panel(page).get_by_role("button", name="Try again").click()
    expect(panel(page)).to_contain_text("No mail is indexed for your domain yet.")
