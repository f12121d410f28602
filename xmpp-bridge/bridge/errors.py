"""Stream errors (RFC 6120 §4.9) and stanza errors (§8.3), and the chat's own errors as stanza errors."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge.elements import element, qualified
from bridge.names import CLIENT, ERROR, STANZA_ERRORS, STREAM, STREAM_ERRORS
from chat.errors import ChatError

CHAT_ERRORS = "urn:company-chat:errors"
"""The namespace of our own codes beside the defined condition (RFC 6120 §8.3.4)."""


class StreamError(Exception):
    """The stream cannot go on. ``condition`` is one of RFC 6120 §4.9.3."""

    def __init__(self, condition: str, text: str = "") -> None:
        super().__init__(text or condition)
        self.condition = condition
        self.text = text

    def element(self) -> Element:
        text = element(qualified(STREAM_ERRORS, "text"), self.text) if self.text else None
        return element(qualified(STREAM, "error"), element(qualified(STREAM_ERRORS, self.condition)), text)


TYPES = {
    "bad-request": "modify",
    "conflict": "cancel",
    "feature-not-implemented": "cancel",
    "forbidden": "auth",
    "gone": "cancel",
    "internal-server-error": "cancel",
    "item-not-found": "cancel",
    "jid-malformed": "modify",
    "not-acceptable": "modify",
    "not-allowed": "cancel",
    "not-authorized": "auth",
    "policy-violation": "modify",
    "recipient-unavailable": "wait",
    "remote-server-not-found": "cancel",
    "resource-constraint": "wait",
    "service-unavailable": "cancel",
    "unexpected-request": "wait",
}
"""The usual error type of each condition (RFC 6120 §8.3.3)."""


class StanzaError(Exception):
    """One stanza cannot be served; the stream goes on. ``condition`` is one of RFC 6120 §8.3.3."""

    def __init__(self, condition: str, text: str = "", *, kind: str = "", more: Element | None = None) -> None:
        """``more`` is an application-specific condition."""
        super().__init__(text or condition)
        self.condition = condition
        self.text = text
        self.kind = kind or TYPES[condition]
        self.more = more

    def element(self) -> Element:
        return element(
            ERROR,
            element(qualified(STANZA_ERRORS, self.condition)),
            element(qualified(STANZA_ERRORS, "text"), self.text) if self.text else None,
            self.more,
            type=self.kind,
        )


_CONDITIONS = {
    "bad_address": "jid-malformed",
    "bad_field": "not-acceptable",
    "bad_text": "not-acceptable",
    "blocked": "service-unavailable",
    "body_too_large": "policy-violation",
    "busy": "resource-constraint",
    "empty_body": "bad-request",
    "file_too_large": "not-acceptable",
    "not_connected": "not-authorized",
    "too_many_connections": "resource-constraint",
    "unknown_contact": "item-not-found",
    "unknown_item": "item-not-found",
    "unknown_recipient": "service-unavailable",
}
"""Stanza error conditions by the chat's own error codes."""


def of_chat_error(error: ChatError) -> StanzaError:
    """An error of the chat as a stanza error: its words, and its code as the application's condition."""
    condition = _CONDITIONS.get(error.code, "bad-request" if error.status < 500 else "internal-server-error")
    return StanzaError(condition, error.message, more=element(qualified(CHAT_ERRORS, error.code.replace("_", "-"))))


def error_reply(stanza: Element, error: StanzaError, sender: str | None = None) -> Element | None:
    """The stanza that answers another with an error; None where that must not be answered (RFC 6120 §8.3.1)."""
    if stanza.get("type") == "error" or (stanza.tag == qualified(CLIENT, "iq") and stanza.get("type") == "result"):
        return None
    return element(
        stanza.tag,
        error.element(),
        type="error",
        id=stanza.get("id"),
        from_=sender or stanza.get("to"),
        to=stanza.get("from"),
    )
