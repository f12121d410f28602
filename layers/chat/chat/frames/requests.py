"""Requests: what a client sends. ``action`` is the route; each gets exactly one reply with its ``request_id``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chat.frames.base import AddressIn, CursorText, Frame, MessageId
from chat.watching import MAX_WATCHED

MAX_REQUEST_ID = 64


class Request(Frame):
    """What all requests have."""

    request_id: Annotated[str, Field(min_length=1, max_length=MAX_REQUEST_ID, description="the client's own choice")]


class Presence(Request):
    """Choose a status in the status menu; or, with ``automatic``, become Away by idling or come back from it."""

    action: Literal["presence"]
    status: Literal["available", "away", "busy", "offline"]
    automatic: bool = False


class Watch(Request):
    """Watch the presence of these contacts, instead of those before."""

    action: Literal["watch"]
    contacts: Annotated[list[AddressIn], Field(max_length=MAX_WATCHED)]


class Send(Request):
    """Send a message. A retry with the same id, recipient and body is the same message."""

    action: Literal["send"]
    id: MessageId
    recipient: AddressIn
    body: Annotated[str, Field(description="text, at most 16 KiB in UTF-8")]


class Typing(Request):
    """Tell a contact that the user is writing, at most every five seconds, or has stopped.

    It is not passed on to an alias that reaches more than 50 users.
    """

    action: Literal["typing"]
    contact: AddressIn
    active: bool


class Read(Request):
    """Mark a contact's messages as read, up to and with ``id``."""

    action: Literal["read"]
    contact: AddressIn
    id: MessageId


class Contacts(Request):
    """List the contacts, aliases first. With the version of an earlier listing, nothing is listed if it still holds."""

    action: Literal["contacts"]
    version: Annotated[int | None, Field(ge=0)] = None
    cursor: CursorText | None = None


class Contact(Request):
    """All details of one contact."""

    action: Literal["contact"]
    contact: AddressIn


class Conversations(Request):
    """List the conversations with a contact, newest first."""

    action: Literal["conversations"]
    contact: AddressIn
    cursor: CursorText | None = None


class History(Request):
    """The newest messages with a contact, then earlier ones by cursor; or exactly those of one conversation."""

    action: Literal["history"]
    contact: AddressIn
    conversation: Annotated[MessageId | None, Field(description="id of its first message")] = None
    cursor: CursorText | None = None


class Sync(Request):
    """All threads with their unread counts; with ``since``, those changed behind that id and all messages since.

    A reader takes for ``since`` its newest id less two minutes, and drops what it has.
    """

    action: Literal["sync"]
    since: MessageId | None = None
    cursor: CursorText | None = None


class Ping(Request):
    """Keep the connection open (API Gateway closes it after 10 idle minutes)."""

    action: Literal["ping"]


class LogIn(Frame):
    """``POST /session``: a password for a session token."""

    address: AddressIn
    password: Annotated[str, Field(min_length=1, max_length=1024)]
