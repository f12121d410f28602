"""The route ``communications``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chat.frames.base import AddressIn, AddressText, CursorText, Frame, MessageId, Reply, Request, Timestamp

Kind = Literal["message", "appointment", "attachment"]


class Communications(Request):
    """List the user's own mail messages, appointments or attachments that involve a contact, newest first.

    Of an alias its members get all that it has, others what they have with it themselves.
    """

    action: Literal["communications"]
    contact: AddressIn
    kind: Kind
    cursor: CursorText | None = None


class CommunicationFrame(Frame):
    """An indexed mail message, appointment or attachment."""

    id: MessageId
    kind: Kind
    at: Annotated[
        Timestamp,
        Field(description="when the mail was sent or came, or the appointment begins, its next occurrence; UTC"),
    ]
    title: Annotated[str, Field(description="subject, summary or file name, its first 200 characters")]
    direction: Annotated[
        Literal["sent", "received"] | None, Field(description="of a mail message, or of the one with the file")
    ] = None
    size: Annotated[int | None, Field(description="bytes")] = None
    ends_at: Annotated[Timestamp | None, Field(description="when the appointment, or this occurrence, ends; UTC")] = (
        None
    )
    preview: Annotated[str | None, Field(description="how the mail's text begins, its first 200 characters")] = None
    people: Annotated[
        list[str] | None, Field(description="who else took part in the mail, by address, the first 10")
    ] = None
    more_people: Annotated[int | None, Field(description="how many more took part")] = None
    files: Annotated[int | None, Field(description="how many files came with the mail")] = None
    place: Annotated[str | None, Field(description="where the appointment is, its first 200 characters")] = None
    all_day: Annotated[
        bool | None,
        Field(description="whole days: at and ends_at are midnights, in UTC, of the first and behind the last"),
    ] = None
    rule: Annotated[str | None, Field(description="how the appointment is repeated: RRULE of RFC 5545 §3.3.10")] = None
    answer: Annotated[
        Literal["needs-action", "accepted", "declined", "tentative"] | None, Field(description="the user's own")
    ] = None
    contact_answer: Annotated[
        Literal["needs-action", "accepted", "declined", "tentative"] | None,
        Field(description="the contact's, as far as the user knows it"),
    ] = None
    state: Annotated[Literal["confirmed", "tentative", "cancelled"] | None, Field(description="of an appointment")] = (
        None
    )
    content_type: Annotated[str | None, Field(description="of a file")] = None
    mail: Annotated[MessageId | None, Field(description="the mail message that it came with")] = None
    mail_title: Annotated[str | None, Field(description="the subject of that, its first 200 characters")] = None
    url: Annotated[str | None, Field(description="where a file is that was shared in the chat")] = None


class CommunicationsReply(Reply):
    """A page of up to 25. The cursor alone tells whether there are more: a page may be empty and have one."""

    indexed: Annotated[
        bool, Field(description="whether any mail has ever been indexed for the domain, with whomever it was")
    ]
    communications: list[CommunicationFrame]
    cursor: CursorText | None = None


class Mail(Request):
    """Read one of the mail messages that ``communications`` lists."""

    action: Literal["mail"]
    contact: AddressIn
    id: MessageId


class PersonFrame(Frame):
    """Somebody named in a mail header."""

    name: str
    address: Annotated[str, Field(description="empty where it cannot be read")]


class MailReply(Reply):
    """A mail message, as plain text. Nothing of it is to be shown as HTML, and nothing is loaded from elsewhere."""

    id: MessageId
    at: Timestamp
    subject: str
    sender: PersonFrame | None = None
    to: list[PersonFrame]
    cc: list[PersonFrame]
    more_people: Annotated[int, Field(description="how many more recipients there are")] = 0
    text: Annotated[str, Field(description="at most 16 KiB of it")]
    cut: Annotated[bool, Field(description="whether the mail says more than that")]
    files: list[CommunicationFrame]
    more_files: Annotated[int, Field(description="how many more came with it; communications has them all")] = 0
    notes: Annotated[
        list[str] | None, Field(description="what of the mail is not here or not indexed, and why, in English")
    ] = None
    link: Annotated[str | None, Field(description="the mail in the webmail itself")] = None


class Download(Request):
    """Get a file that ``communications`` lists."""

    action: Literal["download"]
    contact: AddressIn
    id: MessageId


class DownloadReply(Reply):
    """Where the file can be fetched for a minute, as one to save."""

    url: str
    name: str


HitKind = Literal["chat", "message", "appointment", "attachment"]


class Search(Request):
    """Find chat messages, mail, appointments and attachments with a contact by words, newest first."""

    action: Literal["search"]
    contact: AddressIn
    words: Annotated[str, Field(min_length=1, max_length=200, description="all of them, or beginnings, must be there")]
    cursor: CursorText | None = None


class HitFrame(Frame):
    """Something that has all words."""

    id: MessageId
    kind: HitKind
    at: Timestamp
    title: Annotated[str, Field(description="subject, summary or file name; empty for a chat message")]
    text: Annotated[str, Field(description="the passage around the first word, at most 200 characters")]
    sender: Annotated[AddressText | None, Field(description="of a chat message")] = None
    direction: Literal["sent", "received"] | None = None


class SearchReply(Reply):
    """A page of up to 25. It may be empty and have a cursor: each request looks at so much and no more."""

    hits: list[HitFrame]
    searched_to: Annotated[Timestamp | None, Field(description="everything since then has been looked at")] = None
    cursor: CursorText | None = None
