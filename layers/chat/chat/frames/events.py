"""Events: what the server pushes. Bridge nodes get each wrapped in a ``NodeFrame``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chat.frames.base import AddressText, Frame, MessageFrame, MessageId


class MessageEvent(Frame):
    """A message to the user, or one that the user sent over another connection."""

    event: Literal["message"] = "message"
    message: MessageFrame


class PresenceEvent(Frame):
    """A contact's presence changed, or with ``chosen`` the user's own choice in the status menu."""

    event: Literal["presence"] = "presence"
    address: AddressText
    status: Annotated[str, Field(description="available, away, busy or offline")]
    revision: Annotated[int, Field(description="rises with every change: of two events, the higher holds")]
    chosen: Annotated[str | None, Field(description="the user's own choice, to the user's own connections")] = None


class TypingEvent(Frame):
    """Somebody is writing, or has stopped."""

    event: Literal["typing"] = "typing"
    contact: Annotated[AddressText, Field(description="whose chat it shows in: the sender, or an alias")]
    sender: AddressText
    active: bool


class ReadEvent(Frame):
    """Messages up to ``id`` were read: by the contact, or by the user on another connection."""

    event: Literal["read"] = "read"
    contact: AddressText
    reader: AddressText
    id: MessageId


class DirectoryEvent(Frame):
    """The domain's contacts changed: ask ``contacts`` again."""

    event: Literal["directory"] = "directory"
    domain: str


Event = MessageEvent | PresenceEvent | TypingEvent | ReadEvent | DirectoryEvent


class Session(Frame):
    """An XMPP resource on a bridge node."""

    address: AddressText
    resource: str


class NodeFrame(Frame):
    """One push to a bridge node, for all its sessions concerned; without sessions, for all of the domain."""

    event: Event
    sessions: list[Session]
