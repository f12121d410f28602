"""The bodies of ``POST /session`` and ``POST /session/ticket``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from chat.errors import BadField, MissingField
from chat.frames.base import AddressIn, AddressText, Frame
from chat.frames.parsing import read_frame
from chat.signon import MAX_JWT


class LogIn(Frame):
    """``POST /session``: a password for a session token."""

    address: AddressIn
    password: Annotated[str, Field(min_length=1, max_length=1024)]


class SignOn(Frame):
    """``POST /session``: a JWT of the domain's webmail for a session token.

    The webmail signs it for its logged-in user, with the key that it shares with the chat (HS256, HS384, HS512) or with
    one of its key set (RS, PS and ES with 256 and 384, RS512, PS512, EdDSA), whose ``kid`` the header names. Claims:
    ``iss`` and ``aud`` as set for the domain, ``iat`` and ``exp`` at most an hour apart, ``nbf`` if wanted, and the
    user's address in ``email``, or without that in ``sub``. Times may be wrong by 30 seconds.
    """

    jwt: Annotated[str, Field(min_length=1, max_length=MAX_JWT)]


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


def read_log_in(content: Mapping[str, Any]) -> LogIn | SignOn:
    """The body of ``POST /session``: one of two ways to log in.

    Raises:
        BadField: both ways, or a field of the wrong kind.
        MissingField, UnknownField: neither way, or not all of one, or more than that.
    """
    password = content.keys() & LogIn.model_fields.keys()
    if "jwt" not in content:
        if not password:
            raise MissingField("address and password are missing, or jwt instead of both", field="address")
        return read_frame(LogIn, content)
    if password:
        raise BadField("jwt: give either jwt, or address and password, not both", field="jwt")
    return read_frame(SignOn, content)
