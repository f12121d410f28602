"""What a test does with the page: its panes, its menu, its chat windows."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def row(page: Page, name: str) -> Locator:
    """A contact in the navigation pane."""
    return page.get_by_role("listbox", name="Contacts").get_by_role("option").filter(has_text=name)


def select(page: Page, name: str) -> None:
    """Show the details and the preview of a contact."""
    row(page, name).click()
    expect(page.get_by_role("region", name="Details").get_by_role("heading", name=name)).to_be_visible()


def open_chat(page: Page, name: str) -> Page:
    """The chat window of a contact, opened by the button of the content pane."""
    select(page, name)
    with page.expect_popup() as opened:
        page.get_by_role("toolbar", name="Contact").get_by_role("button", name="Chat").click()
    chat = opened.value
    expect(composer(chat)).to_be_visible()
    return chat


def composer(chat: Page) -> Locator:
    """Where a message is written."""
    return chat.get_by_role("textbox", name="Message to")


def write(chat: Page, body: str) -> None:
    """Write and send a message of one line."""
    composer(chat).fill(body)
    composer(chat).press("Enter")


def messages(chat: Page) -> Locator:
    """All messages that a chat window shows."""
    return chat.get_by_role("log").locator(".message")


def message(chat: Page, body: str) -> Locator:
    """The messages in whose text this is."""
    return messages(chat).filter(has=chat.locator(".body").filter(has_text=body))


def mark(chat: Page, body: str) -> Locator:
    """How far one's own message has come."""
    return message(chat, body).locator(".mark")


def status_button(page: Page) -> Locator:
    """What opens the status menu."""
    return page.get_by_role("button", name="Status")


def choose(page: Page, status: str) -> None:
    """Choose a status in the menu."""
    status_button(page).click()
    page.get_by_role("menuitemradio", name=status).click()
    expect(status_button(page)).to_have_accessible_name(f"Status: {status}")


def log_out(page: Page) -> None:
    """Log out by the menu."""
    status_button(page).click()
    page.get_by_role("menuitem", name="Log out").click()
