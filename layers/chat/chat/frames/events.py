"""Events: what the server pushes. Bridge nodes get each wrapped in a ``NodeFrame``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chat.frames.base import AddressText, Frame, MessageFrame, MessageId
from chat.frames.communications import CommunicationFrame

NODE_ONLY = frozenset({"stanza", "resources", "blocked"})
"""Fields of events that bridge nodes get and web clients do not."""
MAX_STANZA = 64 * 1024
"""Characters of a stanza in an event: a push carries 128 KB, and the sessions are named beside it."""


class MessageEvent(Frame):
    """A message to the user, or one that the user sent over another connection."""

    event: Literal["message"] = "message"
    message: MessageFrame
    stanza: Annotated[
        str | None,
        Field(max_length=MAX_STANZA, description="to bridge nodes: the stanza as another node's client sent it"),
    ] = None


class Resource(Frame):
    """An XMPP resource as bridge nodes show it to contacts; ``webmail`` is all of a user's webmail together."""

    resource: str
    status: Annotated[str, Field(description="available, away or busy")]
    priority: Annotated[int, Field(description="from -128 to 127")] = 0
    payload: Annotated[str, Field(description="the children of the client's presence stanza, as XML")] = ""
    node: Annotated[str, Field(description="the bridge node that it is on; empty for webmail")] = ""


class PresenceEvent(Frame):
    """A contact's presence changed, or with ``chosen`` the user's own choice in the status menu."""

    event: Literal["presence"] = "presence"
    address: AddressText
    status: Annotated[str, Field(description="available, away, busy or offline")]
    revision: Annotated[int, Field(description="rises with every change: of two events, the higher holds")]
    chosen: Annotated[str | None, Field(description="the user's own choice, to the user's own connections")] = None
    resources: Annotated[
        list[Resource] | None,
        Field(description="to bridge nodes: all resources that are there now"),
    ] = None
    blocked: Annotated[
        list[str] | None, Field(description="to bridge nodes: local parts of the contacts whom the user has blocked")
    ] = None


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


class CommunicationEvent(Frame):
    """A mail message, appointment or attachment was indexed, or has changed: it belongs to the contact's list."""

    event: Literal["communication"] = "communication"
    contact: AddressText
    communication: CommunicationFrame
    replaces: Annotated[
        list[MessageId] | None,
        Field(description="ids of entries whose place it takes: an appointment that is moved has another id"),
    ] = None


class StanzaEvent(Frame):
    """A stanza from a bridge node to sessions on another one; no web client gets it."""

    event: Literal["stanza"] = "stanza"
    xml: Annotated[str, Field(max_length=MAX_STANZA)]


class MissedEvent(Frame):
    """A bridge node did not take what was pushed to it: it reads again what was stored since. No web client gets it."""

    event: Literal["missed"] = "missed"
    since: Annotated[int, Field(description="the earliest time of what was not taken, in ms since the epoch")]


Event = (
    MessageEvent
    | PresenceEvent
    | TypingEvent
    | ReadEvent
    | DirectoryEvent
    | CommunicationEvent
    | StanzaEvent
    | MissedEvent
)


class Session(Frame):
    """An XMPP resource on a bridge node."""

    address: AddressText
    resource: str


class NodeFrame(Frame):
    """One push to a bridge node, for all its sessions concerned; without sessions, for all of the domain."""

    event: Event
    sessions: list[Session]
