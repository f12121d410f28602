"""Stream features (RFC 6120 §4.3.2) at each step of the negotiation."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge.elements import element, qualified
from bridge.names import (
    BIND,
    CHANNEL_BINDING,
    CSI,
    REGISTER_FEATURE,
    ROSTER_VERSIONS,
    SASL,
    SESSION,
    SM,
    STREAM,
    TLS,
)
from bridge.sasl import END_POINT

_MAX_DIGITS = 10


def before_tls() -> Element:
    """TLS, and nothing before it."""
    return _features(element(qualified(TLS, "starttls"), element(qualified(TLS, "required"))))


def before_log_in(mechanisms: list[str], binding: bool, register: bool) -> Element:
    """The SASL mechanisms, and how a channel can be bound (XEP-0440)."""
    offered = element(
        qualified(SASL, "mechanisms"), *(element(qualified(SASL, "mechanism"), each) for each in mechanisms)
    )
    bindings = element(
        qualified(CHANNEL_BINDING, "sasl-channel-binding"),
        element(qualified(CHANNEL_BINDING, "channel-binding"), type=END_POINT),
    )
    return _features(
        offered,
        bindings if binding else None,
        element(qualified(REGISTER_FEATURE, "register")) if register else None,
    )


def before_binding(caps: Element) -> Element:
    """Binding, resumption, and what the server can do."""
    return _features(
        element(qualified(BIND, "bind"), element(qualified(BIND, "required"))),
        element(qualified(SESSION, "session"), element(qualified(SESSION, "optional"))),
        element(qualified(SM, "sm"), element(qualified(SM, "optional"))),
        element(qualified(ROSTER_VERSIONS, "ver")),
        element(qualified(CSI, "csi")),
        caps,
    )


def count_of(text: str | None) -> int | None:
    """A counter of XEP-0198, or None where it is none."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS:
        return None
    return int(text)


def _features(*found: Element | None) -> Element:
    return element(qualified(STREAM, "features"), *found)
