"""What each part of a mail is to its reader: text, a file, an invitation, or nothing of these.

- Of alternatives the plain text is read, or the HTML where that says nothing.
- A part without a name that is not marked as an attachment is text if it is ``text/plain`` or ``text/html``.
- Pictures that belong to an HTML text, as those of signatures do, are no files, unless they are marked as attachments.
- A message inside is one file; its text is not the mail's, nor are its files.
- Signatures, and what reports say to machines, are neither.
"""

from __future__ import annotations

from chat.mail.model import MAX_TEXT
from chat.mail.parts import Part
from chat.mail.texts import Texts

_TEXT = {"text/plain", "text/html"}
_CALENDARS = {"text/calendar", "application/ics"}
_FOR_MACHINES = {
    "application/pgp-encrypted",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "message/delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
    "message/global-delivery-status",
    "text/rfc822-headers",
}


def text(root: Part) -> tuple[str, bool]:
    """What a mail says, at most 64 Ki characters, and whether it says more."""
    reader = Texts()
    whole = _text(root, reader, "")
    return whole[:MAX_TEXT], reader.is_cut or len(whole) > MAX_TEXT


def files(part: Part, around: str = "") -> list[Part]:
    """The parts that are files, in their order. ``around`` is the type of the multipart that the part is in."""
    if part.children:
        return [file for child in part.children for file in files(child, part.type.value)]
    return [part] if _is_file(part, around) else []


def calendars(part: Part) -> list[Part]:
    """The parts that may hold appointments, in their order."""
    if part.children:
        return [found for child in part.children for found in calendars(child)]
    return [part] if part.type.value in _CALENDARS or part.name.lower().endswith(".ics") else []


def _text(part: Part, reader: Texts, around: str) -> str:
    if not part.children:
        return reader.of(part) if _is_text(part, around) else ""
    if part.type.value == "multipart/alternative":
        return _alternative(part, reader)
    pieces: list[str] = []
    length = 0
    for child in part.children:
        piece = _text(child, reader, part.type.value)
        if piece and length > MAX_TEXT:
            reader.is_cut = True
            break
        pieces += [piece] if piece else []
        length += len(piece)
    return "\n\n".join(pieces)


def _alternative(part: Part, reader: Texts) -> str:
    """The plain text, or else the last alternative that says anything: senders put the best one last."""
    plain = [child for child in part.children if child.type.value == "text/plain"]
    others = [child for child in reversed(part.children) if child.type.value != "text/plain"]
    return next((found for child in plain + others if (found := _text(child, reader, part.type.value))), "")


def _is_text(part: Part, around: str) -> bool:
    if part.is_attachment:
        return False
    if not around and part.type.value.startswith("text/"):  # RFC 2046 §4.1.4
        return part.type.value not in _CALENDARS
    return part.type.value in _TEXT and (not part.name or around in ("", "multipart/alternative", "multipart/related"))


def _is_file(part: Part, around: str) -> bool:
    kind = part.type.value
    if part.is_attachment:
        return kind not in _FOR_MACHINES
    if _is_text(part, around) or kind in _FOR_MACHINES or kind.startswith("multipart/"):
        return False
    if around == "multipart/related" and kind.startswith("image/"):
        return False
    return not (around in ("", "multipart/alternative") and (kind in _CALENDARS or (around and not part.name)))
