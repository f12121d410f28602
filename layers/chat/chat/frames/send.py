"""The routes ``send``, ``typing`` and ``read``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chat.frames.base import AddressIn, MessageId, Reply, Request, Timestamp


class Send(Request):
    """Send a message. A retry with the same id, recipient and body is the same message."""

    action: Literal["send"]
    id: MessageId
    recipient: AddressIn
    body: Annotated[str, Field(description="text, at most 16 KiB in UTF-8")]


class SendReply(Reply):
    """The message is stored. ``reached`` counts the other users whom it was pushed to at once."""

    id: MessageId
    sent_at: Timestamp
    reached: int


class Typing(Request):
    """Tell a contact that the user is writing, at most every five seconds, or has stopped.

    It is not passed on to an alias that reaches more than 50 users.
    """

    action: Literal["typing"]
    contact: AddressIn
    active: bool


class TypingReply(Reply):
    """It was passed on."""


class Read(Request):
    """Mark a contact's messages as read, up to and with ``id``."""

    action: Literal["read"]
    contact: AddressIn
    id: MessageId


class ReadReply(Reply):
    """Whether the read marker moved."""

    moved: bool
