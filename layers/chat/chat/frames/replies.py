"""Replies: one to every request, with its ``request_id``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chat.frames.base import AddressText, CursorText, Frame, MessageFrame, MessageId, PresenceFrame, Timestamp


class Error(Frame):
    """What was wrong. Programs go by ``code`` and ``details``, people read ``message``."""

    code: str
    message: str
    details: dict[str, int | str] | None = None


class ErrorReply(Frame):
    """The reply to a request that could not be served. Without ``request_id`` where it could not be read."""

    request_id: str | None
    ok: Literal[False] = False
    error: Error


class Reply(Frame):
    """What all replies to served requests have."""

    request_id: str = ""
    ok: Literal[True] = True


class PresenceReply(Reply):
    """The status of this connection now, and what the user chose."""

    status: str
    chosen: str


class WatchReply(Reply):
    """The presence of those named, in their order."""

    presence: list[PresenceFrame]


class SendReply(Reply):
    """The message is stored. ``reached`` counts the other users whom it was pushed to at once."""

    id: MessageId
    sent_at: Timestamp
    reached: int


class TypingReply(Reply):
    """It was passed on."""


class ReadReply(Reply):
    """Whether the read marker moved."""

    moved: bool


class ContactSummary(Frame):
    """A contact as lists show it."""

    kind: Literal["user", "alias"]
    address: AddressText
    name: str
    title: str | None = None
    department: str | None = None
    member: Annotated[bool | None, Field(description="for an alias: whether the user reads its whole thread")] = None


class ContactsReply(Reply):
    """A page of contacts; ``unchanged`` instead where the version asked for still holds."""

    version: int
    unchanged: bool = False
    contacts: list[ContactSummary]
    cursor: CursorText | None = None


class ContactDetails(ContactSummary):
    """All details of a contact."""

    phones: list[str] | None = None
    photo: str | None = None
    aliases: Annotated[list[AddressText] | None, Field(description="for a user: the aliases that reach it")] = None
    members: Annotated[list[AddressText] | None, Field(description="for an alias: the users that it reaches")] = None
    more_members: Annotated[int | None, Field(description="how many more it reaches than one frame can name")] = None


class ContactReply(Reply):
    """One contact."""

    contact: ContactDetails


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


class HistoryReply(Reply):
    """Messages in the order of their ids; the cursor leads to earlier ones, or on in the conversation."""

    messages: list[MessageFrame]
    read: Annotated[MessageId | None, Field(description="up to where the contact, a user, has read")] = None
    cursor: CursorText | None = None


class ThreadFrame(Frame):
    """A thread as the inbox shows it."""

    contact: AddressText
    last_id: MessageId
    sender: AddressText
    sent_at: Timestamp
    preview: str
    read: Annotated[MessageId | None, Field(description="up to where the user has read")]
    unread: Annotated[int, Field(description="messages of others behind it, among the first 100")]


class SyncReply(Reply):
    """A page of what happened: threads first, then messages in the order of their ids."""

    threads: list[ThreadFrame]
    messages: list[MessageFrame]
    until: Annotated[MessageId, Field(description="a client without messages takes this for its newest id")]
    cursor: CursorText | None = None


class PingReply(Reply):
    """The server's time, in ms since the epoch."""

    time: int


class SessionReply(Frame):
    """The answer to ``POST /session``."""

    token: str
    address: AddressText
    expires_at: int


class TicketReply(Frame):
    """The answer to ``POST /session/ticket``: open ``url?ticket=…`` within ``expires_in`` seconds."""

    ticket: str
    url: str
    expires_in: int
