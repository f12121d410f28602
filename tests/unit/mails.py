"""Mails for the tests of reading them: made here, and found where others put them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from chat.mail.model import Envelope, Mail
from chat.mail.reading import read

RECEIVED = 1_764_000_000_000
HEADER = """From: Jane <jane@example.com>
To: bob@example.com
Date: Mon, 1 Jan 2024 10:00:00 +0100
Message-ID: <1@example.com>
"""
SENT = 1_704_099_600_000


def mail(text: str | bytes, *, header: str = HEADER, envelope: Envelope = Envelope()) -> Mail:  # noqa: B008
    """The mail with a usual header and then these fields, an empty line and this body."""
    return read(header.encode() + (text.encode() if isinstance(text, str) else text), RECEIVED, envelope)


def multipart(*parts: str, kind: str = "mixed", boundary: str = "b") -> str:
    """The fields and the body of a multipart."""
    pieces = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{pieces}--{boundary}--\n'


def part(content_type: str, body: str = "", *fields: str) -> str:
    return "\n".join([f"Content-Type: {content_type}", *fields, "", body])


def calendar(*event: str, method: str = "REQUEST", before: tuple[str, ...] = ()) -> str:
    """The fields and the body of a mail that is an invitation to an event with these lines."""
    lines = ["BEGIN:VCALENDAR", f"METHOD:{method}", *before, "BEGIN:VEVENT", *event, "END:VEVENT", "END:VCALENDAR"]
    return part("text/calendar; charset=utf-8", "\n".join(lines))


def python_corpus() -> list[Path]:
    """The mails that CPython tests its own parser with; none where this Python came without its tests."""
    found = importlib.util.find_spec("test")
    folders = list(found.submodule_search_locations or []) if found else []
    return sorted(path for each in folders for path in Path(each).glob("test_email/data/msg_*.txt"))


def calendar_corpus() -> list[Path]:
    """The calendars that icalendar tests itself with."""
    found = importlib.util.find_spec("icalendar")
    folders = list(found.submodule_search_locations or []) if found else []
    return sorted(path for each in folders for path in Path(each).glob("tests/**/*.ics"))
