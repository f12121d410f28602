"""The preview pane: the conversations with a contact, and the viewer's own mail that involves it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from chat import ids, messages
from chat.tables.communications import Communication, Correspondence
from chat.tables.history import Message
from tests.browser.conftest import OpenPage
from tests.browser.panes import open_chat, select, write
from tests.company import Company, now

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


@pytest.fixture
def alice(company: Company, open_page: OpenPage) -> Page:
    """Alice's page, after a conversation with bob two days ago and one yesterday."""
    day = now() - 2 * DAY
    company.remember("bob", "alice", ids.new(day), "Is the offer ready?")
    company.remember("alice", "bob", ids.new(day + 2 * MINUTE), "Tomorrow.")
    company.remember("bob", "alice", ids.new(day + 12 * MINUTE), "Thank you!")
    company.remember("alice", "bob", ids.new(day + DAY), "Here it is.")
    page = open_page(company.at("alice"))
    select(page, "Bob")
    return page


def conversations(page: Page) -> Locator:
    """The rows of the Chat tab."""
    return page.get_by_role("listbox", name="Conversations").get_by_role("option")


def open_button(page: Page) -> Locator:
    return page.get_by_role("toolbar", name="Conversation").get_by_role("button", name="Open")


def show_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def panel(page: Page) -> Locator:
    """What the chosen tab shows."""
    return page.get_by_role("tabpanel")


def expect_first_conversation(window: Page) -> None:
    """The window shows the conversation of two days ago, and nothing else."""
    expect(window.locator(".message .body")).to_have_text(["Is the offer ready?", "Tomorrow.", "Thank you!"])
    expect(window.get_by_role("heading", name="Conversation with Bob")).to_be_visible()
    expect(window.get_by_role("textbox")).to_have_count(0)


def test_conversations_are_listed_newest_first(alice: Page) -> None:
    expect(conversations(alice).locator(".preview")).to_have_text(["Here it is.", "Thank you!"])


def test_a_conversation_is_listed_with_its_day_length_and_door(alice: Page) -> None:
    newest, first = conversations(alice).nth(0), conversations(alice).nth(1)
    expect(newest.locator(".day")).to_have_text("Yesterday")
    expect(newest).to_contain_text("1 message")
    expect(first).to_contain_text("3 messages · 12 min")
    expect(first.get_by_role("img", name="Through webmail")).to_be_visible()


def test_the_door_of_an_xmpp_client_is_shown(company: Company, alice: Page) -> None:
    through = Message(ids.new(now()), company.address("carol"), company.address("alice"), "from afar", "xmpp")
    messages.record(company.tables, through, None)
    select(alice, "Carol")
    expect(conversations(alice).get_by_role("img", name="Through an XMPP client")).to_be_visible()


def test_open_shows_the_selected_conversation_in_its_own_window(alice: Page) -> None:
    conversations(alice).nth(1).click()
    with alice.expect_popup() as opened:
        open_button(alice).click()
    expect_first_conversation(opened.value)


def test_enter_opens_the_selected_conversation(alice: Page) -> None:
    conversations(alice).nth(0).click()
    alice.keyboard.press("ArrowDown")
    with alice.expect_popup() as opened:
        alice.keyboard.press("Enter")
    expect_first_conversation(opened.value)


def test_a_double_click_opens_a_conversation(alice: Page) -> None:
    with alice.expect_popup() as opened:
        conversations(alice).nth(1).dblclick()
    expect_first_conversation(opened.value)


def test_open_waits_for_a_selection(alice: Page) -> None:
    expect(open_button(alice)).to_be_disabled()
    conversations(alice).nth(0).click()
    expect(open_button(alice)).to_be_enabled()


def test_a_conversation_leads_to_the_chat(company: Company, alice: Page) -> None:
    with alice.expect_popup() as opened:
        conversations(alice).nth(1).dblclick()
    with opened.value.expect_popup() as chat:
        opened.value.get_by_role("button", name="Chat").click()
    expect(chat.value.get_by_role("log", name="Messages with Bob")).to_contain_text("Here it is.")


def test_a_contact_without_conversations_offers_to_begin_one(alice: Page) -> None:
    select(alice, "Carol")
    expect(panel(alice)).to_contain_text("No conversations yet")
    with alice.expect_popup() as opened:
        panel(alice).get_by_role("button", name="Chat").click()
    expect(opened.value.get_by_role("textbox", name="Message to Carol")).to_be_visible()


def test_a_new_conversation_appears_by_itself(alice: Page) -> None:
    expect(conversations(alice)).to_have_count(2)
    write(open_chat(alice, "Bob"), "One more thing")
    expect(conversations(alice).nth(0)).to_contain_text("One more thing")


def test_an_alias_has_its_conversations_too(company: Company, alice: Page) -> None:
    company.alias("salesteam", "alice", "bob")
    company.remember("carol", "salesteam", ids.new(now() - MINUTE), "A question to sales", alias=True)
    select(alice, "Salesteam")
    expect(conversations(alice)).to_have_count(1)
    expect(conversations(alice).locator(".participants")).to_have_text("Carol")
    expect(conversations(alice).locator(".preview")).to_have_text("A question to sales")


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("Messages", "No mail is indexed for your domain yet. Once it is, your messages"),
        ("Appointments", "No mail is indexed for your domain yet. Once it is, appointments"),
        ("Attachments", "No mail is indexed for your domain yet. Once it is, attachments"),
    ],
)
def test_a_domain_without_indexed_mail_is_told_so(alice: Page, tab: str, words: str) -> None:
    show_tab(alice, tab)
    expect(panel(alice)).to_contain_text(words)


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("Messages", "No messages with Bob."),
        ("Appointments", "No appointments with Bob."),
        ("Attachments", "No attachments exchanged with Bob."),
    ],
)
def test_a_contact_without_mail_is_told_so(company: Company, alice: Page, tab: str, words: str) -> None:
    company.tables.communications.note_indexed(company.domain, now())
    show_tab(alice, tab)
    expect(panel(alice)).to_contain_text(words)


def test_the_mail_of_one_contact_is_not_shown_for_another(company: Company, alice: Page) -> None:
    of = Correspondence.between(company.address("alice"), company.address("bob"))
    company.tables.communications.add(of, Communication(ids.new(now()), "message", "Offer 7", now()))
    company.tables.communications.note_indexed(company.domain, now())
    show_tab(alice, "Messages")
    expect(panel(alice).get_by_role("listitem")).to_have_count(1)
    select(alice, "Carol")
    expect(panel(alice)).to_contain_text("No messages with Carol.")
