"""Telling of new messages: by a notification, a sound and a count in the title, where nobody looks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from chat import ids
from tests.browser.chat_windows import bodies, open_window
from tests.browser.conftest import OpenPage
from tests.browser.panes import choose, row
from tests.company import Company, now

RECORD = """
globalThis.shown = [];
globalThis.sounds = 0;
globalThis.looked = false;
document.hasFocus = () => looked;
globalThis.Notification = class {
  static permission = "granted";
  constructor(title, options) { Object.assign(this, {title, ...options}); shown.push(this); }
  close() { this.closed = true; }
};
globalThis.AudioContext = class { currentTime = 0; destination = {}; async resume() { sounds += 1; } };
globalThis.OscillatorNode = class { connect(node) { return node; } start() {} stop() {} };
globalThis.GainNode = class {
  gain = new Proxy({}, {get: () => () => undefined});
  connect(node) { return node; }
};
"""
"""Stands in for what would show and sound, and for the focus, which all pages of a test would have."""

Say = Callable[[str, str], None]


@pytest.fixture
def page(company: Company, open_page: OpenPage) -> Page:
    """Alice's page, not looked at."""
    opened = open_page(company.at("alice"), script=RECORD)
    expect(row(opened, "Bob")).to_be_visible()
    return opened


@pytest.fixture
def say(company: Company) -> Say:
    """Somebody writes to alice."""
    connections = {local: company.connect(local) for local in ("bob", "carol")}

    def send(local: str, body: str) -> None:
        connections[local].ask("send", id=ids.new(now()), recipient=company.at("alice"), body=body)

    return send


def look(page: Page, looked: bool = True) -> None:
    page.evaluate("(now) => { looked = now; dispatchEvent(new Event(now ? 'focus' : 'blur')); }", looked)


def shown(*pages: Page) -> list[tuple[str, str]]:
    """Title and text of the notifications of all these windows."""
    found = [page.evaluate("shown.map(({title, body}) => [title, body])") for page in pages]
    return [(title, body) for each in found for title, body in each]


def sounds(*pages: Page) -> int:
    return sum(page.evaluate("sounds") for page in pages)


def test_a_message_that_nobody_looks_at_is_shown_with_name_and_text(page: Page, say: Say) -> None:
    say("bob", "lunch?")
    say("carol", "later")
    expect(page).to_have_title("(2) Chat – Webmail")
    assert shown(page)[0] == ("Bob", "lunch?")


def test_one_of_several_windows_shows_it(company: Company, page: Page, say: Say) -> None:
    windows = [page, open_window(page, company.at("carol")), open_window(page, company.at("alice"))]
    expect(windows[1].get_by_text("No messages yet")).to_be_visible()
    say("bob", "lunch?")
    say("carol", "later")
    expect(bodies(windows[1])).to_have_text(["later"])
    assert [body for _, body in shown(*windows)].count("lunch?") == 1
    assert sounds(*windows) == 1


def test_nothing_is_shown_of_a_chat_that_is_looked_at(company: Company, page: Page, say: Say) -> None:
    window = open_window(page, company.at("bob"))
    expect(window.get_by_text("No messages yet")).to_be_visible()
    look(window)
    say("bob", "lunch?")
    expect(bodies(window)).to_have_text(["lunch?"])
    look(window, looked=False)
    say("carol", "later")
    expect(page).to_have_title("(1) Chat – Webmail")
    say("carol", "even later")
    expect(page).to_have_title("(2) Chat – Webmail")
    assert ("Bob", "lunch?") not in shown(page, window)


def test_a_chat_that_is_looked_at_makes_no_sound(company: Company, page: Page, say: Say) -> None:
    window = open_window(page, company.at("bob"))
    expect(window.get_by_text("No messages yet")).to_be_visible()
    window.get_by_role("textbox").click()
    look(window)
    say("bob", "lunch?")
    say("bob", "or not?")
    expect(bodies(window)).to_have_text(["lunch?", "or not?"])
    assert sounds(page, window) == 0


def test_where_another_window_is_looked_at_a_sound_is_enough(page: Page, say: Say) -> None:
    look(page)
    say("bob", "lunch?")
    say("bob", "or not?")
    expect(page).to_have_title("(2) Chat – Webmail")
    assert sounds(page) == 1
    assert shown(page) == []


def test_nothing_is_told_while_busy(page: Page, say: Say) -> None:
    choose(page, "Busy")
    say("bob", "lunch?")
    say("bob", "or not?")
    expect(row(page, "Bob")).to_contain_text("2 unread messages")
    expect(page).to_have_title("Chat – Webmail")
    assert (shown(page), sounds(page)) == ([], 0)


def switch_off(page: Page, name: str) -> None:
    page.get_by_role("button", name="Settings").click()
    box = page.get_by_role("checkbox", name=name)
    box.uncheck()
    expect(box).not_to_be_checked()
    page.keyboard.press("Escape")


def test_notifications_can_be_switched_off(page: Page, say: Say) -> None:
    switch_off(page, "Browser notifications")
    say("bob", "lunch?")
    say("bob", "or not?")
    expect(page).to_have_title("(2) Chat – Webmail")
    assert shown(page) == []


def test_the_sound_can_be_switched_off(page: Page, say: Say) -> None:
    switch_off(page, "Sound for new messages")
    say("bob", "lunch?")
    say("bob", "or not?")
    expect(page).to_have_title("(2) Chat – Webmail")
    assert sounds(page) == 0


def test_the_count_in_the_title_can_be_switched_off(page: Page, say: Say) -> None:
    switch_off(page, "Unread count")
    say("bob", "lunch?")
    expect(row(page, "Bob")).to_contain_text("1 unread message")
    expect(page).to_have_title("Chat – Webmail")


def test_many_messages_at_once_sound_once(page: Page, say: Say) -> None:
    for number in range(4):
        say("bob", str(number))
    expect(page).to_have_title("(4) Chat – Webmail")
    assert 1 <= sounds(page) < 4


def test_a_click_on_a_notification_opens_the_chat(page: Page, say: Say) -> None:
    say("carol", "first")
    say("bob", "lunch?")
    say("carol", "last")
    expect(page).to_have_title("(3) Chat – Webmail")
    with page.expect_popup() as opened:
        page.evaluate("shown.find(({title}) => title === 'Bob').onclick()")
    expect(opened.value.get_by_role("heading", name="Bob")).to_be_visible()
    assert page.evaluate("shown.find(({title}) => title === 'Bob').closed")


def test_the_count_goes_when_the_chat_was_read(company: Company, page: Page, say: Say) -> None:
    say("bob", "lunch?")
    expect(page).to_have_title("(1) Chat – Webmail")
    window = open_window(page, company.at("bob"))
    expect(bodies(window)).to_have_text(["lunch?"])
    look(window)
    expect(page).to_have_title("Chat – Webmail")


def test_a_window_that_is_not_looked_at_reads_nothing(company: Company, page: Page, say: Say) -> None:
    say("bob", "lunch?")
    window = open_window(page, company.at("bob"))
    expect(bodies(window)).to_have_text(["lunch?"])
    say("carol", "later")
    expect(page).to_have_title("(2) Chat – Webmail")
    expect(window).to_have_title("(1) Bob")
