"""Pictures of every view of the page, into ``.local/screenshots/``, to be looked at: ``make screenshots``.

A stack of its own with the demo people; for each width and language a browser context of Alice's that walks through all
views, and a picture of each in both themes: ``<view>-<language>-<width>-<theme>.png``. Nothing here goes by texts, so
that it works in every language.
"""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from playwright.sync_api import Browser, Locator, Page, expect

from chat import ids
from chat.aws.mail import MailLibrary
from chat.mail import indexing, reading
from chatctl import client
from localcloud.cloud import client as client_of
from localcloud.cloud import free_port
from localcloud.demo_mail import mailbox
from localcloud.demo_mail.composing import compose
from localcloud.endpoints import LOCAL, Endpoints
from localcloud.page import check_page, serving
from localcloud.problem import Problem
from localcloud.run import running, tables_of
from localcloud.seed import PASSWORD
from localcloud.site import DIST, Site
from scripts import chromium

FOLDER = LOCAL / "screenshots"
HEIGHTS = {1440: 900, 820: 1100, 390: 780}
VARIANTS = [("en", 1440), ("en", 820), ("en", 390), ("ar", 1440), ("ar", 390)]
THEMES = ("light", "dark")
TOUCH = 600
"""Pixels below which a screen is a phone's."""
POPUP = {"width": 440, "height": 640}
"""Of a chat window that the page opens."""
ALICE, BOB, TEAM = "alice@example.com", "bob@example.com", "salesteam@example.com"
STATUSES = {"carol": "away", "erin": "busy", "dave": "available"}
NEWS = {
    "en": ["The Harbour people ask for one more copy.", "Shall I send it, or will you? https://example.com/harbour"],
    "ar": ["يطلب أهل الميناء نسخة أخرى.", "هل أرسلها أنا أم أنت؟ https://example.com/harbour"],
}

_FAIL = """
async (message) => {
  const request = indexedDB.open("company-chat");
  const db = await new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
  const { api } = await (await fetch("config.json")).json();
  const change = db.transaction("kept", "readwrite");
  change.objectStore("kept").put([message], `${api} outbox`);
  await new Promise((resolve) => { change.oncomplete = resolve; });
  db.close();
}
"""
"""Leaves a message that could not be sent, as a service that ended then would have."""


def main() -> None:
    path = chromium.find()
    if path is None:
        sys.exit(chromium.ADVICE)
    expect.set_options(timeout=30_000)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    try:
        check_page(DIST)
        with TemporaryDirectory(prefix="screenshots-") as folder, running(Path(folder), free_port()) as stack:
            _take(stack, path)
    except Problem as problem:
        sys.exit(str(problem))
    print(f"{len(list(FOLDER.iterdir()))} pictures in {FOLDER}")


def _take(stack: Endpoints, path: str) -> None:
    with ExitStack() as until_end:
        address = until_end.enter_context(serving(Site(DIST, stack.http_url, stack.websocket_url)))
        browser = until_end.enter_context(chromium.running(path))
        _index_mail(stack)
        people = {local: _connect(stack, local) for local in ("bob", *STATUSES)}
        for local, status in STATUSES.items():
            people[local].ask("presence", status=status)
        for language, width in VARIANTS:
            Tour.begin(browser, address, people["bob"], language, width).walk()
        for connection in people.values():
            connection.close()


def _index_mail(stack: Endpoints) -> None:
    """Index the demo's mail, beside the indexer, which would take longer."""
    tables, library = tables_of(stack), MailLibrary(partial(client_of, "s3", stack.cloud), stack.mail_bucket)
    for draft in mailbox.drafts(_now()):
        if {draft.sender.address, *draft.envelope.recipients} >= {ALICE, BOB}:
            indexing.index(tables, library, reading.read(compose(draft), draft.at, draft.envelope), draft.at)


def _connect(stack: Endpoints, local: str) -> client.ChatConnection:
    connection = client.open_connection(stack.http_url, client.log_in(stack.http_url, f"{local}@example.com", PASSWORD))
    connection.ask("watch", contacts=[])
    return connection


def _now() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Tour:
    """Alice's way through all views, in one language and width."""

    page: Page
    bob: client.ChatConnection
    language: str
    width: int

    @classmethod
    def begin(cls, browser: Browser, address: str, bob: client.ChatConnection, language: str, width: int) -> Tour:
        phone = width < TOUCH
        context = browser.new_context(
            base_url=address,
            locale=language,
            viewport={"width": width, "height": HEIGHTS[width]},
            has_touch=phone,
            is_mobile=phone,
        )
        context.set_default_timeout(30_000)
        return cls(context.new_page(), bob, language, width)

    def walk(self) -> None:
        """Take all pictures."""
        self._enter()
        self._main()
        self._menus()
        self._windows()
        self._unsent()
        self.page.context.close()

    def _enter(self) -> None:
        self.page.goto("/")
        self._field("#address").fill(ALICE)
        self._field("#password").fill("not her password")
        self._field("button.primary").click()
        expect(self._field(".notice.bad")).to_be_visible()
        self._shoot(self.page, "log-in")
        self._field("#password").fill(PASSWORD)
        self._field("button.primary").click()

    def _main(self) -> None:
        page = self.page
        expect(self._row("Karl Keller").locator("company-chat-presence")).to_have_count(1)
        for body in NEWS[self.language]:
            self.bob.ask("send", id=ids.new(_now()), recipient=ALICE, body=body)
        expect(self._row("Bob Baker").locator(".badge")).to_be_visible()
        self._shoot(page, "contacts")
        self._select("Bob Baker")
        page.locator("company-chat-conversation-list [role=option]").nth(1).click()
        self._shoot(page, "person")
        self._mail()
        page.get_by_role("tab").first.click()
        self._back()
        self._select("Sales Team")
        self._shoot(page, "alias")
        self._back()
        page.locator("company-chat-navigation input").fill("nobody at all")
        self._shoot(page, "filter-nothing")
        page.locator("company-chat-navigation input").fill("eng")
        self._shoot(page, "filter")
        page.locator("company-chat-navigation input").fill("")

    def _mail(self) -> None:
        """Messages, appointments and files with Bob, one that is read, and searches."""
        page, listed = self.page, self.page.locator("company-chat-communication-list li")
        for number, name in ((1, "messages"), (2, "appointments"), (3, "attachments")):
            page.get_by_role("tab").nth(number).click()
            expect(listed.first).to_be_visible()
            page.get_by_role("tab").nth(number).evaluate("(tab) => tab.scrollIntoView({block: 'center'})")
            self._shoot(page, f"tab-{name}")
        listed.locator("button.from").first.click()
        expect(page.locator("company-chat-mail h2")).to_be_visible()
        self._shoot(page, "mail")
        page.locator("company-chat-mail .back").click()
        box, found = page.locator("company-chat-preview input"), page.locator("company-chat-search-results")
        for words, view, shown in (("harb", "search", "li"), ("submarine", "search-nothing", ".empty")):
            box.fill(words)
            expect(found.locator(shown).first).to_be_visible()
            self._shoot(page, view)
        box.fill("")

    def _menus(self) -> None:
        page = self.page
        for name in ("settings", "status-menu"):
            page.locator(f"company-chat-{name} .opener").click()
            self._shoot(page, name)
            page.keyboard.press("Escape")
        self._choose(3)
        expect(page.locator("company-chat-main div.line:has(> span + button)")).to_be_visible()
        self._shoot(page, "offline")
        offline = self._window(BOB)
        expect(offline.locator("company-chat-composer textarea")).to_be_visible()
        self._shoot(offline, "chat-offline")
        offline.close()
        self._choose(0)
        expect(page.locator("company-chat-main div.line:has(> span + button)")).to_have_count(0)

    def _windows(self) -> None:
        """The windows of chats, with a message that could not be sent."""
        failed = {"contact": BOB, "body": "I will call them at noon.", "phase": "failed", "problem": {"code": "busy"}}
        self.page.evaluate(_FAIL, {"id": ids.new(_now()), "at": _now(), **failed})
        self.page.close()  # and with it the service, which reads what is kept when it begins again
        chat = self.page = self._window(BOB)
        expect(chat.get_by_text(NEWS[self.language][0]).last).to_be_visible()
        expect(chat.get_by_text(str(failed["body"]))).to_be_visible()
        expect(chat.locator("company-chat-state-line p")).to_have_count(0)
        self.bob.ask("typing", contact=ALICE, active=True)
        expect(chat.locator("company-chat-window")).to_contain_text("…")
        self._field("company-chat-composer textarea").fill("https://example.com/harbour")
        self._shoot(chat, "chat")
        if self.width > TOUCH:
            chat.set_viewport_size(POPUP)  # type: ignore[arg-type]
            self._shoot(chat, "chat-popup")
        team = self._window(TEAM)
        expect(team.locator(".message")).not_to_have_count(0)
        self._shoot(team, "chat-alias")
        team.close()
        found = self.bob.ask("conversations", contact=ALICE)["conversations"]
        transcript = self._window(BOB, found[-1]["id"])
        expect(transcript.locator(".message")).not_to_have_count(0)
        self._shoot(transcript, "transcript")
        transcript.close()

    def _unsent(self) -> None:
        """The page in another one, and logging out while a message is not sent."""
        page = self.page = self.page.context.new_page()
        page.goto("/embed.html")
        expect(self._row("Karl Keller").locator("company-chat-presence")).to_have_count(1)
        self._shoot(page, "embedded")
        page.locator("company-chat-status-menu .opener").click()
        page.get_by_role("menuitem").last.click()
        self._shoot(page, "log-out")

    def _window(self, contact: str, conversation: str = "") -> Page:
        window = self.page.context.new_page()
        window.goto(
            "/chat.html#company-chat/" + "/".join(quote(each, safe="") for each in (contact, conversation) if each)
        )
        return window

    def _row(self, name: str) -> Locator:
        return self.page.locator("company-chat-contact-list [role=option]").filter(has_text=name)

    def _field(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def _select(self, name: str) -> None:
        self._row(name).click()
        expect(self.page.locator("company-chat-content h2")).to_have_text(name)
        expect(self.page.locator("company-chat-content .skeleton")).to_have_count(0)
        expect(self.page.locator("company-chat-preview .skeleton")).to_have_count(0)

    def _back(self) -> None:
        """On a phone: to the list."""
        if self.width < TOUCH:
            self.page.locator("company-chat-main .back").click()

    def _choose(self, number: int) -> None:
        self.page.locator("company-chat-status-menu .opener").click()
        self.page.get_by_role("menuitemradio").nth(number).click()

    def _shoot(self, page: Page, view: str) -> None:
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
            path = FOLDER / f"{view}-{self.language}-{self.width}-{theme}.png"
            page.screenshot(path=path, animations="disabled")


if __name__ == "__main__":
    main()
