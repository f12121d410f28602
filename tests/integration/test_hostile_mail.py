"""Hostile mail the real way: each ends in the tabs or set aside with its reason, and a good one behind them is indexed.

They are put into the bucket all at once. None may take the indexer more than its time, for then it would be tried again
and given up, nor its memory.
"""

from __future__ import annotations

import base64
import io
import re
import struct
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat import files
from chat.mail.model import MAX_MAIL
from chat.tables import Tables
from chat.tables.directory import Credential
from chatctl.client import ChatConnection
from localcloud.endpoints import Endpoints
from tests.company import Company
from tests.mailing import Mailbox, listed, message
from tests.missing import missing

MEMORY = 500 * 1024
"""KiB that the indexer may need at most; the template gives it three times as many."""
CROWD = 60
"""Colleagues who get a mail to 200; it is indexed for 50 participants."""
TRICKS = [
    "../../../etc/passwd",
    "..\\..\\Windows\\System32\\drivers\\etc\\hosts",
    "/absolute.txt",
    "C:\\autoexec.bat",
    "CON.txt",
    "nul\x00byte.txt",
    "line\r\nbreak.txt",
    "invoice\u202egnp.exe",
    ".htaccess",
    "x" * 5000 + ".txt",
    "..",
]


def mixed(*parts: bytes, boundary: bytes = b"b") -> bytes:
    """The fields and the body of a multipart, its first part a text."""
    pieces = b"".join(b"--%s\r\n%s\r\n" % (boundary, each) for each in (text(b"Please see below."), *parts))
    return b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n%s--%s--\r\n' % (boundary, pieces, boundary)


def text(content: bytes, kind: bytes = b"plain") -> bytes:
    return b"Content-Type: text/%s; charset=utf-8\r\n\r\n%s" % (kind, content)


def attachment(name: str, content: bytes = b"content") -> bytes:
    """A file whose name is encoded, so that it may hold anything (RFC 2047; all programs take it there)."""
    word = base64.b64encode(name.encode()).decode()
    head = f'Content-Type: application/octet-stream; name="=?utf-8?B?{word}?="\r\nContent-Disposition: attachment\r\n'
    return head.encode() + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(content)


def script() -> bytes:
    html = b"""<p>Good <b>morning</b></p><script>alert("ran")</script><img src=x onerror="alert('ran')">
    <style>p { background: url(javascript:ran) }</style><svg onload=alert(/ran/)></svg>
    <a href="javascript:alert('ran')">press</a><!-- ran --><iframe srcdoc="<script>ran</script>"></iframe>"""
    return text(html, b"html")


def zip_bomb() -> bytes:
    """A file of 200 bytes that says that it holds 4 GB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("zeros", b"\0" * 20)
    content = bytearray(buffer.getvalue())
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", content, content.index(mark) + place, 0xFFFFFFFE)
    return mixed(attachment("bomb.zip", bytes(content)))


def injection() -> bytes:
    """Line breaks in encoded words, which would add fields if they were written out again."""
    word = base64.b64encode(b"ok\r\nBcc: everybody@example.net\r\n\r\n<script>").decode()
    return f"X-Note: =?utf-8?B?{word}?=\r\n".encode() + mixed(attachment('a"\r\nSet-Cookie: a=b\r\n\r\n.txt'))


def nested(depth: int) -> bytes:
    """Multiparts inside each other."""
    opened = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth))
    return opened + text(b"deep down") + b"".join(b"\r\n--b%d--" % n for n in reversed(range(depth)))


def forwarded(depth: int) -> bytes:
    """Messages inside each other."""
    return b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n" * depth + text(b"deep down")


def endless_rule() -> bytes:
    lines = ["BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", "UID:endless", "SUMMARY:Every second"]
    lines += ["DTSTART:20200101T000000Z", "DTEND:20200101T000001Z", "DTSTAMP:20200101T000000Z"]
    lines += ["RRULE:FREQ=SECONDLY;COUNT=1000000;BYMONTHDAY=31;BYMONTH=2", "END:VEVENT"]
    lines += ["BEGIN:VEVENT", "UID:million", "SUMMARY:A million times", "DTSTART:20200101T000000Z"]
    lines += ["DTSTAMP:20200101T000000Z", "RRULE:FREQ=MINUTELY;COUNT=1000000", "END:VEVENT", "END:VCALENDAR"]
    return b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + "\r\n".join(lines).encode()


def broken_base64() -> bytes:
    head = b"Content-Type: image/png; name=broken.png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return mixed(head + b"iVBOR*w0K=Gg\xff\xfeoA=AA=\r\n====\r\nA")


def large(size: int) -> bytes:
    """A mail of this many bytes but for its header, one file of it."""
    line = base64.b64encode(b"\xa5" * 57) + b"\r\n"
    head = b"Content-Type: application/pdf; name=large.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + line * (size // len(line))


BODIES: dict[str, Callable[[], bytes]] = {
    "script": script,
    "zip bomb": zip_bomb,
    "path tricks": lambda: mixed(*map(attachment, TRICKS)),
    "10,000 parts": lambda: mixed(*(attachment(f"{number}.txt") for number in range(10_000))),
    "injection": injection,
    "40 MB": lambda: large(MAX_MAIL - 10_000),
    "nested 100 deep": lambda: nested(100),
    "nested 5,000 deep": lambda: nested(5_000),
    "forwarded 100 times": lambda: forwarded(100),
    "broken base64": broken_base64,
    "NUL bytes": lambda: text(b"nul \x00 and \x00 more"),
    "endless rule": endless_rule,
    "100,000 fields": lambda: b"X-Field: value\r\n" * 100_000 + text(b"below"),
    "a field of 5 MB": lambda: b"X-Field: " + b"=?utf-8?Q?" * 500_000 + b"\r\n" + text(b"below"),
    "unknown charset": lambda: b"Content-Type: text/plain; charset=klingon\r\n\r\nna\xefve",
    "HTML of a million tags": lambda: text(b"<div><table><tr><td>" * 250_000 + b"deep", b"html"),
}


def raw(company: Company, minute: int, subject: str, body: bytes, to: str = "bob") -> bytes:
    """A message of Alice's with this subject, and the rest of the header with the body."""
    recipients = ",\r\n ".join(each if "@" in each else company.at(each) for each in to.split())
    head = f"From: {company.at('alice')}\r\nTo: {recipients}\r\nSubject: {subject}\r\n"
    head += f"Message-ID: <{subject.replace(' ', '-')}@{company.domain}>\r\n"
    head += f"Date: Thu, 01 Oct 2026 09:{minute:02d}:00 +0000\r\n"
    return head.encode() + body


@pytest.fixture(scope="module")
def mailbox(stack: Endpoints) -> Mailbox:
    return Mailbox(stack)


@pytest.fixture(scope="module")
def attacked(stack: Endpoints, tables: Tables, credential: Credential, mailbox: Mailbox) -> Company:
    """A company to which all of it came, and then a good mail."""
    company = Company(stack, tables, credential)
    crowd = [f"colleague{number}" for number in range(CROWD)]
    company.add("alice", "bob", "carol", *crowd)
    given_up = mailbox.given_up()

    def put(name: str, content: bytes) -> None:
        mailbox.put(content, f"incoming/{company.domain}/{name}")

    for minute, (name, body) in enumerate(BODIES.items()):
        put(name, raw(company, minute, name, body()))
    strangers = [f"stranger{number}@example.net" for number in range(200 - CROWD)]
    recipients = " ".join(["bob", *crowd, *strangers])
    put("200 recipients", raw(company, 40, "200 recipients", text(b"all of you"), recipients))
    put("over 40 MB", raw(company, 41, "over 40 MB", large(MAX_MAIL)))
    put("nothing", b"")
    put("noise", bytes(number * number % 251 for number in range(100_000)))
    put("good", message(company, "alice", "bob", subject="good").as_bytes())
    mailbox.wait_until_done(patience=400)
    assert mailbox.given_up() == given_up
    return company


@pytest.fixture(scope="module")
def alice(attacked: Company) -> ChatConnection:
    return attacked.connect("alice")


def every(alice: ChatConnection, company: Company, kind: str) -> list[dict[str, Any]]:
    """All pages of a tab."""
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        page = alice.ask("communications", contact=company.at("bob"), kind=kind, **more)
        found += page["communications"]
        if "cursor" not in page:
            return found
        more = {"cursor": page["cursor"]}


def found(alice: ChatConnection, company: Company, subject: str) -> dict[str, Any]:
    """What the reading view shows of the message with this subject."""
    [mail] = [each for each in every(alice, company, "message") if each["title"] == subject]
    return alice.ask("mail", contact=company.at("bob"), id=mail["id"])


def names(mail: dict[str, Any]) -> list[str]:
    return [file["title"] for file in mail["files"]]


@pytest.mark.parametrize("subject", [*BODIES, "200 recipients", "good"])
def test_each_is_in_the_tabs(attacked: Company, alice: ChatConnection, subject: str) -> None:
    assert found(alice, attacked, subject)["subject"] == subject


def test_what_is_no_mail_or_too_large_is_set_aside_with_its_reason(attacked: Company, mailbox: Mailbox) -> None:
    prefix = f"unreadable/{attacked.domain}/"
    reasons = {key.removeprefix(prefix): mailbox.metadata(key)["reason"] for key in mailbox.keys(prefix)}
    assert set(reasons) == {"over 40 MB", "nothing", "noise"}
    assert "allowed are 41,943,040" in reasons["over 40 MB"]
    assert all(reasons.values())
    kept = {key.rpartition("/")[2] for key in mailbox.keys(f"incoming/{attacked.domain}/")}
    assert kept == {*BODIES, "200 recipients", "good"}


def test_the_indexer_stays_within_its_memory(attacked: Company, tmp_path_factory: pytest.TempPathFactory) -> None:
    if not Path("/proc/self/status").exists():
        missing("this system does not tell what a process has needed")
    ours = str(tmp_path_factory.getbasetemp())
    peaks = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, status = (folder / "cmdline").read_text(), (folder / "status").read_text()
        except OSError:  # it has ended
            continue
        if ours in command and "-IndexerFunction-" in command:
            peaks.append(int(re.findall(r"VmHWM:\s+(\d+)", status)[0]))
    assert attacked
    assert peaks
    assert max(peaks) < MEMORY


def test_of_html_the_words_are_shown_and_nothing_that_runs(attacked: Company, alice: ChatConnection) -> None:
    shown = found(alice, attacked, "script")["text"]
    assert "Good morning" in shown
    assert "press" in shown
    for never in ("ran", "script", "<", "onerror"):
        assert never not in shown


def test_a_zip_file_is_as_large_as_it_came(attacked: Company, alice: ChatConnection) -> None:
    [file] = found(alice, attacked, "zip bomb")["files"]
    assert (file["title"], file["size"] < 300) == ("bomb.zip", True)


def test_names_of_files_lead_nowhere(attacked: Company, alice: ChatConnection) -> None:
    shown = [each["title"] for each in every(alice, attacked, "attachment") if each["mail_title"] == "path tricks"]
    assert len(shown) == len(TRICKS)
    for name in shown:
        assert re.fullmatch(r"[^/\\\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]{1,200}", name), name
        assert not name.startswith("."), name
        assert name.partition(".")[0].upper() != "CON"


def test_line_breaks_add_no_fields(attacked: Company, alice: ChatConnection) -> None:
    mail = found(alice, attacked, "injection")
    assert [each["address"] for each in mail["to"]] == [attacked.at("bob")]
    [file] = mail["files"]
    url = alice.ask("download", contact=attacked.at("bob"), id=file["id"])["url"]
    with urllib.request.urlopen(url) as response:  # noqa: S310
        assert response.headers["Set-Cookie"] is None
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.headers["Content-Type"] == files.served_type("application/octet-stream")
        assert response.read() == b"content"


def test_of_ten_thousand_parts_a_hundred_are_files_and_a_note_says_so(attacked: Company, alice: ChatConnection) -> None:
    mail = found(alice, attacked, "10,000 parts")
    assert len(mail["files"]) + mail["more_files"] == 100
    assert mail["notes"]


def test_a_mail_of_40_mb_is_whole(attacked: Company, alice: ChatConnection, stack: Endpoints) -> None:
    [file] = found(alice, attacked, "40 MB")["files"]
    assert file["size"] > 28_000_000
    url = alice.ask("download", contact=attacked.at("bob"), id=file["id"])["url"]
    with urllib.request.urlopen(url) as response:  # noqa: S310
        assert len(response.read()) == file["size"]


@pytest.mark.parametrize("subject", ["nested 100 deep", "nested 5,000 deep", "forwarded 100 times"])
def test_what_is_too_deep_is_noted_or_a_file(attacked: Company, alice: ChatConnection, subject: str) -> None:
    mail = found(alice, attacked, subject)
    assert mail.get("notes") or mail["files"]


def test_a_broken_file_has_what_can_be_made_of_it(attacked: Company, alice: ChatConnection) -> None:
    assert names(found(alice, attacked, "broken base64")) == ["broken.png"]


def test_texts_have_no_control_characters(attacked: Company, alice: ChatConnection) -> None:
    shown = found(alice, attacked, "NUL bytes")["text"]
    assert "nul" in shown
    assert "\x00" not in shown
    assert found(alice, attacked, "unknown charset")["text"].startswith("na")


def test_rules_without_end_are_listed(attacked: Company, alice: ChatConnection) -> None:
    shown = {each["title"]: each for each in listed(alice, attacked.at("bob"), "appointment")}
    assert set(shown) == {"Every second", "A million times"}


def test_of_two_hundred_recipients_fifty_participants_have_it(attacked: Company, alice: ChatConnection) -> None:
    mail = found(alice, attacked, "200 recipients")
    assert len(mail["to"]) + mail["more_people"] == 201
    assert any("50" in note for note in mail["notes"])
    first, last = attacked.connect("colleague47"), attacked.connect(f"colleague{CROWD - 1}")
    assert [each["title"] for each in listed(first, attacked.at("alice"))] == ["200 recipients"]
    assert listed(last, attacked.at("alice")) == []


def test_lists_go_on_to_their_ends(attacked: Company, alice: ChatConnection) -> None:
    shown = every(alice, attacked, "attachment")
    assert "large.pdf" in {each["title"] for each in shown}
    assert len(shown) == len({each["id"] for each in shown}) > 100
