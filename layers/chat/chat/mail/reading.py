"""Reading a mail: from the raw message to all that is indexed of it."""

from __future__ import annotations

import hashlib
import re

from chat.mail import contents, dates, headers, names, parts
from chat.mail.charsets import one_line
from chat.mail.headers import Fields
from chat.mail.model import MAX_MAIL, Appointment, Envelope, File, Mail, Person, Unreadable
from chat.mail.parts import Part
from chat.mail.people import MAX_PEOPLE, address, people

MAX_SUBJECT = 1000
"""Characters."""
MAX_MESSAGE_ID = 998
"""Characters: what a line may have (RFC 5322 §2.1.1)."""
MAX_NOTES = 20

_CHUNK = 1024 * 1024
_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*+(?:>?From [^\n]*+\n)?")
"""What may stand before the header: a byte order mark, empty lines, and the line that mbox files have."""
_IN_BRACKETS = re.compile(r"<([^<>]+)>")
_OF_A_MESSAGE = {"from", "sender", "to", "cc", "bcc", "subject", "date", "message-id", "received"}
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to")
"""Fields in which mail servers note whom a message was for."""
_RECEIVED_FOR = re.compile(r"\sfor\s+<([^<>]+)>", re.IGNORECASE)
_ORIGIN = ("from", "to", "cc", "date", "subject")


def read(raw: bytes, received: int, envelope: Envelope = Envelope()) -> Mail:  # noqa: B008  # it cannot be changed
    """The mail that a raw message is; it came to us at ``received``, in ms since the epoch.

    Takes memory for its files beside the raw message, and time in proportion to its size. What goes beyond the limits
    of this package is left out and noted in the mail.

    Raises:
        Unreadable: it is too large, or no message at all; tells which.
    """
    if len(raw) > MAX_MAIL:
        raise Unreadable(f"it has {len(raw):,} bytes, allowed are {MAX_MAIL:,}")
    message = raw if b"\n" in raw else raw.replace(b"\r", b"\n")
    begin = _BEGINNING.match(message)
    root, notes = parts.take_apart(message, begin.end() if begin else 0)
    fields = root.fields
    if not any(name in _OF_A_MESSAGE for name, _ in fields.fields):
        raise Unreadable("it is empty" if not raw.strip() else "it has no header of a message")
    at = dates.sent(fields, received)
    named = {name: _people(fields, name, notes) for name in ("from", "sender", "to", "cc", "bcc")}
    authors, others = _authors(fields, named, envelope)
    text, is_cut = contents.text(root)
    return Mail(
        message_id=_message_id(root),
        at=at,
        subject=one_line(headers.words(fields.first("subject")), MAX_SUBJECT),
        sender=authors[0] if authors else None,
        to=tuple(named["to"]),
        cc=tuple(named["cc"]),
        bcc=_blind(named, _recipients(fields, envelope)),
        text=text,
        is_cut=is_cut,
        size=len(raw),
        files=tuple(_file(part) for part in contents.files(root)),
        appointments=_appointments(root, at, notes),
        notes=tuple(dict.fromkeys(notes))[:MAX_NOTES],
        authors=tuple(authors[1:]),
        others=tuple(others),
    )


def _people(fields: Fields, name: str, notes: list[str]) -> list[Person]:
    found = people(fields.all(name))
    if len(found) > MAX_PEOPLE:
        notes.append(f"{name.capitalize()} names more than {MAX_PEOPLE:,}; the others were not read")
    return found[:MAX_PEOPLE]


def _authors(fields: Fields, named: dict[str, list[Person]], envelope: Envelope) -> tuple[list[Person], list[Person]]:
    """Whom a message is from, and whom else From and Sender name; each address once.

    Mail servers that check an author look at the domain of the first From field. So nobody else counts as one.
    """
    first = people(fields.all("from")[:1]) or named["sender"][:1] or _envelope_sender(fields, envelope)
    domain = first[0].address.rpartition("@")[2] if first else ""
    authors = first[:1] + _others([each for each in first if each.address.endswith(f"@{domain}")], first[:1])
    return authors, _others(named["from"] + named["sender"], authors)


def _others(found: list[Person], known: list[Person]) -> list[Person]:
    """Those whose addresses are not known, each address once."""
    others = {each.address: each for each in reversed(found) if each.address}
    for each in known:
        others.pop(each.address, None)
    return list(reversed(others.values()))


def _envelope_sender(fields: Fields, envelope: Envelope) -> list[Person]:
    found = address(envelope.sender or fields.first("return-path").strip("<> "))
    return [Person("", found)] if found else []


def _recipients(fields: Fields, envelope: Envelope) -> list[str]:
    """To whom a message was delivered, as the envelope says, or else what mail servers noted of it."""
    if envelope.recipients:
        return list(envelope.recipients[:MAX_PEOPLE])
    noted = [value for name in _DELIVERED for value in fields.all(name)]
    last = _RECEIVED_FOR.search(fields.first("received"))
    return [*noted[:MAX_PEOPLE], *([last[1]] if last else [])]


def _blind(named: dict[str, list[Person]], recipients: list[str]) -> tuple[Person, ...]:
    """Recipients whom no other field names."""
    known = {person.address for name, found in named.items() if name != "bcc" for person in found}
    blind = {person.address: person for person in named["bcc"]}
    for recipient in recipients:
        blind.setdefault(address(recipient.strip("<> ")), Person("", address(recipient.strip("<> "))))
    return tuple(person for where, person in blind.items() if where and where not in known)[:MAX_PEOPLE]


def _message_id(root: Part) -> str:
    given = root.fields.first("message-id")
    found = _IN_BRACKETS.search(given)
    name = one_line(found[1] if found else given, MAX_MESSAGE_ID + 1).replace(" ", "")
    if 0 < len(name) <= MAX_MESSAGE_ID:
        return name
    return f"{_digest(root)}@missing.invalid"


def _digest(root: Part) -> str:
    """A digest of what no mail server changes on the way: line ends and trace fields are left out."""
    digest = hashlib.sha256()
    for name in _ORIGIN:
        digest.update(f"{name}:{' '.join(root.fields.first(name).split())}\n".encode("utf-8", "replace"))
    body = memoryview(root.raw)[root.start : root.end]
    for at in range(0, len(body), _CHUNK):
        digest.update(bytes(body[at : at + _CHUNK]).translate(None, b"\r\n"))
    return digest.hexdigest()


def _file(part: Part) -> File:
    given = part.name
    if not given and part.type.value == "message/rfc822":
        inner, _ = headers.parse(part.raw, part.start, part.end)
        subject = one_line(headers.words(inner.first("subject")), 100)
        given = subject and f"{subject.replace('/', '_')}.eml"
    content = part.content()
    name = names.file_name(given, part.type.value)
    return File(name, names.file_type(part.type.value, name), hashlib.sha256(content).hexdigest(), content)


def _appointments(root: Part, at: int, notes: list[str]) -> tuple[Appointment, ...]:
    found = contents.calendars(root)
    if not found:
        return ()
    from chat.mail.calendars import appointments  # takes its time to import, and few mails have any

    return appointments(found, at, notes)
