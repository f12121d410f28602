"""The metrics of the chat, each declared here once, and the lines in which CloudWatch reads them from a log.

The format is CloudWatch's embedded metric format (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
CloudWatch_Embedded_Metric_Format_Specification.html). No value names a user, a domain or a message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

MAX_VALUES = 100
"""Values of one metric in one line (the format's limit)."""


class Metric(NamedTuple):
    """A metric: its name, its unit, and the dimension that it has, if any."""

    name: str
    unit: str = "Count"
    dimension: str | None = None


LATENCY = Metric("Latency", "Milliseconds", "Route")
"""Of a request, from the function's start to its reply; its sample count is the number of requests."""
ERRORS = Metric("Errors", dimension="Code")
"""Requests over WebSocket and HTTP that were refused, tickets and connections among them, by their code in the API;
stanzas of XMPP clients for which the store was too busy, or where something failed unexpectedly."""
THROTTLED = Metric("Throttled")
"""Requests and stanzas that the store was too busy for."""
LOG_INS = Metric("LogIns", dimension="Door")
LOG_INS_REFUSED = Metric("LogInsRefused", dimension="Door")
"""Log-ins that were refused, whatever for, each try once; in webmail also tickets that opened nothing."""
CONNECTIONS_OPENED = Metric("ConnectionsOpened", dimension="Door")
"""Webmail connections; XMPP sessions."""
CONNECTIONS_CLOSED = Metric("ConnectionsClosed", dimension="Door")
CONNECTION_MINUTES = Metric("ConnectionMinutes")
"""Minutes of WebSocket connections that have ended, links of bridge nodes among them, each begun one whole: they are
billed."""
ACTIVE_USERS = Metric("ActiveUsers")
"""Users who are connected for the first time on a day (UTC): the sum of a day is the number of its users."""
ACTIVE_DOMAINS = Metric("ActiveDomains")
"""Domains of which somebody is connected for the first time on a day (UTC): the sum of a day is the number of them."""
MESSAGES = Metric("Messages", dimension="Door")
"""Messages that were stored, by the door that they came through."""
DELIVERIES = Metric("Deliveries", dimension="Door")
"""Messages that connections were given without asking, by the door that they left through, those for the sender's
other clients among them: frames that webmail connections took, stanzas for XMPP clients."""
PRESENCE_CHANGES = Metric("PresenceChanges")
"""Users whose presence, as derived from their connections, became another one."""
FRAMES_PUSHED = Metric("FramesPushed")
"""Frames that connections of webmail and links of bridge nodes took."""
GONE_CONNECTIONS = Metric("GoneConnections")
"""Frames for connections that did not exist any more."""
PUSHES_FAILED = Metric("PushesFailed")
"""Frames that a connection did not take though it exists."""
UNREADABLE_MAIL = Metric("UnreadableMail")
BRIDGE_SESSIONS = Metric("BridgeSessions")
"""XMPP sessions of one node, once a minute."""
EVENT_LOOP_LAG = Metric("EventLoopLag", "Milliseconds")
"""How late a node's event loop woke up, once a second."""
LINK_RECONNECTS = Metric("LinkReconnects")
"""Links of bridge nodes that were lost, and so had to be opened again."""

ALL = {each.name: each for each in list(globals().values()) if isinstance(each, Metric)}

WEB, XMPP = "web", "xmpp"
"""Values of the dimension Door."""


def line(namespace: str, now: int, dimensions: Mapping[str, str], values: Mapping[Metric, list[float]]) -> str:
    """One line of metrics with the same dimensions; ``now`` in ms since the epoch."""
    directive = {
        "Namespace": namespace,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": each.name, "Unit": each.unit} for each in values],
    }
    content: dict[str, Any] = {"_aws": {"Timestamp": now, "CloudWatchMetrics": [directive]}, **dimensions}
    content |= {each.name: found for each, found in values.items()}
    return json.dumps(content)
