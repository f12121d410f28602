"""HTTP upload (XEP-0363): a slot, the file by PUT, and the link, which reaches webmail as text."""

from __future__ import annotations

import urllib.error
import urllib.request
from xml.etree.ElementTree import Element

from bridge.names import UPLOAD
from chat.files import MAX_FILE
from tests.bridge.client import XmppClient, condition
from tests.bridge.conftest import LogIn
from tests.company import Company

FILE = b"the minutes of our meeting"


def ask(client: XmppClient, name: str, size: object, kind: str = "text/plain", to: str | None = None) -> Element:
    request = f"<request xmlns='{UPLOAD}' filename='{name}' size='{size}' content-type='{kind}'/>"
    return client.ask("get", request, to or client.domain)


def slot(answer: Element) -> tuple[str, str]:
    """Where the file is put, and where it is got."""
    put, get = (answer.find(f"{{{UPLOAD}}}slot/{{{UPLOAD}}}{name}") for name in ("put", "get"))
    assert put is not None
    assert get is not None
    return put.get("url", ""), get.get("url", "")


def fetch(url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    """The status and body of a request; redirections are followed."""
    headers = {"content-type": "text/plain"} if body is not None else {}
    request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310  # the stack's own
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_a_file_is_put_and_its_link_reaches_webmail_and_clients(company: Company, log_in: LogIn) -> None:
    alice, bob, page = log_in("alice"), log_in("bob"), company.connect("bob")
    put, get = slot(ask(alice, "minutes &amp; more.txt", len(FILE)))
    assert fetch(put, "PUT", FILE)[0] == 200
    alice.message(company.at("bob"), get, f"<x xmlns='jabber:x:oob'><url>{get}</url></x>")
    assert bob.body(get).findtext("{jabber:x:oob}x/{jabber:x:oob}url") == get
    link = page.event("message")["message"]["body"]
    assert fetch(link) == (200, FILE)


def test_a_file_that_is_sent_is_among_the_attachments_of_both(company: Company, log_in: LogIn) -> None:
    alice, page = log_in("alice"), company.connect("bob")
    _, get = slot(ask(alice, "minutes &amp; more.txt", len(FILE)))
    alice.message(company.at("bob"), get, f"<x xmlns='jabber:x:oob'><url>{get}</url></x>")
    told = page.event("communication", contact=company.at("alice"))["communication"]
    facts = {"title": "minutes & more.txt", "url": get, "direction": "received"}
    assert facts.items() <= told.items()
    for connection, contact, direction in ((page, "alice", "received"), (company.connect("alice"), "bob", "sent")):
        [listed] = connection.ask("communications", contact=company.at(contact), kind="attachment")["communications"]
        assert (facts | {"direction": direction}).items() <= listed.items()


def test_a_slot_can_be_had_from_the_service_by_its_name(company: Company, log_in: LogIn) -> None:
    put, get = slot(ask(log_in("alice"), "minutes.txt", len(FILE), to=f"upload.{company.domain}"))
    assert fetch(put, "PUT", FILE)[0] == 200
    assert fetch(get) == (200, FILE)


def test_a_file_of_another_size_is_refused(company: Company, log_in: LogIn) -> None:
    put, get = slot(ask(log_in("alice"), "minutes.txt", len(FILE)))
    assert fetch(put, "PUT", FILE + b" and more")[0] in (400, 403)
    assert fetch(get)[0] == 404


def test_a_file_that_is_too_large_is_told_the_limit(company: Company, log_in: LogIn) -> None:
    answer = ask(log_in("alice"), "film.mkv", MAX_FILE + 1)
    assert condition(answer) == "not-acceptable"
    limit = answer.findtext(f".//{{{UPLOAD}}}file-too-large/{{{UPLOAD}}}max-file-size")
    assert limit == str(MAX_FILE)


def test_a_slot_that_cannot_be_given_is_refused(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    for size in ("", "-1", "many", "1" * 20):
        assert condition(ask(alice, "a.txt", size)) == "bad-request", size
    assert condition(ask(alice, "a.txt", 0)) == "not-acceptable"
    for name in ("", "../a.txt", "x" * 300):
        assert condition(ask(alice, name, 1)) == "not-acceptable", name
    assert condition(ask(alice, "a.txt", 1, "no type")) == "not-acceptable"


def test_slots_are_the_servers_to_give(company: Company, log_in: LogIn) -> None:
    assert condition(ask(log_in("alice"), "a.txt", 1, to=company.at("bob"))) == "service-unavailable"
