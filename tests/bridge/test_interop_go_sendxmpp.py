"""go-sendxmpp: a command that sends one message, or prints those that come."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat import ids
from localcloud.bridge import Bridge
from tests.bridge.client import text_of
from tests.bridge.conftest import LogIn
from tests.bridge.interop.programs import Lines, need
from tests.company import PASSWORD, Company, now


@pytest.fixture(autouse=True)
def needed() -> None:
    need("go-sendxmpp")


def command(bridge: Bridge, company: Company, *arguments: str, direct: bool = False) -> Lines:
    """It as alice."""
    port = bridge.ports.tls if direct else bridge.ports.starttls
    return Lines(
        ["go-sendxmpp", "-u", company.at("alice"), "-p", PASSWORD, "-j", f"localhost:{port}"]
        + (["-t"] if direct else [])
        + list(arguments),
        lambda line: {"text": line},
        SSL_CERT_FILE=str(bridge.ca_file),
    )


@pytest.mark.parametrize("direct", [False, True])
def test_it_sends_over_each_port(bridge: Bridge, company: Company, log_in: LogIn, direct: bool) -> None:
    bob, carol = log_in("bob"), company.connect("carol")
    sending = command(bridge, company, company.at("bob"), company.at("carol"), direct=direct)
    try:
        sending.write("the night's backup is done")
        assert sending.finish() == 0, list(sending.said)
        bob.body("the night's backup is done")
        assert carol.event("message")["message"]["body"] == "the night's backup is done"
    finally:
        sending.close()


@pytest.fixture
def listening(bridge: Bridge, company: Company) -> Iterator[Lines]:
    made = command(bridge, company, "-l")
    yield made
    made.close()


def test_it_prints_what_webmail_and_others_write(listening: Lines, company: Company, log_in: LogIn) -> None:
    bob, carol = log_in("bob"), company.connect("carol")
    shown = bob.wait(lambda found: (found.get("from") or "").startswith(f"{company.at('alice')}/"), "its presence")
    assert shown.get("type") is None
    bob.message(company.at("alice"), "by XMPP")
    carol.ask("send", id=ids.new(now()), recipient=company.at("alice"), body="by webmail")
    for text in ("by XMPP", "by webmail"):
        listening.wait(lambda event, text=text: text in event["text"], text)  # type: ignore[misc]


def test_it_uploads_a_file_and_sends_its_link(bridge: Bridge, company: Company, log_in: LogIn, tmp_path: Path) -> None:
    bob, file = log_in("bob"), tmp_path / "minutes.txt"
    file.write_text("the minutes of our meeting")
    sending = command(bridge, company, "-h", str(file), company.at("bob"))
    try:
        assert sending.finish() == 0, list(sending.said)
        link = text_of(bob.wait(lambda found: "/files/" in (text_of(found) or ""), "the link")) or ""
        assert re.fullmatch(r"https?://\S+/minutes\.txt", link)
        with urllib.request.urlopen(link) as answer:  # noqa: S310  # the stack's own
            assert answer.read() == file.read_bytes()
    finally:
        sending.close()
