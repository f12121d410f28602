"""Compressed JavaScript of what a browser loads for the main page and a chat window."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from bench.browser import log_in, opened
from bench.figures import Figure
from bench.stack import Stack, now, say
from localcloud.page import serving
from localcloud.seed import PASSWORD, seed
from localcloud.site import DIST, Answer, Site

LIMIT = 60.0
"""KB of 1,000 bytes, compressed, for everything."""


class Watched(Site):
    """A site that notes which paths are asked for: a browser tells nobody what its workers load."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(DIST, stack.endpoints.http_url, stack.endpoints.websocket_url)
        self.asked: set[str] = set()

    def answer(self, method: str, target: str, request: Mapping[str, str]) -> Answer:
        self.asked.add(urlsplit(target).path)
        return super().answer(method, target, request)


def measure(stack: Stack) -> Iterator[Figure]:
    """One figure; what each script weighs stands behind it."""
    seed(stack.tables, now())
    say("page size: loading the page and a chat window")
    watched = Watched(stack)
    with opened() as browser, serving(watched) as address:
        context = browser.new_context(base_url=address, locale="en")
        page = context.new_page()
        page.goto("/")
        log_in(page, "alice@example.com", PASSWORD)
        chat = context.new_page()
        chat.goto("/chat.html#company-chat/bob%40example.com")
        chat.get_by_label("Message to Bob Baker").wait_for()
    scripts = sorted(path for path in watched.asked if path.endswith(".js"))
    sizes = {path: len(gzip.compress((watched.folder / path[1:]).read_bytes(), 9)) / 1000 for path in scripts}
    total = sum(sizes.values())
    yield Figure("JavaScript of page and window, gzip -9", "KB", total, LIMIT, f"≤ {LIMIT:.0f}", total <= LIMIT, sizes)
