"""Messages as stanzas: what a recipient gets, carbons of it, and what the archive gives, all made of the same text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from xml.etree.ElementTree import Element

from bridge.elements import element, qualified, write
from bridge.names import (
    ADDRESSES,
    BODY,
    CARBONS,
    CLIENT,
    DELAY,
    FORWARD,
    HINTS,
    IDS,
    LANG,
    MARKERS,
    MESSAGE,
    WEBMAIL,
)
from chat.addresses import Address
from chat.tables.history import XMPP, Message

KINDS = frozenset(("chat", "normal", "groupchat", "headline", "error"))
"""Types of messages (RFC 6121 §5.2.2); any other is ``normal``."""


@dataclass(frozen=True)
class Envelope:
    """A stored message, and what its stanza said beside that."""

    message: Message
    sender: str
    """The full JID that it comes from."""
    recipient: str
    """The JID that it was sent to: bare, or with a resource."""
    kind: str = "chat"
    to_alias: bool = False

    @cached_property
    def content(self) -> str:
        """The stanza's children as text: the body, and the extensions as they came."""
        body = write(element(BODY, self.message.body))
        markable = "" if self.message.door == XMPP else f'<markable xmlns="{MARKERS}"/>'
        return f"{body}{''.join(self.message.extensions)}{markable}"

    @property
    def stanza_id(self) -> str:
        """The id that the sender's client gave the stanza; webmail's is the archive's."""
        return self.message.origin or self.message.id

    @cached_property
    def senders(self) -> frozenset[str]:
        """Local parts of whom a recipient may have blocked to get none of it: the sender, and the alias it is for."""
        alias = {self.message.recipient.local} if self.to_alias else set()
        return frozenset({self.message.sender.local} | alias)

    @cached_property
    def is_private(self) -> bool:
        """Whether the sender wants no carbons of it (XEP-0280 §9, XEP-0334 §4.3)."""
        return f'<private xmlns="{CARBONS}"' in self.content or f'<no-copy xmlns="{HINTS}"' in self.content

    def stanza(self, owner: Address, *, archived: bool = True, delayed: bool = False, xmlns: bool = False) -> str:
        """The message as ``owner`` gets it, with the id that it has in the owner's archive (XEP-0359)."""
        to = self.recipient if self.recipient.partition("/")[0] == str(owner) else str(owner)
        return self._text(owner, to, archived=archived, delayed=delayed, xmlns=xmlns)

    def copy(self, owner: Address) -> str:
        """The message for the archive or a carbon: to whom it was sent, as a document part of its own."""
        return self._text(owner, self.recipient, archived=False, delayed=False, xmlns=True)

    def carbon(self, owner: Address, jid: str, direction: str) -> str:
        """A copy for another client of ``owner``: ``sent`` or ``received`` (XEP-0280)."""
        to = self.recipient if direction == "sent" or not self.to_alias else str(owner)
        inner = self._text(owner, to, archived=True, delayed=False, xmlns=True)
        return carbon(inner, owner, jid, direction, self.kind)

    def _text(self, owner: Address, to: str, *, archived: bool, delayed: bool, xmlns: bool) -> str:
        attributes = {"from": self.sender, "to": to, "id": self.stanza_id, "type": self.kind}
        opening = write(Element(MESSAGE, attributes), CLIENT).removesuffix("/>")
        if xmlns:
            opening = opening.replace("<message", f'<message xmlns="{CLIENT}"', 1)
        marks = ""
        if self.to_alias and owner != self.message.sender:
            alias = element(qualified(ADDRESSES, "address"), type="to", jid=str(self.message.recipient))
            marks += write(element(qualified(ADDRESSES, "addresses"), alias))
        if archived:
            marks += write(element(qualified(IDS, "stanza-id"), id=self.message.id, by=str(owner)))
        if delayed:
            marks += write(element(qualified(DELAY, "delay"), from_=owner.domain, stamp=self.message.sent_at))
        return f"{opening}>{self.content}{marks}</message>"


def of(message: Message, to_alias: bool) -> Envelope:
    """The envelope of a message that is known from the store alone."""
    resource = message.resource if message.door == XMPP else WEBMAIL
    sender = f"{message.sender}/{resource}" if resource else str(message.sender)
    return Envelope(message, sender, str(message.recipient), message.kind or "chat", to_alias)


def carbon(inner: str, owner: Address, jid: str, direction: str, kind: str) -> str:
    """A carbon around the text of a message."""
    opening = write(Element(MESSAGE, {"from": str(owner), "to": jid, "type": kind}), CLIENT).removesuffix("/>")
    return (
        f'{opening}><{direction} xmlns="{CARBONS}"><forwarded xmlns="{FORWARD}">{inner}</forwarded>'
        f"</{direction}></message>"
    )


def text_body(stanza: Element) -> Element | None:
    """The body that is a message's text, so that it is kept; messages without any are only passed on. Of several, which
    are of different languages (RFC 6121 §5.2.3), the first that names none, else the first.
    """
    bodies = [each for each in stanza.iterfind(BODY) if (each.text or "").strip()]
    return next((each for each in bodies if LANG not in each.attrib), bodies[0] if bodies else None)
