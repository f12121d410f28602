"""A mail message as it is indexed: who takes part, what it says, its files and its appointments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_MAIL = 40 * 1024 * 1024
"""Bytes of a raw message; Amazon SES takes as many."""
MAX_TEXT = 64 * 1024
"""Characters of a message's text that are kept; the whole is in the raw message."""


class Unreadable(Exception):
    """A message that cannot be indexed; tells why, for the one who runs the mail server."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named in a header. ``address`` is lower-cased, and "" where there is none that can be read."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sent a message and whom it was delivered to, as the mail server knows it (RFC 5321 §2.3.1): this finds
    recipients of blind copies. Empty where it is not known."""

    sender: str = ""
    recipients: tuple[str, ...] = ()
    by_ses: bool = False
    """Whether Amazon SES took it, which refuses nothing and tells in the header what it found."""


@dataclass(frozen=True, slots=True)
class File:
    """A part of a message that is a file."""

    name: str
    """Without any path, and with nothing that makes it look like another name."""
    content_type: str
    sha256: str
    """Of its content, in hexadecimal digits."""
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Appointment:
    """An event of a calendar part (RFC 5545 §3.6.1, RFC 5546). Times are in ms since the epoch."""

    uid: str
    sequence: int
    stamp: int
    """DTSTAMP: of two with the same sequence, the later holds."""
    method: str
    """REQUEST, CANCEL, REPLY, PUBLISH …; PUBLISH where none is named."""
    summary: str
    place: str
    begins: int | None
    """None where an answer or a cancellation does not repeat it (RFC 5546 §3.2.3, §3.2.5)."""
    ends: int | None
    all_day: bool
    zone: str
    """The time zone that it is repeated in, by its IANA name; "" for UTC."""
    rule: str
    """RRULE (RFC 5545 §3.3.10), or "" where it happens once."""
    excluded: tuple[int, ...]
    """Occurrences that do not take place (EXDATE)."""
    recurrence: int | None
    """Where it changes one occurrence of a series: when that would have begun (RECURRENCE-ID)."""
    status: str
    """confirmed, tentative or cancelled; of a CANCEL that names attendees confirmed, for it is for these alone."""
    organizer: str
    """The address, or ""."""
    answers: dict[str, str]
    """By attendee's address: needs-action, accepted, declined or tentative (PARTSTAT)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message."""

    message_id: str
    """Message-ID without angle brackets; where there is none, made of the content: the same mail has the same."""
    at: int
    """When it was sent, in ms since the epoch; where that cannot be read or is a day or more in the future, when the
    first mail server took it, and where that is not known either, when it came."""
    subject: str
    sender: Person | None
    """Whom it is shown to be from, or else who sent it."""
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    bcc: tuple[Person, ...]
    """Of the envelope and the header, whom no other field names; in the order of their addresses."""
    text: str
    """What it says, as plain text of at most 64 Ki characters."""
    is_cut: bool
    """Whether its text is longer."""
    size: int
    """Bytes of the raw message."""
    files: tuple[File, ...]
    appointments: tuple[Appointment, ...]
    notes: tuple[str, ...] = ()
    """What was left out, and why, such as parts beyond a limit."""
    is_authentic: bool = True
    """Whether its sender wrote it, as far as mail servers look at that."""
    others: tuple[Person, ...] = ()
    """Whom else From and Sender name, or whom they name where it is not authentic: they take part, and wrote nothing of
    it."""
    passed_to: tuple[Person, ...] | None = None
    """To whom this copy was passed on by somebody else than its author, a mailing list or who had it before; None where
    it was not."""
    fingerprint: str = ""
    """Of one that is not authentic: a digest of what it says, which makes it another one than those of the same id."""

    @property
    def author(self) -> Person | None:
        """Who wrote it."""
        return self.sender if self.is_authentic else None

    @property
    def named(self) -> list[Person]:
        """Everybody whom all participants see in it, the author first."""
        return [*([self.author] if self.author else []), *self.others, *self.to, *self.cc]


def in_order(people: Iterable[Person]) -> tuple[Person, ...]:
    """People in the order of their addresses: the same whoever of them was found first."""
    return tuple(sorted(people, key=lambda person: person.address))
