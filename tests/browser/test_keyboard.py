"""The whole page by the keyboard alone, with the focus in sight and never lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, Visit
from tests.browser.mail import index, open_mail, panel, search, show_tab
from tests.browser.panes import composer, messages, row, status_button
from tests.company import PASSWORD, Company
from tests.mailing import Mailbox, message

ACTIVE = """() => {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}"""
SEEN = """(active) => {
  const row = active.getRootNode().getElementById(active.getAttribute("aria-activedescendant"));
  const places = [active, row, active.closest("form, .row, .box")].filter(Boolean);
  return places.map((place) => getComputedStyle(place)).some(
    (style) => style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) > 0
  );
}"""
MOST = 40
"""Presses of Tab within which everything is reached."""


def focused(page: Page) -> str:
    """What has the focus, by its name."""
    name: str = page.evaluate_handle(ACTIVE).evaluate(
        "(it) => it.ariaLabel || it.labels?.[0]?.textContent.trim() || it.textContent.trim()"
    )
    return name


def tab_to(page: Page, name: str, selector: str = "*") -> None:
    """Press Tab until this has the focus, which must be seen wherever it is on the way."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        active = page.evaluate_handle(ACTIVE)
        if active.evaluate("(it) => it === document.body"):
            continue  # on its way round, in the browser's own bars
        assert active.evaluate(SEEN), f"the focus on {focused(page)!r} is not seen"
        if focused(page).startswith(name) and active.evaluate("(it, selector) => it.matches(selector)", selector):
            return
    pytest.fail(f"Tab does not lead to {name}")


@pytest.fixture
def page(company: Company, open_page: OpenPage) -> Page:
    opened = open_page(company.at("alice"))
    expect(row(opened, "Carol")).to_be_visible()
    return opened


def select(page: Page, name: str) -> None:
    """Find a contact by writing into the box, and select it."""
    tab_to(page, "Chat with…")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Details").get_by_role("heading", name=name)).to_be_visible()


def test_from_the_log_in_to_a_sent_message(visit: Visit, company: Company) -> None:
    page = visit()
    expect(page.get_by_label("Address")).to_be_visible()
    tab_to(page, "Address")
    page.keyboard.type(company.at("alice"))
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(row(page, "Bob")).to_be_visible()
    select(page, "Bob")
    with page.expect_popup() as opened:
        tab_to(page, "Chat", "button.primary")
        page.keyboard.press("Enter")
    window = opened.value
    expect(composer(window)).to_be_focused()
    window.keyboard.type("by keys")
    window.keyboard.press("Enter")
    expect(messages(window).locator(".mark.stored")).to_have_count(1)


def test_the_arrows_select_in_the_list(page: Page) -> None:
    tab_to(page, "Contacts")
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Details").get_by_role("heading", name="Bob")).to_be_visible()


def test_writing_in_the_list_searches(page: Page) -> None:
    tab_to(page, "Contacts")
    page.keyboard.type("caro")
    expect(page.get_by_label("Chat with…")).to_have_value("caro")
    expect(row(page, "Bob")).to_have_count(0)


def test_escape_ends_the_search(page: Page) -> None:
    tab_to(page, "Chat with…")
    page.keyboard.type("caro")
    expect(row(page, "Bob")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(row(page, "Bob")).to_be_visible()
    assert focused(page) == "Chat with…"


def test_the_status_is_changed_and_the_focus_comes_back(page: Page) -> None:
    tab_to(page, "Status")
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitemradio", name="Available")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(status_button(page)).to_have_accessible_name("Status: Busy")
    expect(status_button(page)).to_be_focused()


def test_a_letter_leads_to_its_status(page: Page) -> None:
    tab_to(page, "Status")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("b")
    expect(page.get_by_role("menuitemradio", name="Busy")).to_be_focused()


def test_escape_closes_the_status_menu_and_changes_nothing(page: Page) -> None:
    tab_to(page, "Status")
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(status_button(page)).to_be_focused()
    expect(status_button(page)).to_have_accessible_name("Status: Available")


def test_the_settings_open_and_close(page: Page) -> None:
    tab_to(page, "Settings")
    page.keyboard.press("Enter")
    settings = page.get_by_role("dialog", name="Settings")
    expect(settings).to_be_visible()
    tab_to(page, "Unread count in the page title")
    page.keyboard.press("Space")
    expect(settings.get_by_role("checkbox", name="Unread count")).not_to_be_checked()
    page.keyboard.press("Escape")
    expect(settings).to_have_count(0)
    assert focused(page) == "Settings"


def test_the_arrows_change_between_the_tabs(page: Page) -> None:
    select(page, "Bob")
    tab_to(page, "Chat", "[role=tab]")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Messages")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tab", name="Messages")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("tab", name="Attachments")).to_have_attribute("aria-selected", "true")


def test_a_conversation_is_opened(company: Company, page: Page) -> None:
    company.remember("bob", "alice", "01900000-0000-7000-8000-000000000001", "long ago")
    select(page, "Bob")
    expect(page.get_by_role("option", name="long ago")).to_be_visible()
    tab_to(page, "Conversations, newest first")
    with page.expect_popup() as opened:
        page.keyboard.press("Enter")
    expect(opened.value.get_by_role("heading", name="Conversation with Bob")).to_be_visible()


def test_a_mail_is_found_read_and_left(company: Company, mailbox: Mailbox, page: Page) -> None:
    index(company, mailbox, message(company, "bob", "alice", files={"offer.pdf": b"%PDF-1.4"}))
    select(page, "Bob")
    tab_to(page, "Search chat and mail with Bob")
    page.keyboard.type("offer")
    expect(page.locator("company-chat-search-results").get_by_role("listitem")).to_have_count(2)
    tab_to(page, "Message: Offer 7")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Back", exact=True)).to_be_focused()
    with page.expect_download() as downloading:
        tab_to(page, "Download offer.pdf")
        page.keyboard.press("Enter")
    assert downloading.value.suggested_filename == "offer.pdf"
    page.get_by_role("button", name="Back", exact=True).press("Enter")
    assert focused(page).startswith("Message: Offer 7")


def press_last(page: Page, list_: Locator, name: str, count: int) -> None:
    """Press what leads to the last page of a list, when the list has so many rows."""
    rows = list_.get_by_role("listitem")
    expect(rows).to_have_count(count)
    # Not by Tab: in sight, the next page comes unasked.
    list_.get_by_role("button", name=name).evaluate("(it) => it.focus({ preventScroll: true })")
    page.keyboard.press("Enter")
    expect(list_.get_by_role("button", name=name)).to_have_count(0)
    expect(rows.nth(count)).to_be_focused()


def test_behind_the_last_page_the_focus_is_on_what_has_come(company: Company, mailbox: Mailbox, page: Page) -> None:
    index(company, mailbox, *(message(company, "bob", "alice", subject=f"Order {n}") for n in range(27)))
    select(page, "Bob")
    page.get_by_role("tab", name="Messages").click()
    press_last(page, page.locator("company-chat-communication-list"), "Show earlier", 25)
    search(page, "order")
    press_last(page, page.locator("company-chat-search-results"), "Search further back", 25)


def test_behind_a_second_try_the_focus_is_on_what_has_come(company: Company, mailbox: Mailbox, page: Page) -> None:
    index(company, mailbox, message(company, "bob", "alice"))
    show_tab(page, "Messages")
    expect(panel(page).get_by_role("listitem")).to_have_count(1)
    failed = """async (list, key) => {
      const refused = { items: [], cursor: null, loading: false, problem: { code: "busy" } };
      list.state = { ...list.state, communications: new Map([[key, refused]]) };
      await list.updateComplete;
      const again = list.shadowRoot.querySelector(".problem button");
      again.focus();
      again.click();
    }"""
    page.locator("company-chat-communication-list").evaluate(failed, f"{company.at('bob')} message")
    expect(panel(page).get_by_role("listitem")).to_be_focused()


def test_of_a_long_header_the_focus_stays_in_the_mail(company: Company, mailbox: Mailbox, page: Page) -> None:
    others = [f"guest{n}@elsewhere.example" for n in range(9)]
    index(company, mailbox, message(company, "bob", "alice", *others))
    show_tab(page, "Messages")
    mail = open_mail(page, "Offer 7")
    mail.get_by_role("button", name="Show all 10").press("Enter")
    expect(mail).to_contain_text("guest8@elsewhere.example")
    expect(mail).to_be_focused()


def test_on_a_phone_the_way_back_is_a_key_press(company: Company, open_page: OpenPage) -> None:
    page = open_page(company.at("alice"))
    page.set_viewport_size({"width": 360, "height": 740})
    expect(row(page, "Carol")).to_be_visible()
    tab_to(page, "Chat with…")
    page.keyboard.type("Bob")
    page.keyboard.press("Enter")
    back = page.get_by_role("button", name="Back to the contacts")
    expect(back).to_be_focused()
    page.keyboard.press("Enter")
    expect(back).to_be_hidden()
    expect(page.get_by_role("listbox", name="Contacts")).to_be_focused()


def test_on_a_phone_the_browsers_own_way_back_works_as_well(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    row(page, "Bob").click()
    expect(page.get_by_role("button", name="Back to the contacts")).to_be_visible()
    page.go_back()
    expect(row(page, "Carol")).to_be_visible()
    expect(page.get_by_role("button", name="Back to the contacts")).to_be_hidden()
