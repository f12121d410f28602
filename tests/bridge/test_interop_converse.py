"""Converse.js in Chromium: a person logs in over the WebSocket, sees the colleagues, chats with webmail, and finds what
was said again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from chat import ids
from localcloud.bridge import Bridge
from scripts import chromium
from scripts.xmpp_clients import INTEROP
from tests.bridge.client import PATIENCE
from tests.company import PASSWORD, Company, now
from tests.missing import missing

VIEWPORT = {"width": 1200, "height": 800}


class Files(SimpleHTTPRequestHandler):
    """Serves the client's files, and says nothing of it."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium."""
    path = chromium.find()
    if path is None:
        missing(chromium.ADVICE)
    expect.set_options(timeout=3 * PATIENCE * 1000)  # it loads 2 MB of scripts
    with chromium.running(path) as started:
        yield started


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of Converse.js."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(INTEROP)))
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/converse.html"
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def converse(browser: Browser, site: str, bridge: Bridge, company: Company) -> Iterator[Callable[[str], Page]]:
    """Open Converse.js for a user, in a profile of its own."""
    with ExitStack() as until_the_end:

        def start(local: str) -> Page:
            context = browser.new_context(viewport=VIEWPORT, ignore_https_errors=True)  # type: ignore[arg-type]
            until_the_end.callback(context.close)
            socket = f"wss://localhost:{bridge.ports.websocket}/xmpp-websocket"
            page = context.new_page()
            page.goto(f"{site}?{urlencode({'jid': company.at(local), 'password': PASSWORD, 'socket': socket})}")
            expect(page.locator("converse-roster").get_by_text("Bob")).to_be_visible()
            return page

        yield start


def open_chat(page: Page, name: str) -> None:
    page.locator("converse-roster").get_by_text(name).first.click()  # who has written is among the new ones as well
    expect(page.locator("textarea.chat-textarea")).to_be_visible()


def test_a_person_chats_with_webmail_in_converse(converse: Callable[[str], Page], company: Company) -> None:
    carol = company.connect("carol")
    company.remember("carol", "alice", ids.new(now() - 3_600_000), "an hour ago")
    page = converse("alice")
    roster = page.locator("converse-roster")
    expect(roster.get_by_text("Test")).to_be_visible()  # the department
    open_chat(page, "Carol")
    expect(page.locator("converse-chat-message").filter(has_text="an hour ago")).to_be_visible()
    page.fill("textarea.chat-textarea", "by Converse")
    page.press("textarea.chat-textarea", "Enter")
    assert carol.event("message")["message"]["body"] == "by Converse"
    carol.ask("send", id=ids.new(now()), recipient=company.at("alice"), body="by webmail")
    expect(page.locator("converse-chat-message").filter(has_text="by webmail")).to_have_count(1)

    elsewhere = converse("alice")  # which has kept nothing, and asks the archive
    open_chat(elsewhere, "Carol")
    messages = elsewhere.locator("converse-chat-message")
    expect(messages).to_contain_text(["an hour ago", "by Converse", "by webmail"])
    expect(messages.filter(has_text="by Converse")).to_have_count(1)
