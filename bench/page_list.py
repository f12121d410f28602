"""Ten thousand contacts: the time until the list can be used, and the frames that scrolling it drops.

Beside it a plain page with the same contacts (``bench/plain_page.py``), in the same browser. The two take turns. All
times are the page's own, from the start of the navigation to a frame that has been painted.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterator

from playwright.sync_api import Browser, BrowserContext, Page

from bench import plain_page
from bench.browser import opened, served
from bench.figures import Figure
from bench.stack import Stack, now, say
from bench.store_units import load_users, user
from chat import credentials, directory
from chatctl import client

DOMAIN = "list.example"
USERS = 10_000
PASSWORD = "a password for the list"  # noqa: S105  # of a user that lives for a minute
SPEED = 10_000
"""Pixels a second: some two hundred of our rows, as a hard push of a wheel makes them pass."""
SECONDS = 5
LATER = 5
"""Visits after the first one, of which there is one: its hundred pages take the local store about a minute."""
KEEPING = 2_000
"""Milliseconds that a visit goes on, so that what was fetched is kept."""
SCROLLS = 3
FIRST_LIMIT = 2_000
"""Milliseconds until the first rows, with a log-in that hashes a password; the design sets none."""
LATE = 1.5
"""Intervals of the display after which a frame counts as dropped."""

_DEEP = """
const deep = (...path) => path.reduce((node, each) => (node?.shadowRoot ?? node)?.querySelector(each), document);
"""
_USE = """
globalThis.usable = new Promise((resolve) => {
  let rows;
  let over = false;
  const write = (field, value) => {
    field.value = value;
    field.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
  };
  const look = () => {
    if (over) return;
    requestAnimationFrame(look);
    const form = deep("company-chat", "company-chat-log-in", "form");
    if (form && !form.dataset.sent) {
      form.dataset.sent = "sent";
      write(form.querySelector("#address"), WHO.address);
      write(form.querySelector("#password"), WHO.password);
      form.requestSubmit();
    }
    const pane = ["company-chat", "company-chat-main", "company-chat-navigation"];
    const row = deep(...pane, "company-chat-contact-list", ".row");
    const box = deep(...pane, "input");
    if (row && !rows) requestAnimationFrame(() => { rows ??= performance.now(); });
    if (rows && box && box.value !== WHO.last) write(box, WHO.last);
    if (rows && row?.querySelector(".name")?.textContent === WHO.last) {
      over = true;
      requestAnimationFrame(() => resolve({ rows, usable: performance.now() }));
    }
  };
  requestAnimationFrame(look);
});
"""
"""Logs in where it is asked to, as fast as a form can be filled; then searches for the last of all contacts."""

_SCROLL = """
async ([path, speed, seconds]) => {
  const deep = (...path) => path.reduce((node, each) => (node?.shadowRoot ?? node)?.querySelector(each), document);
  const scroller = path.length ? deep(...path) : document.scrollingElement;
  const frame = () => new Promise(requestAnimationFrame);
  const intervals = async (end, each) => {
    const start = await frame();
    const found = [];
    for (let last = start; last - start < end; ) {
      each(last - start);
      const next = await frame();
      found.push(next - last);
      last = next;
    }
    return found;
  };
  scroller.scrollTop = 0;
  const idle = await intervals(1000, () => undefined);
  const scrolling = await intervals(seconds * 1000, (passed) => { scroller.scrollTop = (passed * speed) / 1000; });
  return { idle, scrolling, reached: scroller.scrollTop };
}
"""
_SCROLLER = ["company-chat", "company-chat-main", "company-chat-navigation", "company-chat-contact-list", ".scroller"]


def measure(stack: Stack) -> Iterator[Figure]:
    """Three figures of times, one of frames."""
    say(f"page list: loading a domain of {USERS:,} users")
    load_users(stack.tables, DOMAIN, USERS)
    alice = user(DOMAIN, 0)
    directory.set_password(stack.tables, alice, credentials.derive(PASSWORD, now() - 1000))
    plain_page.write(stack.folder / "plain", stack, DOMAIN)
    who = {"address": str(alice), "password": PASSWORD, "last": f"Person Number {USERS - 1}"}
    script = f"{_DEEP}const WHO = {json.dumps(who)};{_USE}"
    _wake(stack, str(alice))
    with opened() as browser, served(stack) as ours, served(stack, stack.folder / "plain") as plain:
        both = _context(browser, ours, script), _context(browser, plain)
        yield from _times(both)
        yield _frames(both)


def _wake(stack: Stack, address: str) -> None:
    """Have the functions started that a log-in calls: how long that takes is a figure of its own."""
    url = stack.endpoints.http_url
    connection = client.open_connection(url, client.log_in(url, address, PASSWORD))
    try:
        connection.ask("ping")
        connection.ask("contacts")
        connection.ask("watch", contacts=[])
    finally:
        connection.close()


def _times(both: tuple[BrowserContext, BrowserContext]) -> Iterator[Figure]:
    say(f"page list: a first visit, and {LATER} more")
    firsts, *rest = [(_visit(both[0]), _visit(both[1])) for _ in range(LATER + 2)]
    later = rest[1:]  # the visit before compiles what was loaded twice, and keeps the code
    kinds = [
        ("first visit with log-in → first rows", [firsts], "rows", f"≤ {FIRST_LIMIT:,} (own)", FIRST_LIMIT),
        ("first visit with log-in → all, and filter answers", [firsts], "usable", "told", math.inf),
        ("later visit → filter answers", later, "usable", "≤ 1 ×", None),
    ]
    for name, visits, key, target, limit in kinds:
        mine = [mine[key] for mine, _ in visits]
        others = [other[key] for _, other in visits]
        middle, reference = statistics.median(mine), statistics.median(others)
        held = middle <= (reference if limit is None else limit)
        measured = {"fastest": min(mine), "slowest": max(mine), "fastest reference": min(others)}
        yield Figure(f"{USERS:,} contacts, {name}", "ms", middle, reference, target, held, measured)


def _frames(both: tuple[BrowserContext, BrowserContext]) -> Figure:
    say(f"page list: scrolling {SCROLLS} times")
    pages = [(both[0].new_page(), _SCROLLER), (both[1].new_page(), list[str]())]
    dropped: list[list[int]] = [[], []]
    shown = 0
    for page, _ in pages:
        page.goto("/")
        page.evaluate("usable")
    pages[0][0].get_by_role("searchbox", name="Chat with…").fill("")
    for _ in range(SCROLLS):
        for number, (page, path) in enumerate(pages):
            page.bring_to_front()
            late, shown = _scroll(page, path)
            dropped[number].append(late)
    mine, other = (statistics.median(each) for each in dropped)
    name = f"{USERS:,} contacts, frames dropped in {SECONDS} s of scrolling"
    measured: dict[str, float] = {"frames shown": shown, "most": max(dropped[0]), "most of reference": max(dropped[1])}
    return Figure(name, "frames", mine, other, "≤ reference", mine <= other, measured)


def _scroll(page: Page, path: list[str]) -> tuple[int, int]:
    """How many frames came late, and how many there were."""
    found = page.evaluate(_SCROLL, [path, SPEED, SECONDS])
    assert found["reached"] > SPEED * SECONDS * 0.9, found["reached"]
    display = statistics.median(found["idle"])
    late = [each for each in found["scrolling"] if each > LATE * display]
    return len(late), len(found["scrolling"])


def _context(browser: Browser, address: str, script: str = "") -> BrowserContext:
    context = browser.new_context(base_url=address, locale="en", viewport={"width": 1440, "height": 900})
    if script:
        context.add_init_script(script)
    return context


def _visit(context: BrowserContext) -> dict[str, float]:
    """Milliseconds from the navigation to the first rows, and until the list can be used."""
    page = context.new_page()
    page.goto("/")
    found: dict[str, float] = page.evaluate("usable")
    page.wait_for_timeout(KEEPING)
    page.close()
    return found
