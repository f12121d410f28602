"""A domain with thousands of people: the list stays quick, finds whom one looks for, and is there at once next time."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from chat import directory
from chat.entries import Profile
from chat.tables import Tables
from chat.tables.directory import Credential
from localcloud.endpoints import Endpoints
from tests.browser.conftest import PATIENCE, OpenPage
from tests.browser.panes import row
from tests.company import Company, now

MANY = 2000
DEPARTMENTS = ("Purchasing", "Research", "Sales")
MOST_ROWS = 120
"""Rows that exist at any time: those on the screen, and some beyond its edges."""


@pytest.fixture(scope="module")
def crowd(stack: Endpoints, tables: Tables, credential: Credential) -> Company:
    """A company of many; these tests change nothing in it but connections."""
    company = Company(stack, tables, credential)
    company.add("alice")
    people = [
        directory.NewUser(
            company.address(f"p{number:04}"),
            Profile(f"Person {number:04}", department=DEPARTMENTS[number % len(DEPARTMENTS)]),
            credential,
        )
        for number in range(MANY)
    ]
    directory.add_users(tables, company.domain, people, now())
    return company


@pytest.fixture
def page(crowd: Company, open_page: OpenPage) -> Page:
    """Alice's page, with all contacts."""
    opened = open_page(crowd.at("alice"))
    expect(rows(opened).first).to_have_attribute("aria-setsize", str(MANY), timeout=3 * PATIENCE)
    return opened


def rows(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Contacts").get_by_role("option")


def search(page: Page, words: str) -> None:
    page.get_by_label("Chat with…").fill(words)


def scroll_to(page: Page, share: float) -> None:
    """Scroll to a share of the list's height."""
    page.get_by_role("listbox", name="Contacts").evaluate(
        "(list, share) => { list.scrollTop = list.scrollHeight * share; }", share
    )


def test_few_rows_exist_wherever_it_is_scrolled_to(page: Page) -> None:
    for share in (0, 0.5, 1):
        scroll_to(page, share)
        expect(row(page, f"Person {round((MANY - 1) * share):04}")).to_have_count(1)
        assert rows(page).count() < MOST_ROWS


def test_all_of_it_can_be_scrolled_through(page: Page) -> None:
    page.get_by_role("listbox", name="Contacts").focus()
    page.keyboard.press("End")
    expect(row(page, f"Person {MANY - 1:04}")).to_be_in_viewport()
    page.keyboard.press("Home")
    expect(row(page, "Person 0000")).to_be_in_viewport()


def test_it_finds_by_name_address_and_department(page: Page) -> None:
    for words, found in (("Person 1234", 1), ("research", 667), ("p1234@", 1), ("sales", 666), ("1234", 1)):
        search(page, words)
        expect(rows(page).first).to_have_attribute("aria-setsize", str(found))
    search(page, "sales 1999")
    expect(page.get_by_text("No contact matches")).to_be_visible()


def test_who_was_found_can_be_selected(page: Page) -> None:
    search(page, "1234")
    page.get_by_label("Chat with…").press("Enter")
    details = page.get_by_role("region", name="Details")
    expect(details.get_by_role("heading", name="Person 1234")).to_be_visible()


def test_who_is_scrolled_to_is_selected_by_the_first_click(page: Page) -> None:
    scroll_to(page, 0.5)
    person = rows(page).filter(has_text="Person 1000")
    person.click()
    expect(person).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("region", name="Details").get_by_role("heading", name="Person 1000")).to_be_visible()


def test_presence_shows_of_who_is_scrolled_to(crowd: Company, page: Page) -> None:
    expect(row(page, "Person 0000")).to_contain_text("Unavailable")
    crowd.connect("p1999")
    scroll_to(page, 1)
    expect(row(page, "Person 1999")).to_contain_text("Available")


def test_presence_is_followed_of_who_is_scrolled_to(crowd: Company, page: Page) -> None:
    person = crowd.connect("p1998")
    scroll_to(page, 1)
    expect(row(page, "Person 1998")).to_contain_text("Available")
    person.ask("presence", status="busy")
    expect(row(page, "Person 1998")).to_contain_text("Busy")
    person.ask("presence", status="available")
    expect(row(page, "Person 1998")).to_contain_text("Available")


def test_the_next_visit_has_the_list_before_any_connection(page: Page) -> None:
    page.context.add_init_script("delete globalThis.SharedWorker; globalThis.WebSocket = class { close() {} }")
    page.reload()
    expect(rows(page).first).to_have_attribute("aria-setsize", str(MANY))
    expect(page.get_by_text("Connecting")).to_be_visible()
