"""What a thousand received messages cost in memory: in the main page and its worker, and in the chat's window.

Heaps after a collection, less what they were before. The reference keeps the same thousand frames, as the texts that
the WebSocket brought, in an array in a page that has nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from playwright.sync_api import Browser, Page

from bench.browser import Worker, log_in, opened, served
from bench.figures import Figure
from bench.stack import Stack, now, say
from chat import ids
from chatctl import client
from localcloud.seed import PASSWORD, seed

MESSAGES = 1_000
ALICE, BOB = "alice@example.com", "bob@example.com"
BODY = "Message {}: could you look at the Harbour offer before noon? The dates on page two are still last year's."
LIMIT = 8.0
"""Times the reference; the design sets none."""
WINDOW_LIMIT = 20.0
"""Times the reference, with every message on the screen as elements."""


def measure(stack: Stack) -> Iterator[Figure]:
    """Two figures."""
    seed(stack.tables, now())
    with opened() as browser, served(stack) as address:
        context = browser.new_context(base_url=address, locale="en")
        main, chat = context.new_page(), context.new_page()
        main.goto("/")
        log_in(main, ALICE, PASSWORD)
        chat.goto("/chat.html#company-chat/bob%40example.com")
        _receive(stack, range(1))
        chat.get_by_role("log").get_by_text("Message 0:").wait_for()
        heaps = [_heap_of(main), _worker(browser, main), _heap_of(chat)]
        before = [heap() for heap in heaps]
        say(f"page memory: {MESSAGES:,} messages")
        frames = _receive(stack, range(1, MESSAGES + 1))
        chat.get_by_role("log").get_by_text(f"Message {MESSAGES}:").wait_for()
        page, worker, window = (heap() - start for heap, start in zip(heaps, before, strict=True))
        context.close()
        reference = _kept(browser, frames)
    name = f"memory for {MESSAGES:,} messages"
    both = page + worker
    parts = {"page": page, "worker": worker, "frames as text": float(sum(map(len, frames))) / 1000}
    yield Figure(
        f"{name}, page + worker", "KB", both, reference, f"≤ {LIMIT:g} × (own)", both <= LIMIT * reference, parts
    )
    held = window <= WINDOW_LIMIT * reference
    yield Figure(f"{name}, chat window", "KB", window, reference, f"≤ {WINDOW_LIMIT:g} × (own)", held)


def _receive(stack: Stack, numbers: Iterable[int]) -> list[str]:
    """Have Bob write to Alice messages of these numbers; the frames that each of her connections gets."""
    url = stack.endpoints.http_url
    bob, alice = (client.open_connection(url, client.log_in(url, who, PASSWORD)) for who in (BOB, ALICE))
    frames = []
    try:
        for number in numbers:
            bob.ask("send", id=ids.new(now()), recipient=ALICE, body=BODY.format(number))
            frames.append(json.dumps(alice.event("message"), ensure_ascii=False))
            alice.events.clear()
    finally:
        bob.close()
        alice.close()
    return frames


def _kept(browser: Browser, frames: list[str]) -> float:
    page = browser.new_page()
    page.goto("about:blank")
    heap = _heap_of(page)
    before = heap()
    page.evaluate("(frames) => { globalThis.kept = frames; }", frames)
    return heap() - before


def _heap_of(page: Page) -> Callable[[], float]:
    devtools = page.context.new_cdp_session(page)
    return lambda: _heap(devtools.send)


def _worker(browser: Browser, page: Page) -> Callable[[], float]:
    worker = Worker(browser, page)
    return lambda: _heap(worker.send)


def _heap(send: Callable[[str], dict[str, Any]]) -> float:
    """KB in use, with what the engine holds outside of the script's heap where it tells of it."""
    for _ in range(2):  # what the first frees may hold more
        send("HeapProfiler.collectGarbage")
    usage = send("Runtime.getHeapUsage")
    parts = ("usedSize", "embedderHeapUsedSize", "backingStorageSize")
    return float(sum(usage.get(part, 0) for part in parts)) / 1000
