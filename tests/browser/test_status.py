"""The status menu, what the others see of it, and Offline."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from chat import ids
from chat.presence import LIFETIME, Connection, Status, connections_in
from tests.browser.chat_windows import open_window
from tests.browser.conftest import OpenPage
from tests.browser.panes import choose, composer, message, messages, open_chat, row, select, status_button, write
from tests.company import Company, now

STATUSES = ["Available", "Away", "Busy", "Offline"]


@pytest.fixture
def alice(company: Company, open_page: OpenPage) -> Page:
    """Alice's page, which shows bob's presence."""
    page = open_page(company.at("alice"))
    expect(row(page, "Bob")).to_contain_text("Unavailable")
    return page


@pytest.fixture
def bob(company: Company, open_page: OpenPage, alice: Page) -> Page:
    """Bob's page, in another browser."""
    page = open_page(company.at("bob"))
    expect(row(page, "Alice")).to_contain_text("Available")
    expect(row(alice, "Bob")).to_contain_text("Available")
    return page


def item(page: Page, status: str) -> Locator:
    """A status in the open menu."""
    return page.get_by_role("menuitemradio", name=status)


_LOOKS = """
(items) => items.map((item) => {
  const drawing = item.querySelector("company-chat-presence").shadowRoot;
  const circle = getComputedStyle(drawing.querySelector("circle"));
  return [circle.fill, drawing.querySelector("path").getAttribute("d")];
})
"""


def test_the_menu_offers_four_statuses(bob: Page) -> None:
    status_button(bob).click()
    expect(bob.get_by_role("menuitemradio")).to_have_count(len(STATUSES))
    for status in STATUSES:
        expect(item(bob, status)).to_have_attribute("aria-checked", "true" if status == "Available" else "false")


def test_each_status_has_a_colour_and_a_shape_of_its_own(bob: Page) -> None:
    status_button(bob).click()
    looks = bob.get_by_role("menuitemradio").evaluate_all(_LOOKS)
    colours, shapes = zip(*looks, strict=True)
    assert len(set(colours)) == len(STATUSES)
    assert len(set(shapes)) == len(STATUSES)


def test_the_menu_works_by_the_keyboard(bob: Page) -> None:
    status_button(bob).focus()
    bob.keyboard.press("ArrowDown")
    expect(item(bob, "Available")).to_be_focused()
    bob.keyboard.press("ArrowDown")
    expect(item(bob, "Away")).to_be_focused()
    bob.keyboard.press("b")
    expect(item(bob, "Busy")).to_be_focused()
    bob.keyboard.press("Enter")
    expect(status_button(bob)).to_have_accessible_name("Status: Busy")
    expect(status_button(bob)).to_be_focused()


def test_escape_closes_the_menu_and_changes_nothing(bob: Page) -> None:
    status_button(bob).click()
    bob.keyboard.press("ArrowDown")
    bob.keyboard.press("Escape")
    expect(bob.get_by_role("menu")).to_be_hidden()
    expect(status_button(bob)).to_be_focused()
    expect(status_button(bob)).to_have_accessible_name("Status: Available")


@pytest.mark.parametrize("status", ["Away", "Busy"])
def test_the_others_see_what_one_chooses(alice: Page, bob: Page, status: str) -> None:
    choose(bob, status)
    expect(row(alice, "Bob")).to_contain_text(status)
    choose(bob, "Available")
    expect(row(alice, "Bob")).to_contain_text("Available")


@pytest.mark.parametrize("status", ["Away", "Busy"])
def test_messages_arrive_all_the_same(alice: Page, bob: Page, status: str) -> None:
    choose(bob, status)
    write(open_chat(alice, "Bob"), "in spite of that")
    expect(row(bob, "Alice")).to_contain_text("1 unread message")


def test_a_choice_holds_in_ones_other_browser(company: Company, bob: Page, open_page: OpenPage) -> None:
    other = open_page(company.at("bob"))
    expect(status_button(other)).to_have_accessible_name("Status: Available")
    choose(bob, "Busy")
    expect(status_button(other)).to_have_accessible_name("Status: Busy")


def test_offline_shows_everybody_as_unavailable(alice: Page, bob: Page) -> None:
    choose(bob, "Offline")
    expect(row(bob, "Alice")).to_contain_text("Unavailable")
    expect(row(alice, "Bob")).to_contain_text("Unavailable")


def test_offline_closes_the_composer_and_says_why(bob: Page) -> None:
    chat = open_chat(bob, "Alice")
    choose(bob, "Offline")
    expect(composer(chat)).not_to_be_editable()
    expect(composer(chat)).to_have_accessible_description("You are Offline in webmail. Become Available to write.")
    composer(chat).press("x")
    expect(composer(chat)).to_have_value("")


def test_offline_leaves_the_history_readable(company: Company, bob: Page) -> None:
    company.remember("alice", "bob", ids.new(now() - 1000), "of before")
    choose(bob, "Offline")
    chat = open_chat(bob, "Alice")
    expect(message(chat, "of before")).to_be_visible()


def test_offline_receives_nothing(company: Company, bob: Page) -> None:
    chat = open_window(bob, company.at("alice"))
    expect(chat.get_by_text("No messages yet")).to_be_visible()
    choose(bob, "Offline")
    connection = company.connect("alice")
    connection.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="while you are out")
    # What was pushed would have come before the list, in which the server tells of the message.
    select(bob, "Alice")
    expect(bob.get_by_role("listbox", name="Conversations").get_by_text("while you are out")).to_be_visible()
    expect(messages(chat)).to_have_count(0)
    expect(row(bob, "Alice")).not_to_contain_text("unread")


def test_available_again_brings_what_was_missed_once(company: Company, bob: Page) -> None:
    chat = open_chat(bob, "Alice")
    choose(bob, "Offline")
    connection = company.connect("alice")
    for body in ("one", "two"):
        connection.ask("send", id=ids.new(now()), recipient=company.at("bob"), body=body)
    chat.get_by_role("button", name="Go Available").click()
    expect(status_button(bob)).to_have_accessible_name("Status: Available")
    expect(messages(chat).locator(".body")).to_have_text(["one", "two"])
    connection.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="three")
    expect(messages(chat).locator(".body")).to_have_text(["one", "two", "three"])


def test_what_was_missed_is_unread(company: Company, bob: Page) -> None:
    choose(bob, "Offline")
    connection = company.connect("alice")
    for body in ("one", "two"):
        connection.ask("send", id=ids.new(now()), recipient=company.at("bob"), body=body)
    bob.get_by_role("button", name="Go Available").click()
    expect(row(bob, "Alice")).to_contain_text("2 unread messages")


def test_available_again_one_sees_the_others(bob: Page) -> None:
    choose(bob, "Offline")
    expect(row(bob, "Alice")).to_contain_text("Unavailable")
    choose(bob, "Available")
    expect(row(bob, "Alice")).not_to_contain_text("Unavailable")
    expect(row(bob, "Alice")).to_contain_text("Available")


def test_offline_in_webmail_leaves_another_chat_program_logged_in(company: Company, alice: Page, bob: Page) -> None:
    address, rows = company.address("bob"), company.tables.connections
    phone = Connection("xmpp:node1:phone", Status.BUSY, now(), now() // 1000 + 600)
    rows.open(address, phone, now(), now() // 1000 + LIFETIME)
    expect(row(alice, "Bob")).to_contain_text("Busy")
    choose(bob, "Offline")
    assert phone in connections_in(rows.of(address))
    company.connect("carol")
    expect(row(alice, "Carol")).not_to_contain_text("Unavailable")
    expect(row(alice, "Bob")).to_contain_text("Busy")


def test_offline_is_kept_over_a_reload(bob: Page) -> None:
    choose(bob, "Offline")
    bob.reload()
    expect(status_button(bob)).to_have_accessible_name("Status: Offline")
    expect(row(bob, "Alice")).to_contain_text("Unavailable")


def test_who_touches_nothing_is_away_until_the_next_touch(company: Company, alice: Page, open_page: OpenPage) -> None:
    idler = open_page(company.at("bob"), idle_after=2)
    expect(row(alice, "Bob")).to_contain_text("Away")
    expect(status_button(idler)).to_have_accessible_name("Status: Away")
    idler.mouse.move(200, 200)
    expect(status_button(idler)).to_have_accessible_name("Status: Available")
    expect(row(alice, "Bob")).to_contain_text("Available")


def test_idling_does_not_take_the_place_of_busy(company: Company, alice: Page, open_page: OpenPage) -> None:
    idler = open_page(company.at("bob"), idle_after=3)
    choose(idler, "Busy")
    other = open_page(company.at("carol"), idle_after=3)
    expect(row(alice, "Carol")).to_contain_text("Away")  # and so bob, who has idled for longer, would be
    expect(status_button(other)).to_have_accessible_name("Status: Away")
    expect(row(alice, "Bob")).to_contain_text("Busy")
    expect(status_button(idler)).to_have_accessible_name("Status: Busy")
