"""The page in Chromium: one browser for all tests, and a context of its own for each log-in.

A test gets what it needs from ``company`` (tests/conftest.py), ``open_page``, ``visit``, ``serve`` and ``complaints``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, Page, expect

from chat.tables import Tables
from chat.tables.directory import Credential
from localcloud.endpoints import Endpoints
from localcloud.page import check_page, serving
from localcloud.problem import Problem
from localcloud.site import DIST, Answer, Site
from scripts import chromium
from tests.browser.complaints import Complaints
from tests.browser.workers import SharedWorkers
from tests.company import PASSWORD, Company
from tests.mailing import Mailbox
from tests.missing import missing

PATIENCE = 20_000
"""Milliseconds for each thing that a test waits for."""


class Serve(Protocol):
    def __call__(self, folder: Path = DIST, **config: Any) -> str: ...


class Visit(Protocol):
    def __call__(self, path: str = "/", *, site: str | None = None, script: str = "", **config: Any) -> Page: ...


class OpenPage(Protocol):
    def __call__(
        self, address: str, path: str = "/", *, password: str = PASSWORD, site: str | None = None, **config: Any
    ) -> Page: ...


class Host(Site):
    """A page of another origin, such as a webmail, that knows no headers of ours."""

    def __init__(self, html: str) -> None:
        super().__init__(DIST, "", "")
        self._html = html.encode()

    def answer(self, method: str, target: str, request: Any) -> Answer:  # noqa: ARG002
        if target == "/":
            return Answer(HTTPStatus.OK, {"Content-Type": "text/html; charset=utf-8"}, self._html)
        return self.refuse(HTTPStatus.NOT_FOUND)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium."""
    path = chromium.find()
    if path is None:
        missing(chromium.ADVICE)
    expect.set_options(timeout=PATIENCE)
    with ExitStack() as until_end:
        try:
            started = until_end.enter_context(chromium.running(path))
        except Problem as problem:
            pytest.fail(str(problem), pytrace=False)
        yield started


@pytest.fixture(scope="session")
def workers(browser: Browser) -> SharedWorkers:
    """All shared workers of the browser."""
    return SharedWorkers(browser)


@pytest.fixture
def complaints(workers: SharedWorkers) -> Iterator[Complaints]:
    """What the test's pages and workers complain of. At the end, what was not allowed fails the test."""
    heard = Complaints()
    workers.forget()
    workers.hear = heard.hear
    yield heard
    workers.hear = None
    assert not heard.unexpected, "the page complained"


@pytest.fixture
def serve(stack: Endpoints) -> Iterator[Serve]:
    """Serve a built page for the test alone, with more in its config.json; returns its address.

    The same folder and config get the same address.
    """
    addresses: dict[tuple[Path, str], str] = {}
    with ExitStack() as until_end:

        def start(folder: Path = DIST, **config: Any) -> str:
            key = (folder, json.dumps(config, sort_keys=True))
            if key not in addresses:
                check_page(folder)
                site = Site(folder, stack.http_url, stack.websocket_url, **config)
                addresses[key] = until_end.enter_context(serving(site))
            return addresses[key]

        yield start


@pytest.fixture
def host() -> Iterator[Callable[[str], str]]:
    """Serve a page of another origin with this HTML, and no headers of ours; returns its address."""
    with ExitStack() as until_end:
        yield lambda html: until_end.enter_context(serving(Host(html)))


@pytest.fixture(scope="session")
def warm(stack: Endpoints, tables: Tables, credential: Credential) -> None:
    """The local cloud's functions have answered once: the first answer of each takes a second and more."""
    company = Company(stack, tables, credential)
    company.add("alice", "bob")
    connection = company.connect("alice")
    for action in ("contacts", "sync", "ping"):
        connection.ask(action)
    connection.ask("watch", contacts=[company.at("bob")])
    connection.ask("communications", contact=company.at("bob"), kind="message")
    connection.ask("search", contact=company.at("bob"), words="warm")
    company.close()


@pytest.fixture
def visit(browser: Browser, warm: None, serve: Serve, complaints: Complaints) -> Iterator[Visit]:
    """Open a page in a context of its own: no storage, nobody logged in. ``config`` goes into config.json.

    ``script`` runs in each page of the context before the page's own.

    More pages of the same person are ``page.context.new_page()``. ``page.wait_for_function`` does not work, since the
    page's policy forbids what it does, and ``page.evaluate`` waits for a promise without end: use ``expect``.
    """
    with ExitStack() as until_end:

        def open_path(path: str = "/", *, site: str | None = None, script: str = "", **config: Any) -> Page:
            context = browser.new_context(base_url=site or serve(**config))
            until_end.callback(context.close)
            context.set_default_timeout(PATIENCE)
            complaints.watch(context)
            if script:
                context.add_init_script(script)
            page = context.new_page()
            page.goto(path)
            return page

        yield open_path


@pytest.fixture
def mailbox(stack: Endpoints) -> Mailbox:
    """The bucket that mail is put into."""
    return Mailbox(stack)


@pytest.fixture
def open_page(visit: Visit) -> OpenPage:
    """Open the page in a context of its own, and log in by its form."""

    def log_in(
        address: str, path: str = "/", *, password: str = PASSWORD, site: str | None = None, **config: Any
    ) -> Page:
        page = visit(path, site=site, **config)
        page.get_by_label("Address").fill(address)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Log in").click()
        return page

    return log_in
