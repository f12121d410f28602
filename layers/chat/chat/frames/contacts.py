"""The routes ``contacts`` and ``contact``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chat.frames.base import AddressIn, AddressText, CursorText, Frame, Reply, Request


class Contacts(Request):
    """List the contacts, aliases first. With the version of an earlier listing, nothing is listed if it still holds."""

    action: Literal["contacts"]
    version: Annotated[int | None, Field(ge=0)] = None
    cursor: CursorText | None = None


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


class Contact(Request):
    """All details of one contact."""

    action: Literal["contact"]
    contact: AddressIn


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
