"""What everybody can use: axe finds nothing, nothing is cut off on a narrow screen, nothing moves unasked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from operator import attrgetter
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from localcloud.endpoints import ROOT
from tests.browser.chat_windows import bodies, hash_of
from tests.browser.conftest import OpenPage, Visit
from tests.browser.mail import index
from tests.browser.test_appointments import TODAY, event
from tests.company import Company
from tests.mailing import Mailbox, message

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
FIND = """async () => {
  const {violations} = await axe.run(document, {resultTypes: ["violations"]});
  return violations.map(({id, nodes}) => `${id}: ${nodes.map(({html}) => html).join(" ").slice(0, 400)}`);
}"""
TOO_WIDE = """() => {
  const found = [];
  const look = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.shadowRoot) look(each.shadowRoot);
      const scrolls = /auto|scroll/.test(getComputedStyle(each).overflowX) && !each.matches(".tabs, textarea");
      if (scrolls && each.scrollWidth > each.clientWidth + 1) found.push(each.outerHTML.slice(0, 120));
    }
  };
  look(document);
  const page = document.documentElement;
  if (page.scrollWidth > innerWidth) found.push(`page: ${page.scrollWidth} > ${innerWidth}`);
  return found;
}"""

MOVING = """() => {
  const count = (root) => [...root.querySelectorAll("*")].reduce(
    (sum, each) => sum + (each.shadowRoot ? count(each.shadowRoot) : 0), root.getAnimations().length);
  return count(document);
}"""
"""How many things are moving; a root knows of its own alone."""

TO_LOG_IN = re.compile("Log in|الدخول")
EARLIER = "01900000-0000-7000-8000-00000000000{}"

Show = Callable[[Page, Company], Locator]
"""Brings a part of the page onto the screen; returns what is seen of it alone."""


def contact_row(page: Page, name: str) -> Locator:
    """A contact's row, in whatever language the list has its name."""
    return page.locator("company-chat-contact-list").get_by_role("option").filter(has_text=name)


def contact(page: Page, company: Company) -> Locator:
    contact_row(page, "Bob").click()
    return page.get_by_role("option", name=re.compile("until then"))


def alias(page: Page, company: Company) -> Locator:
    contact_row(page, "Sales").click()
    return page.locator("company-chat-content .membership")


def settings(page: Page, company: Company) -> Locator:
    expect(contact(page, company)).to_be_visible()
    page.locator("company-chat-settings .opener").click()
    return page.get_by_role("dialog")


def status_menu(page: Page, company: Company) -> Locator:
    expect(contact(page, company)).to_be_visible()
    page.locator("company-chat-status-menu .opener").click()
    return page.get_by_role("menu")


def offline(page: Page, company: Company) -> Locator:
    expect(status_menu(page, company)).to_be_visible()
    page.get_by_role("menuitemradio").last.click()
    return page.locator("company-chat-main .line").first


def chat_window(page: Page, company: Company) -> Locator:
    page.goto("/chat.html" + hash_of(company.at("bob")))
    expect(bodies(page)).to_have_count(2)
    return bodies(page).last


def transcript(page: Page, company: Company) -> Locator:
    page.goto("/chat.html" + hash_of(company.at("bob"), EARLIER.format(1)))
    expect(bodies(page)).to_have_count(2)
    return bodies(page).last


def tab(page: Page, number: int) -> Locator:
    contact_row(page, "Bob").click()
    page.get_by_role("tab").nth(number).click()
    return page.locator("company-chat-communication-list").get_by_role("listitem").first


def messages(page: Page, company: Company) -> Locator:
    return tab(page, 1)


def appointments(page: Page, company: Company) -> Locator:
    return tab(page, 2)


def attachments(page: Page, company: Company) -> Locator:
    return tab(page, 3)


def mail(page: Page, company: Company) -> Locator:
    expect(tab(page, 1)).to_be_visible()
    page.get_by_role("tabpanel").get_by_role("button", name="Offer 7").click()
    return page.get_by_role("heading", name="Offer 7")


def results(page: Page, company: Company) -> Locator:
    contact_row(page, "Bob").click()
    page.locator("company-chat-preview").get_by_role("searchbox").fill("offer")
    found = page.locator("company-chat-search-results").get_by_role("listitem")
    expect(found).to_have_count(3)
    return found.first


PARTS = [
    contact,
    alias,
    settings,
    status_menu,
    offline,
    chat_window,
    transcript,
    messages,
    appointments,
    attachments,
    mail,
    results,
]


@dataclass(frozen=True)
class Look:
    """How a page is shown."""

    name: str
    scheme: Literal["light", "dark"] = "light"
    width: int = 1280
    language: str = ""


LOOKS = [Look("narrow", width=320), Look("light"), Look("dark", scheme="dark"), Look("arabic", language="ar")]
"""The narrowest first: what was chosen there stays in sight on a wider screen, and not the other way round."""
LANGUAGES = ["", "ar"]
WIDTHS = [320, 640]


@pytest.fixture
def office(company: Company, mailbox: Mailbox) -> Company:
    """A company with an alias, and a conversation of alice and bob, who has sent mail and an invitation."""
    company.alias("sales", "alice", "bob")
    company.remember("bob", "alice", EARLIER.format(1), "see https://example.com/ and write to me@example.com")
    company.remember("alice", "bob", EARLIER.format(2), "until then 👋")
    calendar = event(company, "offer", "Talk of the offer", TODAY + timedelta(days=2), "RRULE:FREQ=WEEKLY")
    to = ["alice", "carol", *(f"someone.with.a.long.name.{number}@elsewhere.example" for number in range(9))]
    mails = (
        message(company, "bob", *to, text="See https://example.com/", files={"offer.pdf": b"%PDF-1.4"}),
        message(company, "bob", "alice", subject="Come along", text="Will you?", calendar=calendar),
    )
    index(company, mailbox, *mails)
    return company


def dress(page: Page, look: Look) -> None:
    # Without motion, since colours that are on their way from one theme to the other belong to neither.
    page.emulate_media(color_scheme=look.scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": look.width, "height": 720})


def violations(page: Page) -> list[str]:
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(FIND)
    return found


@pytest.fixture
def alice(office: Company, open_page: OpenPage) -> Page:
    page = open_page(office.at("alice"))
    expect(contact_row(page, "Bob")).to_be_visible()
    return page


def speak(page: Page, language: str) -> None:
    """Choose a language in the settings."""
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("combobox", name="Language").select_option(language)
    page.keyboard.press("Escape")


def too_wide(page: Page, seen: Locator) -> dict[str, list[str]]:
    """What is wider than the screen, by its width."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 480})
        expect(seen).to_be_visible()
        found[f"{width} px"] = page.evaluate(TOO_WIDE)
    return found


@pytest.mark.parametrize("language", LANGUAGES, ids=["english", "arabic"])
@pytest.mark.parametrize("part", PARTS, ids=attrgetter("__name__"))
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    office: Company, alice: Page, part: Show, language: str
) -> None:
    if language:
        speak(alice, language)
    looks = [each for each in LOOKS if each.language == language]
    dress(alice, looks[0])
    seen = part(alice, office)
    found: dict[str, list[str]] = {}
    for look in looks:
        dress(alice, look)
        expect(seen).to_be_visible()
        found[look.name] = violations(alice)
        if look.width in WIDTHS:
            found |= too_wide(alice, seen)
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("look", LOOKS, ids=attrgetter("name"))
def test_axe_finds_nothing_in_the_log_in_form(visit: Visit, look: Look) -> None:
    page = visit(script=f"Object.defineProperty(navigator, 'languages', {{value: ['{look.language or 'en'}']}})")
    dress(page, look)
    expect(page.get_by_role("button", name=TO_LOG_IN)).to_be_visible()
    assert violations(page) == []


def test_nothing_moves_for_who_wants_that(company: Company, open_page: OpenPage) -> None:
    silent = "delete globalThis.SharedWorker; globalThis.WebSocket = class { close() {} }"
    page = open_page(company.at("alice"), script=silent)
    expect(page.locator("company-chat-navigation .skeleton")).to_be_visible()
    assert page.evaluate(MOVING) > 0
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == 0


def test_axe_is_able_to_find_something(office: Company, alice: Page) -> None:
    expect(contact(alice, office)).to_be_visible()
    alice.evaluate("document.querySelector('company-chat').shadowRoot.append(document.createElement('img'))")
    assert "image-alt" in "".join(violations(alice))


def test_what_is_wider_than_the_screen_is_found(alice: Page) -> None:
    alice.evaluate("document.body.append(Object.assign(document.createElement('pre'), {textContent: 'W'.repeat(999)}))")
    assert "page: " in "".join(alice.evaluate(TOO_WIDE))
