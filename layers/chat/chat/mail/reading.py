"""Reading a mail: from the raw message to all that is indexed of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from chat.mail import contents, dates, headers, names, parts, verdicts
from chat.mail.charsets import one_line
from chat.mail.headers import Fields
from chat.mail.model import MAX_MAIL, Appointment, Envelope, File, Mail, Person, Unreadable, in_order
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
_RECEIVED_FOR = re.compile(r"\sfor\s++(?:<([^<>]++)>|([^\s<>();@]++@[^\s<>();]++))", re.IGNORECASE)
"""With brackets or, as Amazon SES has it, without."""
_PASSED_ON = ("list-id", "list-post", "resent-")
"""How fields begin that mailing lists add, and those who send a message on (RFC 2369, RFC 2919, RFC 5322 §3.6.6)."""
_ANSWERS = ("REPLY", "COUNTER", "REFRESH")
"""Methods of what attendees send to the organizer (RFC 5546 §1.4)."""
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
    sender, is_authentic = _sender(fields, named, envelope)
    author = sender.address if sender and is_authentic else ""
    recipients = _recipients(fields, envelope)
    is_passed_on = any(name.startswith(_PASSED_ON) for name, _ in fields.fields)
    others = [*named["from"], *named["sender"]]
    if sender and envelope.by_ses and not is_authentic:
        notes.append("Amazon SES could not tell that it is from whom it says")
    text, is_cut = contents.text(root)
    return Mail(
        message_id=_message_id(root),
        at=at,
        subject=one_line(headers.words(fields.first("subject")), MAX_SUBJECT),
        sender=sender,
        to=tuple(named["to"]),
        cc=tuple(named["cc"]),
        bcc=_blind(named, [] if is_passed_on else recipients),
        text=text,
        is_cut=is_cut,
        size=len(raw),
        files=_files(root, envelope, notes),
        appointments=_appointments(root, at, author, named["to"], notes),
        notes=tuple(dict.fromkeys(notes))[:MAX_NOTES],
        is_authentic=is_authentic,
        others=_once(others, {author}),
        passed_to=_once(recipients, ()) if is_passed_on else None,
        fingerprint="" if is_authentic else _digest(root),
    )


def _people(fields: Fields, name: str, notes: list[str]) -> list[Person]:
    found = people(fields.all(name))
    if len(found) > MAX_PEOPLE:
        notes.append(f"{name.capitalize()} names more than {MAX_PEOPLE:,}; the others were not read")
    return found[:MAX_PEOPLE]


def _sender(fields: Fields, named: dict[str, list[Person]], envelope: Envelope) -> tuple[Person | None, bool]:
    """Whom a message is shown to be from, and whether that is its author.

    Mail servers that check an author look at the domain of From, and at nothing where From names several (RFC 7489
    §6.6.1): then any of these may have written it.
    """
    authors = _once(named["from"], ())  # without pieces of names that have a comma in them
    if len(authors) == 1:
        domain = authors[0].address.rpartition("@")[2]
        return authors[0], not envelope.by_ses or verdicts.vouches_for(fields, domain)
    found = [*authors, *named["from"], *named["sender"], *_envelope_sender(fields, envelope)]
    return found[0] if found else None, False


def _once(found: list[Person], known: Collection[str]) -> tuple[Person, ...]:
    """Those whose addresses are not known, each address once."""
    once: dict[str, Person] = {}
    for each in found:
        if each.address and each.address not in known:
            once.setdefault(each.address, each)
    return tuple(once.values())


def _envelope_sender(fields: Fields, envelope: Envelope) -> list[Person]:
    found = address(envelope.sender or fields.first("return-path").strip("<> "))
    return [Person("", found)] if found else []


def _recipients(fields: Fields, envelope: Envelope) -> list[Person]:
    """To whom a message was delivered, as the envelope says, or else what mail servers noted of it."""
    noted = list(envelope.recipients)
    if not noted:
        noted = [value for name in _DELIVERED for value in fields.all(name)]
        last = _RECEIVED_FOR.search(fields.first("received"))
        noted = [*noted[:MAX_PEOPLE], *([last[1] or last[2]] if last else [])]
    return [Person("", address(each.strip("<> "))) for each in noted[: MAX_PEOPLE + 1]]


def _blind(named: dict[str, list[Person]], recipients: list[Person]) -> tuple[Person, ...]:
    """Recipients whom no other field names."""
    known = {person.address for name, found in named.items() if name != "bcc" for person in found}
    return in_order(_once([*named["bcc"], *recipients], known)[:MAX_PEOPLE])


def _files(root: Part, envelope: Envelope, notes: list[str]) -> tuple[File, ...]:
    found = contents.files(root)
    if found and envelope.by_ses and verdicts.has_virus(root.fields):
        notes.append("its files were left out: Amazon SES found a virus in it")
        return ()
    return tuple(_file(part) for part in found)


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


def _appointments(root: Part, at: int, author: str, to: Sequence[Person], notes: list[str]) -> tuple[Appointment, ...]:
    """Its appointments. Those without an organizer are its author's; where they are answers, that of whom it is to."""
    found = contents.calendars(root)
    if not found:
        return ()
    from chat.mail.calendars import appointments  # takes its time to import, and few mails have any

    asked = to[0].address if len(to) == 1 else ""
    return tuple(
        replace(each, organizer=each.organizer or (asked if each.method in _ANSWERS else author))
        for each in appointments(found, at, notes)
    )
