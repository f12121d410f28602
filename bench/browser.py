"""Chromium for the figures of the page: a page before the measured stack, a log-in, and what DevTools tell."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from bench.stack import Stack
from localcloud.page import check_page, serving
from localcloud.problem import Problem
from localcloud.site import DIST, Site
from scripts import chromium

PATIENCE = 60.0
"""Seconds for what a page does."""


@contextmanager
def opened() -> Iterator[Browser]:
    """The machine's Chromium.

    Raises:
        Problem: it has none.
    """
    path = chromium.find()
    if path is None:
        raise Problem(chromium.ADVICE)
    with chromium.running(path) as browser:
        yield browser


@contextmanager
def served(stack: Stack, folder: Path = DIST) -> Iterator[str]:
    """The address of a folder's pages, served as the built page is."""
    check_page(folder)
    with serving(Site(folder, stack.endpoints.http_url, stack.endpoints.websocket_url)) as address:
        yield address


def log_in(page: Page, address: str, password: str) -> None:
    """Log in by the form, and wait for the contacts."""
    page.get_by_label("Address").fill(address)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("option").first.wait_for()


class Worker:
    """The one shared worker of a browser, by the DevTools protocol: Playwright knows pages alone."""

    def __init__(self, browser: Browser, page: Page) -> None:
        self._page = page
        self._devtools = browser.new_browser_cdp_session()
        self._replies: dict[int, dict[str, Any]] = {}
        self._devtools.on("Target.receivedMessageFromTarget", self._receive)
        targets = self._devtools.send("Target.getTargets")["targetInfos"]
        (found,) = (each["targetId"] for each in targets if each["type"] == "shared_worker")
        attached = self._devtools.send("Target.attachToTarget", {"targetId": found, "flatten": False})
        self._session: str = attached["sessionId"]
        self._count = 0

    def send(self, method: str) -> dict[str, Any]:
        """The result of a command without parameters."""
        self._count += 1
        message = json.dumps({"id": self._count, "method": method})
        self._devtools.send("Target.sendMessageToTarget", {"sessionId": self._session, "message": message})
        deadline = time.monotonic() + PATIENCE
        while self._count not in self._replies:
            assert time.monotonic() < deadline, f"no answer to {method}"
            self._page.wait_for_timeout(10)  # takes events meanwhile
        reply = self._replies.pop(self._count)
        assert "error" not in reply, reply
        found: dict[str, Any] = reply["result"]
        return found

    def _receive(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        if "id" in message:
            self._replies[message["id"]] = message
