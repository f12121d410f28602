"""The routes ``presence`` and ``watch``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chat.frames.base import AddressIn, AddressText, Frame, Reply, Request
from chat.watching import MAX_WATCHED


class Presence(Request):
    """Choose a status in the status menu; or, with ``automatic``, become Away by idling or come back from it."""

    action: Literal["presence"]
    status: Literal["available", "away", "busy", "offline"]
    automatic: bool = False


class PresenceReply(Reply):
    """The status of this connection now, and what the user chose."""

    status: str
    chosen: str


class PresenceFrame(Frame):
    """A contact's presence. Of two for one contact, the one with the higher ``revision`` holds."""

    address: AddressText
    status: Annotated[str, Field(description="available, away, busy or offline")]
    revision: Annotated[int, Field(description="rises with every change; 0 where nothing is known")]


class Watch(Request):
    """Watch the presence of these contacts, instead of those before."""

    action: Literal["watch"]
    contacts: Annotated[list[AddressIn], Field(max_length=MAX_WATCHED)]


class WatchReply(Reply):
    """The presence of those named, in their order."""

    presence: list[PresenceFrame]
