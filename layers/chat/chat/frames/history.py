"""The routes ``conversations``, ``history`` and ``sync``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chat.frames.base import (
    AddressIn,
    AddressText,
    CursorText,
    Frame,
    MessageFrame,
    MessageId,
    Reply,
    Request,
    Timestamp,
)


class Conversations(Request):
    """List the conversations with a contact, newest first."""

    action: Literal["conversations"]
    contact: AddressIn
    cursor: CursorText | None = None


class ConversationFrame(Frame):
    """A conversation; ``history`` with its id gives its messages."""

    id: MessageId
    started_at: Timestamp
    ended_at: Timestamp
    count: int
    complete: Annotated[bool, Field(description="false where it has more than 1,000 messages: count is a minimum")]
    preview: str
    participants: Annotated[list[AddressText], Field(description="who wrote in it, 20 at most")]
    doors: list[str]


class ConversationsReply(Reply):
    """A page of conversations, newest first."""

    conversations: list[ConversationFrame]
    cursor: CursorText | None = None


class History(Request):
    """The newest messages with a contact, then earlier ones by cursor; or exactly those of one conversation."""

    action: Literal["history"]
    contact: AddressIn
    conversation: Annotated[MessageId | None, Field(description="id of its first message")] = None
    cursor: CursorText | None = None


class HistoryReply(Reply):
    """Messages in the order of their ids; the cursor leads to earlier ones, or on in the conversation."""

    messages: list[MessageFrame]
    read: Annotated[MessageId | None, Field(description="up to where the contact, a user, has read")] = None
    cursor: CursorText | None = None


class Sync(Request):
    """All threads with their unread counts; with ``since``, those changed behind that id and all messages since.

    A reader takes for ``since`` its newest id less two minutes, and drops what it has.
    """

    action: Literal["sync"]
    since: MessageId | None = None
    cursor: CursorText | None = None


class ThreadFrame(Frame):
    """A thread as the inbox shows it."""

    contact: AddressText
    last_id: MessageId
    sender: AddressText
    sent_at: Timestamp
    preview: str
    read: Annotated[MessageId | None, Field(description="up to where the user has read")] = None
    unread: Annotated[int, Field(description="messages of others behind it, among the first 100")]


class SyncReply(Reply):
    """A page of what happened: threads first, then messages in the order of their ids."""

    threads: list[ThreadFrame]
    messages: list[MessageFrame]
    until: Annotated[MessageId, Field(description="a client without messages takes this for its newest id")]
    cursor: CursorText | None = None
