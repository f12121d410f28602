"""Mail for tests of the index: messages as reading gives them, and a library in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from chat.mail.documents import Document
from chat.mail.indexing import Indexed, index
from chat.mail.model import Appointment, File, Mail, Person
from chat.store import LAST_SORT_KEY
from chat.tables.communications import Communication, Correspondence, Kind
from tests.unit.world import DAY, HOUR, NOW, World

if TYPE_CHECKING:
    from chat.aws.mail import MailLibrary

RECEIVED = NOW + HOUR


@dataclass
class Library:
    """Keeps texts and files in memory; where ``broken`` is set, it raises that."""

    texts: dict[tuple[str, str, str], Document] = field(default_factory=dict)
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    broken: Exception | None = None

    def put_text(self, domain: str, mail_id: str, document: Document) -> str:
        if self.broken:
            raise self.broken
        digest = sha256(document.encode()).hexdigest()
        self.texts[domain, mail_id, digest] = Document.parse(document.encode())
        return digest

    def put_file(self, domain: str, file: File) -> None:
        self.files[domain, file.sha256] = file.content

    def delete_texts(self, domain: str, mail_id: str) -> None:
        self.texts = {key: text for key, text in self.texts.items() if key[:2] != (domain, mail_id)}

    def delete_file(self, domain: str, sha256: str) -> None:
        self.files.pop((domain, sha256), None)


def as_library(library: Library) -> MailLibrary:
    return cast("MailLibrary", library)


def person(world: World, who: str) -> Person:
    address = who if "@" in who else str(world.address(who))
    return Person(address.partition("@")[0].title(), address)


def mail(
    world: World, sender: str, *to: str, cc: tuple[str, ...] = (), bcc: tuple[str, ...] = (), **fields: Any
) -> Mail:
    """A message from somebody to others; whose names have no @ are of the world's domain."""
    made = Mail(
        message_id="one@example.net",
        at=NOW,
        subject="Offer 7",
        sender=person(world, sender),
        to=tuple(person(world, each) for each in to),
        cc=tuple(person(world, each) for each in cc),
        bcc=tuple(person(world, each) for each in bcc),
        text="The offer\n\nis attached.",
        is_cut=False,
        size=1234,
        files=(),
        appointments=(),
    )
    return replace(made, **fields)


def file(name: str, content: bytes = b"content") -> File:
    return File(name, "application/pdf", sha256(content).hexdigest(), content)


def meeting(world: World, organizer: str = "alice", *attendees: str, **fields: Any) -> Appointment:
    """An invitation to a meeting of an hour, a day from now."""
    made = Appointment(
        uid="meeting-1",
        sequence=0,
        stamp=NOW,
        method="REQUEST",
        summary="Review",
        place="Room 1",
        begins=NOW + DAY,
        ends=NOW + DAY + HOUR,
        all_day=False,
        zone="",
        rule="",
        excluded=(),
        recurrence=None,
        status="confirmed",
        organizer=person(world, organizer).address,
        answers={person(world, each).address: "needs-action" for each in attendees},
    )
    return replace(made, **fields)


def put(world: World, *mails: Mail, library: Library | None = None, received: int = RECEIVED) -> list[Indexed]:
    """Index messages, one after another; the entries of the last."""
    found: list[Indexed] = []
    for each in mails:
        found = index(world.tables, as_library(library or Library()), each, received)
    return found


def has(world: World, owner: str, contact: str | None, kind: Kind = "message") -> list[Communication]:
    """What somebody has with a contact, newest first; without one, what an alias has."""
    address = world.address(owner)
    of = Correspondence.between(address, world.address(contact)) if contact else Correspondence.of_alias(address)
    return world.tables.communications.page(of, kind, low="", high=LAST_SORT_KEY, limit=100)[0]
