"""Two people chat in windows of the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from chat import blocking, ids
from tests.browser.chat_windows import hash_of
from tests.browser.conftest import OpenPage
from tests.browser.panes import composer, mark, message, messages, open_chat, row, write
from tests.company import Company, now

DAY = 86_400_000
MOST_BYTES = 16_384


@pytest.fixture
def alice(company: Company, open_page: OpenPage) -> Page:
    """Alice's page, with her contacts."""
    return open_page(company.at("alice"))


@pytest.fixture
def bob(company: Company, open_page: OpenPage) -> Page:
    """Bob's page, in another browser."""
    page = open_page(company.at("bob"))
    expect(row(page, "Alice")).to_be_visible()
    return page


@pytest.fixture
def chat(alice: Page) -> Page:
    """Alice's chat window with bob."""
    window = open_chat(alice, "Bob")
    expect(window.get_by_text("No messages yet")).to_be_visible()
    return window


def bodies_of(company: Company, local: str, contact: str) -> list[str]:
    """The newest messages as the server has them."""
    page = company.connect(local).ask("history", contact=company.at(contact))
    return [each["body"] for each in page["messages"]]


def test_two_people_chat_in_their_windows(chat: Page, bob: Page) -> None:
    other = open_chat(bob, "Alice")
    write(chat, "Are you there?")
    expect(message(other, "Are you there?")).to_be_visible()
    write(other, "I am.")
    expect(message(chat, "I am.")).to_be_visible()


def test_a_message_that_was_refused_tells_why_and_by_which_id_it_is_found(company: Company, chat: Page) -> None:
    blocking.block(company.tables, company.address("bob"), [company.address("alice")], now())
    write(chat, "hello?")
    failure = chat.locator(".failure")
    expect(failure).to_contain_text("Not sent: one of you has blocked the other.")
    assert ids.is_id(failure.get_by_text("Message id:").locator("bdi").inner_text())


def test_a_message_raises_the_badge_of_its_sender_and_the_flag(chat: Page, bob: Page) -> None:
    write(chat, "one")
    write(chat, "two")
    expect(row(bob, "Alice")).to_contain_text("2 unread messages")
    expect(bob.get_by_role("button", name="2 unread messages. Open the newest, of Alice")).to_be_visible()


def test_the_flag_leads_to_the_chat_and_goes_with_the_reading(chat: Page, bob: Page) -> None:
    write(chat, "news")
    flag = bob.get_by_role("button", name="1 unread message. Open the newest, of Alice")
    with bob.expect_popup() as opened:
        flag.click()
    expect(message(opened.value, "news")).to_be_visible()
    expect(flag).to_be_hidden()
    expect(row(bob, "Alice")).not_to_contain_text("unread")


def test_a_message_is_marked_as_sent_and_then_as_read(chat: Page, bob: Page) -> None:
    write(chat, "read this")
    expect(mark(chat, "read this")).to_have_text("Sent")
    open_chat(bob, "Alice")
    expect(mark(chat, "read this")).to_have_text("Read")


def test_writing_shows_and_goes_when_the_text_is_emptied(chat: Page, bob: Page) -> None:
    other = open_chat(bob, "Alice")
    composer(other).press_sequentially("I am")
    expect(chat.get_by_text("Bob is writing…")).to_be_visible()
    composer(other).fill("")
    expect(chat.get_by_text("Bob is writing…")).to_be_hidden()


def test_writing_goes_when_the_message_comes(chat: Page, bob: Page) -> None:
    other = open_chat(bob, "Alice")
    composer(other).press_sequentially("done")
    expect(chat.get_by_text("Bob is writing…")).to_be_visible()
    composer(other).press("Enter")
    expect(message(chat, "done")).to_be_visible()
    expect(chat.get_by_text("Bob is writing…")).to_be_hidden()


def test_shift_and_enter_begin_a_new_line(chat: Page, company: Company) -> None:
    composer(chat).press_sequentially("first")
    composer(chat).press("Shift+Enter")
    composer(chat).press_sequentially("second")
    composer(chat).press("Enter")
    expect(mark(chat, "first")).to_have_text("Sent")
    assert message(chat, "first").locator(".body").inner_text() == "first\nsecond"
    assert bodies_of(company, "bob", "alice") == ["first\nsecond"]


def test_a_web_address_is_a_link_that_opens_elsewhere(chat: Page) -> None:
    write(chat, "see https://example.com/offer?a=1.")
    link = message(chat, "see").get_by_role("link")
    expect(link).to_have_attribute("href", "https://example.com/offer?a=1")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer")


@pytest.mark.parametrize(
    "body", ["javascript:alert(1)", "data:text/html,<b>x</b>", "<img src=x onerror=alert(1)>", "vbscript:x"]
)
def test_what_could_run_is_text(chat: Page, body: str) -> None:
    write(chat, body)
    shown = messages(chat).locator(".body")
    expect(shown).to_have_text(body)
    expect(shown.locator("*")).to_have_count(0)


def test_a_draft_is_kept_when_the_window_closes(alice: Page, chat: Page) -> None:
    composer(chat).press_sequentially("not yet fini")
    chat.close()
    expect(composer(open_chat(alice, "Bob"))).to_have_value("not yet fini")


def test_a_draft_is_gone_once_it_is_sent(alice: Page, chat: Page) -> None:
    write(chat, "sent")
    expect(mark(chat, "sent")).to_have_text("Sent")
    chat.close()
    again = open_chat(alice, "Bob")
    expect(message(again, "sent")).to_be_visible()
    expect(composer(again)).to_have_value("")


def test_messages_stand_under_their_days(company: Company, alice: Page) -> None:
    company.remember("bob", "alice", ids.new(now() - DAY), "of yesterday")
    company.remember("bob", "alice", ids.new(now()), "of today")
    log = open_chat(alice, "Bob").get_by_role("log")
    expect(log.locator("h2")).to_have_text(["Yesterday", "Today"])
    expect(log.locator("section").nth(0)).to_contain_text("of yesterday")
    expect(log.locator("section").nth(1)).to_contain_text("of today")


def test_a_line_stands_before_what_is_new(company: Company, alice: Page) -> None:
    company.remember("alice", "bob", ids.new(now() - 3000), "known")
    for number, body in enumerate(("new", "newer")):
        company.remember("bob", "alice", ids.new(now() - 2000 + number), body)
    chat = open_chat(alice, "Bob")
    expect(chat.get_by_role("separator", name="New")).to_be_visible()
    expect(chat.locator(".line, .message .body")).to_have_text(["known", "New", "new", "newer"])


def remember_many(company: Company, count: int) -> None:
    """Messages of alice, a second apart: her own are never unread."""
    begin = now() - count * 1000
    for number in range(count):
        company.remember("alice", "bob", ids.new(begin + number * 1000), f"number {number:03}")


_TO_TOP = """
(scroller) => {
  scroller.scrollTop = 0;
  const first = scroller.querySelector(".message");
  const top = first.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  return [first.querySelector(".body").textContent, top];
}
"""
"""Scrolls to the top; tells the first message, and how far below the upper edge it is, in pixels."""


def top_of(scroller: Locator, shown: Locator) -> float:
    """How far below the upper edge something is, in pixels."""
    while True:
        expect(shown).to_be_in_viewport()
        outer, inner = scroller.bounding_box(), shown.bounding_box()
        if outer and inner:  # what is out of sight has no box, and this may be laid out just now
            return inner["y"] - outer["y"]


def test_earlier_messages_come_on_scrolling_up_without_a_jump(company: Company, alice: Page) -> None:
    remember_many(company, 120)
    chat = open_chat(alice, "Bob")
    expect(message(chat, "number 119")).to_be_in_viewport()
    scroller = chat.get_by_role("log")
    first, before = scroller.evaluate(_TO_TOP)
    expect(message(chat, "number 020")).to_be_attached()
    assert top_of(scroller, message(chat, first)) == pytest.approx(before, abs=2)


def test_scrolling_up_leads_to_the_beginning(company: Company, alice: Page) -> None:
    remember_many(company, 300)
    chat = open_chat(alice, "Bob")
    expect(message(chat, "number 299")).to_be_in_viewport()
    for earlier in ("number 249", "number 199", "number 149", "number 099", "number 049"):
        chat.get_by_role("log").evaluate(_TO_TOP)
        expect(message(chat, earlier)).to_be_attached()
    chat.get_by_role("log").evaluate(_TO_TOP)
    expect(chat.get_by_text("Beginning of the history")).to_be_visible()
    expect(messages(chat)).to_have_count(300)


def test_a_reload_while_sending_loses_nothing_and_repeats_nothing(company: Company, open_page: OpenPage) -> None:
    chat = open_page(company.at("alice"), "/chat.html" + hash_of(company.at("bob")))
    expect(chat.get_by_text("No messages yet")).to_be_visible()
    sent = [f"number {number}" for number in range(8)]
    for body in sent:
        write(chat, body)
    chat.reload()
    expect(messages(chat).locator(".body")).to_have_text(sent)
    expect(chat.get_by_text("Sent", exact=True)).to_have_count(len(sent))
    assert bodies_of(company, "bob", "alice") == sent


def test_ones_other_browser_shows_what_one_sends(company: Company, chat: Page, open_page: OpenPage) -> None:
    other = open_chat(open_page(company.at("alice")), "Bob")
    write(chat, "from here")
    expect(message(other, "from here")).to_be_visible()
    write(other, "from there")
    expect(message(chat, "from there")).to_be_visible()


def test_ones_other_browser_shows_what_one_has_read(company: Company, bob: Page, open_page: OpenPage) -> None:
    company.remember("alice", "bob", ids.new(now()), "to read")
    other = open_page(company.at("bob"))
    expect(row(other, "Alice")).to_contain_text("1 unread message")
    open_chat(bob, "Alice")
    expect(row(other, "Alice")).not_to_contain_text("unread")


def test_a_message_that_is_too_long_is_kept_and_told(company: Company, chat: Page) -> None:
    text = "é" * (MOST_BYTES // 2) + "!"
    composer(chat).fill(text)
    expect(chat.get_by_text("The message is 1 byte too long.")).to_be_visible()
    expect(chat.get_by_role("button", name="Send")).to_be_disabled()
    composer(chat).press("Enter")
    expect(composer(chat)).to_have_value(text)
    expect(messages(chat)).to_have_count(0)


@pytest.mark.parametrize(("character", "count"), [("x", MOST_BYTES), ('"', 14_335)])
def test_the_longest_message_arrives(company: Company, chat: Page, character: str, count: int) -> None:
    composer(chat).fill(character * count)
    composer(chat).press("Enter")
    expect(messages(chat).locator(".mark")).to_have_text("Sent")
    assert bodies_of(company, "bob", "alice") == [character * count]


def test_a_message_that_fits_no_frame_is_refused_before_sending(chat: Page) -> None:
    composer(chat).fill('"' * MOST_BYTES)
    expect(chat.get_by_text("bytes too long.")).to_be_visible()
    expect(chat.get_by_role("button", name="Send")).to_be_disabled()
