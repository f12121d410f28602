"""Chat windows by their addresses, and the form that a page without a session shows."""

from __future__ import annotations

from urllib.parse import quote

from playwright.sync_api import Locator, Page

from tests.company import PASSWORD


def hash_of(contact: str, conversation: str = "") -> str:
    """What names a chat, or a conversation of the past, in a page's address."""
    return "#company-chat/" + "/".join(quote(each, safe="") for each in (contact, conversation) if each)


def open_window(page: Page, contact: str, conversation: str = "") -> Page:
    """Another window of the same browser, with a chat in it."""
    window = page.context.new_page()
    window.goto("/chat.html" + hash_of(contact, conversation))
    return window


def bodies(window: Page) -> Locator:
    """The messages that a chat window or a transcript shows."""
    return window.locator(".message .body")


def log_in(page: Page, address: str) -> None:
    """Log in by the form that the page shows."""
    page.get_by_label("Address").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
