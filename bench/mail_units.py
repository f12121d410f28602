"""Store units and calls of indexing a mail and of showing a page of a tab, however much there is already.

The references are the plainest ways: an inverted index, which is a row for each word of a mail and each of its owners,
and a list that is read whole to show a part of it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import cast

from bench import references
from bench.by_size import compare
from bench.figures import Figure
from bench.meter import Meter, Usage
from bench.stack import Stack, at_once, now, say
from bench.store_units import load_users, user
from chat import communications, ids
from chat.addresses import Address
from chat.aws.mail import MailLibrary
from chat.callers import Caller
from chat.mail import indexing, reading
from chat.store import Store
from chat.tables import Tables
from chat.tables.communications import Communication, Correspondence, Kind, Row


class Size(int):
    """Entries that a user has with a contact, of each kind that is listed."""

    def __str__(self) -> str:
        return f"{int(self):,} entries"


SIZES = [Size(100), Size(1_000), Size(100_000)]
PREFIXES: dict[Kind, str] = {"message": "MAIL", "appointment": "APPOINTMENT"}
"""Of their rows."""
SAMPLE = 1_000
MOST_AT_ONCE = 128
"""Read units of the 1 MB that one query reads at most."""
HOUR = 3_600_000
TEXT = """Could you look at the Harbour offer before noon? The dates on page two are still last year's, and the price
of the third berth is missing. I have asked Frank for the new figures; he sends them in the afternoon.
"""
LIMITS = {
    ("mail between two", "write units"): 8,
    ("mail to five, two files", "write units"): 100,
    ("page of message", "read units"): 3,
    ("page of appointment", "read units"): 12,
}
"""Our own. A pair of participants has two rows each way and one for each file, of a KB each."""


@dataclass
class Office:
    """Some users of whom two have much with each other, and the tables through the client that counts."""

    domain: str
    people: list[Address]
    tables: Tables
    meter: Meter
    size: int

    @property
    def rows(self) -> Correspondence:
        return Correspondence.between(self.people[0], self.people[1])

    @property
    def caller(self) -> Caller:
        return Caller(self.people[0], "web:bench-mail")


class NoLibrary:
    """Keeps nothing: what is asked for is what the tables cost."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_arguments: None


def measure(stack: Stack) -> Iterator[Figure]:
    """Figures for two mails and two tabs."""
    return compare(stack, SIZES, _furnish, ACTS, LIMITS, source=" (own)")


def _furnish(stack: Stack, meter: Meter, size: Size) -> Office:
    """A domain of its own in which two have so many entries of each kind, half of the appointments to come."""
    domain = f"mail-{int(size)}.example"
    load_users(stack.tables, domain, 10)
    plain = stack.tables
    tables = Tables.named(
        Store(meter.client, time.sleep), plain.directory.name, plain.connections.name, plain.history.name
    )
    office = Office(domain, [user(domain, number) for number in range(5)], tables, meter, size)
    say(f"store units of mail with {size} of each kind")
    rows = [row for number in range(size) for row in _entries(plain, office, number)]
    at_once(plain.store.put_many, [rows[start : start + 1000] for start in range(0, len(rows), 1000)])
    return office


def _entries(tables: Tables, office: Office, number: int) -> list[Row]:
    """A mail message and an appointment, as they are kept."""
    at = now() - (number + 1) * HOUR
    mail = Communication(
        ids.new(at),
        "message",
        f"Re: Harbour offer {number}",
        at,
        "received",
        size=4_000,
        preview=" ".join(TEXT.split())[:200],
        people=[str(each) for each in office.people[2:4]],
    )
    begins = now() + (number - office.size // 2) * HOUR
    title = f"Harbour review {number}"
    place, zone = "Room Weser", "Europe/Berlin"
    meeting = Communication(
        ids.new(begins + HOUR), "appointment", title, at, begins=begins, ends=begins + HOUR, place=place, zone=zone
    )
    return [tables.communications.row(office.rows, each) for each in (mail, meeting)]


# ---- What is measured, and the plainest way to it ----


def _mail(office: Office, to: list[Address], files: int) -> tuple[Usage, Usage]:
    made = EmailMessage()
    made["From"], made["To"] = str(office.people[0]), ", ".join(map(str, to))
    made["Subject"], made["Message-ID"] = "Harbour offer", f"<{len(to)}@{office.domain}>"
    made["Date"] = format_datetime(datetime.now(UTC))
    made.set_content(TEXT)
    for number in range(files):
        made.add_attachment(b"%%PDF-1.4 %d" % number, "application", "pdf", filename=f"offer-{number}.pdf")
    mail = reading.read(made.as_bytes(), now())
    library = cast(MailLibrary, NoLibrary())
    with office.meter.measure() as ours:
        found = indexing.index(office.tables, library, mail, now())
    entries = [(Correspondence.between(each.owner, each.contact), each.communication) for each in found]
    with office.meter.measure() as plain:
        references.index_by_word(office.tables, entries, mail.text)
    return ours, plain


def mail_between_two(office: Office) -> tuple[Usage, Usage]:
    """A mail to one colleague."""
    return _mail(office, office.people[1:2], 0)


def mail_to_four(office: Office) -> tuple[Usage, Usage]:
    """A mail to four colleagues with two files."""
    return _mail(office, office.people[1:], 2)


def _page(kind: Kind) -> Callable[[Office], tuple[Usage, Usage]]:
    def act(office: Office) -> tuple[Usage, Usage]:
        with office.meter.measure() as ours:
            shown = communications.page(office.tables, office.caller, office.people[1], kind, None, now(), len)
        assert len(shown.communications) == communications.PAGE
        return ours, _whole_list(office, PREFIXES[kind])

    return act


def _whole_list(office: Office, prefix: str) -> Usage:
    """What reading all rows of a kind costs, by what some of them do: the local store takes minutes for all."""
    some = min(office.size, SAMPLE)
    with office.meter.measure() as usage:
        table, rows = office.tables.history.name, office.rows.partition
        office.tables.store.query(table, rows, low=f"{prefix}/", high=f"{prefix}0", limit=some)
    calls = math.ceil(usage.reads * office.size / some / MOST_AT_ONCE)
    return Usage(usage.reads * office.size / some, 0, calls)


ACTS: dict[str, Callable[[Office], tuple[Usage, Usage]]] = {
    **{f"page of {kind}": _page(kind) for kind in PREFIXES},
    "mail between two": mail_between_two,
    "mail to five, two files": mail_to_four,
}
