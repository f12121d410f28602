"""The reply that shows a mail message: as much of it as one frame carries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote

from chat.frames.base import MAX_FRAME
from chat.frames.communications import CommunicationFrame, MailReply, PersonFrame
from chat.frames.paging import fit
from chat.mail.documents import Document
from chat.mail.model import Person
from chat.tables.communications import Communication
from chat.texts import whole

MAX_TEXT = 16 * 1024
"""Bytes of the text in UTF-8."""
PEOPLE_BYTES = 3 * 1024
"""Bytes of who is in To, and as many of who is in Cc."""
FILES_BYTES = 5 * 1024
MAX_NAME = 100
"""Characters of a name."""
MAX_NOTES = 5
MAX_NOTE = 200
"""Characters of a note."""
MAX_LINK = 2000
"""Characters: a longer link is left out, as not every browser and server takes it."""
_REQUEST_ID = 512
"""Bytes that are left for the request id."""


def reply(mail: Communication, document: Document, files: Sequence[Communication], view: str) -> MailReply:
    """The reply for a message and its files. ``view``: URL of the webmail's own view of a message, with
    ``{message_id}`` where its Message-ID goes, or "" for no link."""
    to, cc = _people(document.to), _people(document.cc)
    listed = [CommunicationFrame.model_validate(each) for each in files]
    listed = listed[: fit(listed, FILES_BYTES)]
    link = view.replace("{message_id}", quote(document.message_id, safe=""))
    frame = MailReply(
        id=mail.id,
        at=mail.at,
        subject=document.subject,
        sender=_person(document.sender) if document.sender else None,
        to=to,
        cc=cc,
        more_people=document.more_people + len(document.to) - len(to) + len(document.cc) - len(cc),
        text="",
        cut=document.cut,
        files=listed,
        more_files=max(mail.files or 0, len(files)) - len(listed),
        notes=[note[:MAX_NOTE] for note in document.notes[:MAX_NOTES]] or None,
        link=link if 0 < len(link) <= MAX_LINK else None,
    )
    text = _cut(document.text, MAX_FRAME - _REQUEST_ID - len(frame.model_dump_json(exclude_none=True).encode()))
    return frame.model_copy(update={"text": text, "cut": document.cut or len(text) < len(document.text)})


def _people(people: Sequence[Person]) -> list[PersonFrame]:
    frames = [_person(each) for each in people]
    return frames[: fit(frames, PEOPLE_BYTES)]


def _person(person: Person) -> PersonFrame:
    return PersonFrame(name=person.name[: whole(person.name, MAX_NAME)], address=person.address)


def _cut(text: str, room: int) -> str:
    """The beginning of a text that has at most 16 KiB, and ``room`` bytes as JSON."""
    end = len(text.encode()[:MAX_TEXT].decode(errors="ignore"))
    while (size := len(json.dumps(text[:end], ensure_ascii=False).encode())) > room:
        end = end * room // size
    return text[: whole(text, end)]
