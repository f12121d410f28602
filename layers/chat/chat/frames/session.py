"""The bodies of ``POST /session`` and ``POST /session/ticket``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from chat.frames.base import AddressIn, AddressText, Frame


class LogIn(Frame):
    """``POST /session``: a password for a session token."""

    address: AddressIn
    password: Annotated[str, Field(min_length=1, max_length=1024)]


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
