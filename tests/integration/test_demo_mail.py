"""The demo mailbox the real way: bucket, queue, indexer, tables, tabs; stopped in the middle and gone on with."""

from __future__ import annotations

import signal
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from chat.addresses import Address
from chat.tables import Tables
from chat.tables.communications import Correspondence
from chatctl.client import ChatConnection, log_in, open_connection
from localcloud.cloud import free_port
from localcloud.demo_mail import mailbox, seeding
from localcloud.demo_mail.composing import Draft
from localcloud.endpoints import Endpoints
from localcloud.seed import PASSWORD
from tests.integration.test_run import ENVIRONMENT, command
from tests.mailing import Mailbox, listed, titles

THREADS = {"Harbour signed", "Your order for the planner", "Load test on Thursday night", "リリース手順の確認"}
MEETINGS = {"Sales round", "Harbour Line: the planner, live", "Fire drill", "Support: a quarter in review"}
TICKETS = {"Which addresses does the planner use?", "Terms of support"}
PARTS = THREADS | MEETINGS | TICKETS | {"Figures for the board", "Requests from the web site"}


def some(start: int) -> list[Draft]:
    """A part of the demo that has everything."""
    return [draft for draft in whole(start) if draft.subject.rpartition("Re: ")[2] in PARTS or about(draft) in MEETINGS]


def about(draft: Draft) -> str:
    return draft.subject.partition(": ")[2]


whole = mailbox.drafts


class Bucket:
    """The bucket as mail is put into it; stops whoever does so after a few."""

    def __init__(self, s3: Any, stopped: Event, few: int) -> None:
        self._s3 = s3
        self._stopped = stopped
        self._few = few
        self.keys: list[str] = []

    def put_object(self, **request: Any) -> None:
        self._s3.put_object(**request)
        self.keys.append(request["Key"])
        if len(self.keys) == self._few:
            self._stopped.set()


@pytest.fixture(scope="module")
def seeded(stack: Endpoints, tables: Tables, aws: Callable[[str], Any]) -> list[list[str]]:
    """A part of the demo in the stack, put in by three runs of which the first was stopped; what each has put."""
    runs = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mailbox, "drafts", some)
        for few in (5, 1000, 1000):
            stopped = Event()
            bucket = Bucket(aws("s3"), stopped, few)
            is_through = seeding.seed(tables, bucket, stack.mail_bucket, print, stopped)
            assert is_through == (few == 1000)
            runs.append(bucket.keys)
    Mailbox(stack).wait_until_done(patience=400)
    return runs


def person(stack: Endpoints, address: str) -> ChatConnection:
    return open_connection(stack.http_url, log_in(stack.http_url, address, PASSWORD))


def test_a_run_that_was_stopped_is_gone_on_with_and_nothing_is_done_again(seeded: list[list[str]]) -> None:
    first, second, third = map(set, seeded)
    expected = {f"incoming/demo/{draft.id}" for draft in some(1_767_258_000_000)}
    assert len(first) == 5
    assert first | second == expected
    assert third == set()


@pytest.mark.usefixtures("seeded")
def test_nothing_of_the_demo_is_unreadable(stack: Endpoints) -> None:
    mailbox = Mailbox(stack)
    assert [key for key in mailbox.keys("unreadable/") if "demo" in key] == []


@pytest.mark.usefixtures("seeded")
def test_the_tabs_of_two_colleagues(stack: Endpoints) -> None:
    alice, bob = person(stack, "alice@example.com"), "bob@example.com"
    messages = titles(alice, bob)
    assert {"Harbour signed", "Re: Harbour signed", "Re: Your order for the planner"} <= set(messages)
    assert {each["direction"] for each in listed(alice, bob)} == {"sent", "received"}
    assert {"Contract Harbour Line signed.pdf", "Order 4711.pdf"} <= set(titles(alice, bob, "attachment"))
    coming = titles(alice, bob, "appointment")
    assert set(coming) == {"Sales round", "Harbour Line: the planner, live"}
    found = {each["title"]: each for each in listed(alice, bob, "appointment")}
    assert found["Sales round"]["rule"] == "FREQ=WEEKLY;BYDAY=MO"
    assert found["Harbour Line: the planner, live"]["place"] == "Harbour Line, lift to the fifth floor"


@pytest.mark.usefixtures("seeded")
def test_an_answer_and_a_cancellation_are_shown(stack: Endpoints) -> None:
    [found] = [
        each
        for each in listed(person(stack, "dave@example.com"), "alice@example.com", "appointment")
        if each["title"] == "Sales round"
    ]
    assert found["answer"] == "tentative"
    [found] = listed(person(stack, "laura@example.com"), "karl@example.com", "appointment")
    assert (found["title"], found["state"]) == ("Fire drill", "cancelled")


@pytest.mark.usefixtures("seeded")
def test_an_aliass_tickets_are_its_members_alone(stack: Endpoints) -> None:
    support = "support@example.com"
    assert "Terms of support" in titles(person(stack, "niaj@example.com"), support)
    assert "Sign-on.docx" not in titles(person(stack, "niaj@example.com"), support, "attachment")
    assert "hosts.txt" in titles(person(stack, "niaj@example.com"), support, "attachment")
    alice = person(stack, "alice@example.com")
    assert titles(alice, support) == []
    assert "Requests from the web site" in titles(alice, "salesteam@example.com")


@pytest.mark.usefixtures("seeded")
def test_a_mail_of_two_domains_is_each_domains_own(stack: Endpoints, tables: Tables) -> None:
    assert "Figures for the board" in titles(person(stack, "judy@example.com"), "laura@example.com")
    assert "Figures for the board" in titles(person(stack, "olivia@example.org"), "peggy@example.org")
    across = Correspondence.between(Address("judy", "example.com"), Address("olivia", "example.org"))
    assert tables.communications.page(across, "message", low="0", high="g", limit=1) == ([], False)


@pytest.mark.usefixtures("seeded")
def test_a_text_in_another_language_is_read_and_its_file_fetched(stack: Endpoints) -> None:
    ivan, frank = person(stack, "ivan@example.com"), "frank@example.com"
    mail = next(each for each in listed(ivan, frank) if each["title"] == "リリース手順の確認")
    read = ivan.ask("mail", contact=frank, id=mail["id"])
    assert "来週のリリース手順をまとめました" in read["text"]
    [file] = read["files"]
    answer = ivan.ask("download", contact=frank, id=file["id"])
    assert answer["name"] == "リリース手順.docx"
    with urllib.request.urlopen(answer["url"]) as response:  # noqa: S310
        assert response.read().startswith(b"PK")


def test_make_run_is_stopped_in_the_middle_and_goes_on(tmp_path: Path) -> None:
    said = []
    for _ in range(2):
        process = subprocess.Popen(
            [*command(tmp_path, free_port()), "--demo-mail"],
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or not lines[-1].startswith("Demo mail"):
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            lines.append(line)
        assert any("Company chat is running" in each for each in lines), "the summary comes first"
        process.send_signal(signal.SIGINT)
        rest, problems = process.communicate(timeout=120)
        assert (process.returncode, problems) == (0, "")
        assert "All data is kept" in rest
        said.append(lines[-1])
    assert said[0].startswith(f"Demo mail: {len(whole(1_767_258_000_000))} messages are put in")
    assert "messages are put in" in said[1]
