"""The one connection of a browser: lost, half dead, renewed, and shared by its windows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from chat import ids
from chatctl.client import ChatConnection
from localcloud.page import serving
from localcloud.site import DIST, Site
from tests.browser.chat_windows import bodies, log_in, open_window
from tests.browser.complaints import Complaints
from tests.browser.conftest import OpenPage, Visit
from tests.browser.panes import composer, write
from tests.browser.wire import Wire, wire_to
from tests.company import Company, heard, now, until

LOST = re.compile("No connection. Trying again|Connecting")
NO_SHARED_WORKER = "delete globalThis.SharedWorker"


@pytest.fixture
def wire(company: Company, complaints: Complaints) -> Iterator[Wire]:
    """The network of a page; what browsers say of a lost one is no complaint."""
    complaints.allow("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "WebSocket connection to")
    with wire_to(company.stack) as made:
        yield made


@pytest.fixture
def chat(company: Company, wire: Wire, open_page: OpenPage) -> Iterator[Page]:
    """Alice's chat with bob, over the wire."""
    site = Site(DIST, wire.endpoints.http_url, wire.endpoints.websocket_url)
    with serving(site) as address:
        page = open_page(company.at("alice"), f"/chat.html#company-chat/{company.at('bob')}", site=address)
        expect(page.get_by_text("No messages yet")).to_be_visible()
        yield page


Say = Callable[[str], None]


@pytest.fixture
def bob(company: Company) -> ChatConnection:
    return company.connect("bob")


@pytest.fixture
def say(company: Company, bob: ChatConnection) -> Say:
    """Bob writes to alice."""

    def send(body: str) -> None:
        bob.ask("send", id=ids.new(now()), recipient=company.at("alice"), body=body)

    return send


def sent_to(connection: ChatConnection) -> list[str]:
    return [event["message"]["body"] for event in heard(connection) if event["event"] == "message"]


def web_connections(company: Company, local: str) -> set[str]:
    item = company.tables.connections.of(company.address(local)) or {}
    return {name for name in item if name.startswith("web:")}


def test_a_lost_network_is_told_in_the_line_and_not_as_an_alert(chat: Page, wire: Wire) -> None:
    wire.cut()
    expect(chat.get_by_text(LOST).first).to_be_visible()
    expect(chat.get_by_role("alert").filter(has_text=re.compile(r"\S"))).to_have_count(0)


def test_the_line_goes_when_the_network_is_back(chat: Page, wire: Wire) -> None:
    wire.cut()
    expect(chat.get_by_text(LOST).first).to_be_visible()
    wire.mend()
    expect(chat.get_by_text("Connected").first).to_be_visible()
    expect(chat.get_by_text(LOST)).to_have_count(0)


def test_what_is_written_without_a_network_waits_in_sight(chat: Page, wire: Wire) -> None:
    wire.cut()
    expect(chat.get_by_text(LOST).first).to_be_visible()
    write(chat, "later")
    expect(chat.locator(".message", has_text="later").locator(".note")).to_have_text("Waits for the connection")


def test_what_was_written_without_a_network_goes_out_once_and_in_order(
    chat: Page, wire: Wire, bob: ChatConnection
) -> None:
    wire.cut()
    expect(chat.get_by_text(LOST).first).to_be_visible()
    for body in ("one", "two", "three"):
        write(chat, body)
    wire.mend()
    expect(chat.locator(".mark.stored")).to_have_count(3)
    assert sent_to(bob) == ["one", "two", "three"]
    expect(bodies(chat)).to_have_text(["one", "two", "three"])


def test_what_was_written_without_a_network_survives_a_reload(chat: Page, wire: Wire, bob: ChatConnection) -> None:
    wire.cut()
    expect(chat.get_by_text(LOST).first).to_be_visible()
    write(chat, "kept")
    expect(chat.get_by_text("Waits for the connection").first).to_be_visible()
    chat.reload()
    expect(bodies(chat)).to_have_text("kept")
    wire.mend()
    assert bob.event("message")["message"]["body"] == "kept"
    expect(chat.locator(".mark.stored")).to_have_count(1)
    assert sent_to(bob) == []


def test_what_was_missed_arrives_once_and_in_order(chat: Page, wire: Wire, say: Say) -> None:
    say("before")
    expect(bodies(chat)).to_have_text(["before"])
    wire.cut()
    expect(chat.get_by_text(LOST).first).to_be_visible()
    for number in range(5):
        say(f"missed {number}")
    wire.mend()
    expect(bodies(chat)).to_have_text(["before", *(f"missed {number}" for number in range(5))])
    say("after")
    expect(bodies(chat)).to_have_text(["before", *(f"missed {number}" for number in range(5)), "after"])


def test_a_message_whose_reply_was_lost_is_there_once(chat: Page, wire: Wire, bob: ChatConnection) -> None:
    wire.swallow_answers()
    write(chat, "once")
    assert bob.event("message")["message"]["body"] == "once"
    wire.cut()
    expect(chat.get_by_text(LOST).first).to_be_visible()
    wire.mend()
    expect(chat.locator(".mark.stored")).to_have_count(1)
    expect(bodies(chat)).to_have_text(["once"])
    assert sent_to(bob) == []


def test_a_connection_that_is_half_dead_is_noticed_on_waking(chat: Page, wire: Wire, say: Say) -> None:
    wire.silence()
    say("are you there?")
    chat.evaluate("dispatchEvent(new Event('online'))")
    expect(bodies(chat)).to_have_text(["are you there?"])


def test_renewed_connections_lose_and_double_nothing_and_nobody_seems_to_leave(
    company: Company, open_page: OpenPage, bob: ChatConnection, say: Say
) -> None:
    page = open_page(company.at("alice"), f"/chat.html#company-chat/{company.at('bob')}", connection_lifetime=4)
    expect(page.get_by_text("No messages yet")).to_be_visible()
    assert bob.ask("watch", contacts=[company.at("alice")])["presence"][0]["status"] == "available"
    said: list[str] = []
    got: list[str] = []
    used = web_connections(company, "alice")
    while len(used) < 4:
        said += [f"from bob {len(said)}", f"from alice {len(said)}"]
        say(said[-2])
        expect(bodies(page)).to_have_text(said[:-1])
        write(page, said[-1])
        got.append(bob.event("message")["message"]["body"])
        used |= web_connections(company, "alice")
    expect(bodies(page)).to_have_text(said)
    assert got == said[1::2]
    assert [event for event in heard(bob) if event["event"] in ("message", "presence")] == []


@pytest.mark.parametrize("script", ["", NO_SHARED_WORKER], ids=["shared worker", "elected window"])
def test_three_windows_have_one_connection(company: Company, visit: Visit, script: str) -> None:
    page = visit(script=script)
    log_in(page, company.at("alice"))
    windows = [open_window(page, company.at(local)) for local in ("bob", "carol")]
    for window in windows:
        expect(window.get_by_text("No messages yet")).to_be_visible()
    assert len(web_connections(company, "alice")) == 1


@pytest.fixture
def two_windows(company: Company, visit: Visit) -> tuple[Page, Page]:
    """Alice's page, which runs the service for want of a SharedWorker, and her chat with bob beside it."""
    page = visit(script=NO_SHARED_WORKER)
    log_in(page, company.at("alice"))
    window = open_window(page, company.at("bob"))
    expect(window.get_by_text("No messages yet")).to_be_visible()
    return page, window


def test_a_window_goes_on_when_the_one_that_ran_the_service_closes(
    company: Company, two_windows: tuple[Page, Page], bob: ChatConnection, say: Say
) -> None:
    first, window = two_windows
    say("before")
    expect(bodies(window)).to_have_text(["before"])
    first.close()
    say("meanwhile")
    write(window, "from alice")
    assert bob.event("message")["message"]["body"] == "from alice"
    say("after")
    for body in ("before", "meanwhile", "from alice", "after"):
        expect(bodies(window).filter(has_text=body)).to_have_count(1)
    until(lambda: len(web_connections(company, "alice")) == 1)
    assert sent_to(bob) == []


def test_what_is_written_stays_when_the_window_that_ran_the_service_closes(two_windows: tuple[Page, Page]) -> None:
    first, window = two_windows
    composer(window).fill("half a mess")
    first.close()
    expect(composer(window)).to_have_value("half a mess")
    composer(window).press_sequentially("age")
    composer(window).press("Enter")
    expect(window.locator(".mark.stored")).to_have_count(1)
    expect(bodies(window)).to_have_text(["half a message"])
