"""Logging in and out, and what the browser keeps in between."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from chat import credentials, directory
from chat.tables import Tables
from localcloud.page import serving
from localcloud.site import DIST, Site
from tests.browser.complaints import Complaints
from tests.browser.conftest import OpenPage, Visit
from tests.browser.panes import composer, log_out, message, open_chat, row, status_button, write
from tests.browser.wire import wire_to
from tests.browser.workers import SharedWorkers
from tests.company import PASSWORD, Company, now

_KEPT = """
() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("company-chat");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const entries = {};
    const reading = opening.result.transaction("kept").objectStore("kept").openCursor();
    reading.onerror = () => reject(reading.error);
    reading.onsuccess = () => {
      const cursor = reading.result;
      if (!cursor) return opening.result.close(), resolve(entries);
      entries[cursor.key.split(" ").at(-1)] = cursor.value;
      cursor.continue();
    };
  };
})
"""


def kept(page: Page) -> dict[str, Any]:
    """What the browser keeps, by its name: ``session``, ``contacts`` …"""
    found: dict[str, Any] = page.evaluate(_KEPT)
    return found


@pytest.fixture(autouse=True)
def forgiven(tables: Tables) -> Iterator[None]:
    """The tests share one IP address: what one did wrong must not slow the next."""
    yield
    tables.connections.forget_attempts("127.0.0.1")


def enter(page: Page, address: str, password: str = PASSWORD) -> None:
    """Fill in the log-in form, and send it."""
    page.get_by_label("Address").fill(address)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def test_the_right_password_leads_to_the_contacts(company: Company, open_page: OpenPage) -> None:
    page = open_page(company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()
    expect(status_button(page)).to_have_accessible_name("Status: Available")


def test_a_wrong_password_is_told_in_words(company: Company, open_page: OpenPage, complaints: Complaints) -> None:
    complaints.allow("401")
    page = open_page(company.at("alice"), password="wrong")
    expect(page.get_by_role("alert")).to_have_text("The address or the password is wrong.")


def test_after_a_wrong_password_the_right_one_works(
    company: Company, open_page: OpenPage, complaints: Complaints
) -> None:
    complaints.allow("401")
    page = open_page(company.at("alice"), password="wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    enter(page, company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()


def test_too_many_attempts_count_down_until_one_may_try_again(
    company: Company, visit: Visit, complaints: Complaints
) -> None:
    complaints.allow("429")
    page = visit()
    expect(page.get_by_label("Address")).to_be_visible()
    for free in (9, 9, 9, 9, 0):
        company.tables.connections.try_login(company.at("alice"), free, 6, now(), 900)
    enter(page, company.at("alice"))
    expect(page.get_by_role("alert")).to_contain_text("Too many attempts. You can try again in")
    button = page.get_by_role("button", name="Log in")
    expect(button).to_be_disabled()
    expect(button).to_have_text(re.compile(r"^\s*Log in \(in 2 s\)"))
    expect(button).to_have_text(re.compile(r"^\s*Log in \(in 1 s\)"))
    expect(page.get_by_role("alert")).to_have_text("You can try again now.")
    button.click()
    expect(row(page, "Bob")).to_be_visible()


def test_the_session_is_kept_over_a_reload(company: Company, open_page: OpenPage) -> None:
    page = open_page(company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()
    page.reload()
    expect(row(page, "Bob")).to_be_visible()


def test_two_windows_share_the_session(company: Company, open_page: OpenPage) -> None:
    page = open_page(company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()
    other = page.context.new_page()
    other.goto("/")
    expect(row(other, "Bob")).to_be_visible()
    log_out(other)
    expect(page.get_by_role("heading", name="Log in to chat")).to_be_visible()


def test_logging_out_forgets_all_that_was_kept(company: Company, open_page: OpenPage) -> None:
    page = open_page(company.at("alice"))
    chat = open_chat(page, "Bob")
    composer(chat).fill("half a sentence")
    composer(chat).blur()
    expect(row(page, "Bob")).to_be_visible()
    assert kept(page)["session"]["address"] == company.at("alice")
    log_out(page)
    expect(page.get_by_role("heading", name="Log in to chat")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Log in to chat")).to_be_visible()
    assert kept(page) == {}


@pytest.fixture
def page_with_unsent(company: Company, open_page: OpenPage, complaints: Complaints) -> Iterator[Page]:
    """Alice's page, after a message that could not be sent."""
    complaints.allow("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "WebSocket connection to")
    with wire_to(company.stack) as wire:
        site = Site(DIST, wire.endpoints.http_url, wire.endpoints.websocket_url)
        with serving(site) as address:
            page = open_page(company.at("alice"), site=address)
            chat = open_chat(page, "Bob")
            expect(chat.get_by_text("No messages yet")).to_be_visible()
            wire.cut()
            expect(chat.get_by_text("No connection. Trying again in")).to_be_visible()
            write(chat, "not out yet")
            expect(message(chat, "not out yet").get_by_role("paragraph")).to_have_text("Waits for the connection")
            yield page


def test_logging_out_with_unsent_messages_is_asked_about(page_with_unsent: Page) -> None:
    page = page_with_unsent
    log_out(page)
    question = page.get_by_role("dialog", name="Log out with unsent messages?")
    expect(question).to_contain_text("1 message could not be sent yet")
    question.get_by_role("button", name="Stay logged in").click()
    expect(question).to_be_hidden()
    expect(row(page, "Bob")).to_be_visible()


def test_logging_out_all_the_same_forgets_the_unsent_messages(page_with_unsent: Page) -> None:
    page = page_with_unsent
    log_out(page)
    page.get_by_role("button", name="Log out anyway").click()
    expect(page.get_by_role("heading", name="Log in to chat")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Log in to chat")).to_be_visible()
    assert kept(page) == {}


def test_only_a_ticket_is_ever_in_a_url(company: Company, visit: Visit, workers: SharedWorkers) -> None:
    page = visit()
    urls: list[str] = []
    page.context.on("request", lambda request: urls.append(request.url))
    enter(page, company.at("alice"))
    open_chat(page, "Bob")
    urls += workers.asked_for
    queries = [urlsplit(each) for each in urls if urlsplit(each).query]
    assert {(each.scheme, *parse_qs(each.query)) for each in queries} == {("ws", "ticket")}
    token = kept(page)["session"]["token"]
    assert [each for each in urls if token in each] == []


def test_the_token_is_in_no_storage_but_the_database(company: Company, open_page: OpenPage) -> None:
    page = open_page(company.at("alice"))
    open_chat(page, "Bob")
    token = kept(page)["session"]["token"]
    held = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, name, location.href])"
    )
    assert token not in held + json.dumps(page.context.cookies())


def test_a_session_that_was_ended_says_so(company: Company, open_page: OpenPage, complaints: Complaints) -> None:
    complaints.allow("401")
    page = open_page(company.at("alice"))
    expect(row(page, "Bob")).to_be_visible()
    directory.set_password(company.tables, company.address("alice"), credentials.derive("another one", now(), 4096))
    page.reload()
    expect(page.get_by_role("alert")).to_have_text("Your session has ended. Log in again.")
