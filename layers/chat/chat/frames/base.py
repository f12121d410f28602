"""What all frames share: strict types, no unknown fields, and the spelling of addresses, ids and texts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from chat import ids
from chat.addresses import MAX_DOMAIN, MAX_LOCAL
from chat.cursors import MAX_CURSOR

MAX_FRAME = 32 * 1024
"""Bytes of one frame: API Gateway's limit for a WebSocket frame."""
PAGE_BYTES = 28 * 1024
"""Bytes of entries that one page carries, which leaves room for the rest of its frame."""

AddressText = Annotated[
    str,
    BeforeValidator(str),
    Field(max_length=MAX_LOCAL + 1 + MAX_DOMAIN, examples=["alice@example.com"], description="local@domain"),
]
"""An address going out."""
AddressIn = Annotated[
    str, Field(min_length=3, max_length=MAX_LOCAL + 1 + MAX_DOMAIN, description="local@domain, any case")
]
"""An address coming in; the handler parses it."""
MessageId = Annotated[str, Field(pattern=ids.PATTERN, description="UUIDv7 in lower case")]
Timestamp = Annotated[str, Field(description="UTC, ISO 8601 with milliseconds", examples=["2026-01-31T09:30:00.123Z"])]
MAX_REQUEST_ID = 64
"""Characters."""
CursorText = Annotated[str, Field(max_length=MAX_CURSOR, description="opaque; from the reply before")]


class Frame(BaseModel):
    """A frame or a part of one."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, from_attributes=True, defer_build=True, hide_input_in_errors=True
    )


class MessageFrame(Frame):
    """A stored message. Its thread is the recipient's where that is an alias, else that of the two addresses."""

    id: MessageId
    sender: AddressText
    recipient: AddressText
    body: str
    sent_at: Timestamp
    door: Annotated[str, Field(description="the door it came through: web or xmpp")]


class Request(Frame):
    """What all requests have."""

    request_id: Annotated[
        str, Field(min_length=1, max_length=MAX_REQUEST_ID, description="the client's own choice; it is logged")
    ]


class Reply(Frame):
    """What all replies to served requests have."""

    request_id: str = ""
    ok: Literal[True] = True


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
