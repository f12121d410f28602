"""The demo mailbox: that it is large, varied, always the same, and what the indexer takes it for."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from functools import lru_cache
from xml.etree import ElementTree

import pytest

from chat.mail.model import Mail
from chat.mail.reading import read
from localcloud.demo_mail import calendars, files, mailbox, people, times
from localcloud.demo_mail.composing import Draft, compose
from localcloud.seed import ALIASES, PEOPLE

START = 1_767_258_000_000
"""2026-01-01T09:00:00Z, in ms."""


@lru_cache(maxsize=1)
def composed() -> list[tuple[Draft, bytes]]:
    """All of the demo, as they are sent."""
    return [(draft, compose(draft)) for draft in mailbox.drafts(START)]


@lru_cache(maxsize=1)
def written() -> list[tuple[Draft, Mail]]:
    """All of the demo, as they are read."""
    return [(draft, read(raw, START, draft.envelope)) for draft, raw in composed()]


def mails() -> list[Mail]:
    return [mail for _, mail in written()]


def test_there_are_more_than_three_hundred_of_the_last_90_days() -> None:
    moments = [mail.at for mail in mails()]
    assert len(moments) > 300
    assert moments == sorted(moments)
    assert START - 92 * times.DAY < moments[0] < START - 85 * times.DAY
    assert START - times.DAY < moments[-1] < START


@pytest.mark.parametrize("hour", range(0, 24 * 7, 15))
def test_whenever_it_is_started_nothing_is_sent_in_the_future(hour: int) -> None:
    start = START + hour * times.HOUR
    moments = [draft.at for draft in mailbox.drafts(start)]
    assert max(moments) < start
    assert min(moments) > start - 93 * times.DAY


def test_the_same_start_gives_the_same_mails_and_ids_are_unique() -> None:
    one, other = mailbox.drafts(START), mailbox.drafts(START)
    assert one == other
    assert [compose(draft) for draft in one[:40]] == [compose(draft) for draft in other[:40]]
    assert len({draft.id for draft in one}) == len(one)


def test_they_are_read_as_they_were_written() -> None:
    for draft, mail in written():
        assert (mail.message_id, mail.at, mail.subject) == (draft.id, draft.at, draft.subject)
        assert mail.sender
        assert mail.sender.address == draft.sender.address
        assert [each.address for each in mail.to] == [each.address for each in draft.to]
        assert [each.address for each in mail.cc] == [each.address for each in draft.cc]
        assert [each.address for each in mail.bcc] == [each.address for each in draft.bcc]
        assert draft.text.strip().splitlines()[0] in mail.text
        assert set(draft.files) <= {file.name for file in mail.files}
        assert mail.notes == ()


def test_pictures_of_signatures_are_no_files() -> None:
    assert all({file.name for file in mail.files} <= {*draft.files, "invite.ics"} for draft, mail in written())


def test_all_of_the_demo_and_roles_alone_write_and_are_written_to() -> None:
    addresses = {f"{local}@{domain}" for domain, those in PEOPLE.items() for local, *_ in those}
    roles = {f"{local}@example.net" for local in people.ROLES}
    used = Counter(each.address for draft, _ in written() for each in (draft.sender, *draft.to, *draft.cc, *draft.bcc))
    assert set(used) <= addresses | set(ALIASES) | roles
    assert addresses | roles <= set(used), "nobody is left out"
    assert "support@example.com" in used


def test_every_mail_has_two_of_a_domain_or_an_alias_so_that_it_shows_somewhere() -> None:
    for draft, _ in written():
        inside = [draft.envelope.sender, *draft.envelope.recipients]
        domains = Counter(each.partition("@")[2] for each in inside if not each.endswith("@example.net"))
        assert max(domains.values()) > 1 or set(inside) & set(ALIASES), draft.subject


@pytest.mark.parametrize("letter", ["ä", "é", "ق", "リ"])
def test_subjects_and_texts_of_other_languages(letter: str) -> None:
    assert any(letter in mail.subject or letter in mail.text for mail in mails())


def test_kinds_of_mail_that_there_are() -> None:
    raw = [each for _, each in composed()]
    for part in (b"multipart/alternative", b"multipart/related", b"multipart/mixed", b'charset="iso-2022-jp"'):
        assert any(part in each for each in raw), part
    assert any(mail.subject.startswith("Re: ") for mail in mails())
    assert any("\n> " in mail.text for mail in mails())
    assert any(mail.bcc for mail in mails())
    assert any(mail.cc for mail in mails())


def test_files_of_every_type_are_whole() -> None:
    found = {file.name: file.content for mail in mails() for file in mail.files}
    assert {name[name.rindex(".") :] for name in found} == set(files.TYPES)
    for name, content in found.items():
        CHECKS[name[name.rindex(".") :]](content)


def is_zip(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()


def is_office(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert names[0] == "[Content_Types].xml"
        for name in names:
            ElementTree.fromstring(archive.read(name))  # noqa: S314  # our own


def is_pdf(content: bytes) -> None:
    """Each entry of the cross-reference table points at its object."""
    assert content.startswith(b"%PDF-1.4")
    start = int(content.split(b"startxref\n")[1].split()[0])
    assert content[start:].startswith(b"xref\n0 6\n")
    places = [int(line[:10]) for line in content[start:].splitlines()[3:8]]
    assert [content[place:].split(b" ")[0] for place in places] == [b"1", b"2", b"3", b"4", b"5"]


def is_png(content: bytes) -> None:
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    begin = content.index(b"IDAT") + 4
    assert len(zlib.decompress(content[begin:])) == 180 * (1 + 320 // 4)


def is_text(content: bytes) -> None:
    assert content.decode("utf-8-sig").strip()


CHECKS = {
    ".csv": is_text,
    ".docx": is_office,
    ".ics": is_text,
    ".pdf": is_pdf,
    ".png": is_png,
    ".txt": is_text,
    ".xlsx": is_office,
    ".zip": is_zip,
}


def test_lines_of_calendars_are_folded_at_75_bytes_and_whole_again_when_unfolded() -> None:
    [draft] = [each for each in mailbox.drafts(START) if each.subject == "リリース後の確認"]
    assert draft.calendar
    lines = draft.calendar.text.split("\r\n")
    assert max(len(line.encode()) for line in lines) <= calendars.WIDTH
    assert "SUMMARY:リリース後の確認\r\n" in draft.calendar.text.replace("\r\n ", "")
