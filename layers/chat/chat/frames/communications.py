"""The route ``communications``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chat.frames.base import AddressIn, CursorText, Frame, MessageId, Reply, Request, Timestamp

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
    at: Annotated[Timestamp, Field(description="when the mail was sent or came, or the appointment begins; UTC")]
    title: Annotated[str, Field(description="subject, summary or file name, its first 200 characters")]
    direction: Annotated[
        Literal["sent", "received"] | None, Field(description="of a mail message, or of the one with the file")
    ] = None
    size: Annotated[int | None, Field(description="bytes")] = None
    ends_at: Annotated[Timestamp | None, Field(description="when the appointment ends; UTC")] = None


class CommunicationsReply(Reply):
    """A page of up to 25. The cursor alone tells whether there are more: a page may be empty and have one."""

    indexed: Annotated[
        bool, Field(description="whether any mail has ever been indexed for the domain, with whomever it was")
    ]
    communications: list[CommunicationFrame]
    cursor: CursorText | None = None
