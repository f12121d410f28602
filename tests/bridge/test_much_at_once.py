"""What is much for a client is sent as fast as the client takes it, and is never taken for its silence."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from bridge.acks import MAX_UNACKED, WINDOW
from bridge.names import CLIENT, MAM, RSM, SM
from bridge.turns import MAX_TURNS
from chat import ids
from tests.bridge.client import XmppClient, condition
from tests.bridge.conftest import LogIn
from tests.company import Company, now

KEPT = 120
PAGE = 100
RESULT = f"{{{MAM}}}result"
IQ = f"{{{CLIENT}}}iq"


@pytest.fixture
def alice(company: Company, log_in: LogIn) -> XmppClient:
    """A client with acknowledgements whose archive has more than a page."""
    for number in range(KEPT):
        company.remember("bob", "alice", ids.new(now() - 1000 * (KEPT - number)), f"number {number}")
    client = log_in("alice", present=False)
    client.enable()
    return client


def ask_for_pages(client: XmppClient, count: int) -> None:
    paging = f"<set xmlns='{RSM}'><max>{PAGE}</max></set>"
    for number in range(count):
        client.stanza(f"<iq type='set' id='page{number}'><query xmlns='{MAM}'>{paging}</query></iq>")


def is_page(number: int, found: Element) -> bool:
    return found.tag == IQ and found.get("id") == f"page{number}"


def wait_for_page(client: XmppClient, number: int) -> Element:
    """The answer to a query; what the server asks meanwhile is acknowledged."""
    while True:
        found = client.wait(lambda each: is_page(number, each) or each.tag == f"{{{SM}}}r")
        if found.tag == IQ:
            return found
        client.send(f"<a xmlns='{SM}' h='{client.handled}'/>")


def test_pages_that_are_asked_for_together_all_come(alice: XmppClient) -> None:
    count = MAX_UNACKED // PAGE
    ask_for_pages(alice, count)
    for number in range(count):
        assert wait_for_page(alice, number).get("type") == "result"
    results = [each for each in alice.received if each.find(RESULT) is not None]
    assert len(results) == count * PAGE


def test_who_acknowledges_nothing_is_sent_no_more_and_served_all_the_same(company: Company, alice: XmppClient) -> None:
    ask_for_pages(alice, 10)
    alice.ask("get", "<ping xmlns='urn:xmpp:ping'/>")
    alice.message(company.at("bob"), "still here")
    seen = alice.settled()
    assert sum(each.find(RESULT) is not None for each in seen) <= WINDOW
    alice.send(f"<a xmlns='{SM}' h='{alice.handled}'/>")
    for number in range(WINDOW // PAGE, 10):
        assert wait_for_page(alice, number).get("type") == "result"


def test_too_many_queries_at_once_are_refused(alice: XmppClient) -> None:
    pages = WINDOW // PAGE + 1 + MAX_TURNS + 1
    ask_for_pages(alice, pages)
    assert condition(alice.wait(lambda each: is_page(pages - 1, each))) == "resource-constraint"
