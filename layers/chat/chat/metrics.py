"""The metrics of the chat, each declared here once, and the lines in which CloudWatch reads them from a log.

The format is CloudWatch's embedded metric format (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
CloudWatch_Embedded_Metric_Format_Specification.html). No value names a user, a domain or a message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_VALUES = 100
"""Values of one metric in one line (the format's limit)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its name, its unit, and the dimension that it has, if any."""

    name: str
    unit: str = "Count"
    dimension: str | None = None


LATENCY = Metric("Latency", "Milliseconds", "Route")
"""Of a request, from the function's start to its reply; its sample count is the number of requests."""
ERRORS = Metric("Errors", dimension="Code")
"""Requests that were refused, by the code that the client got."""
THROTTLED = Metric("Throttled")
"""Requests that the store was too busy for."""
LOG_INS = Metric("LogIns", dimension="Door")
LOG_INS_REFUSED = Metric("LogInsRefused", dimension="Door")
CONNECTIONS_OPENED = Metric("ConnectionsOpened", dimension="Door")
CONNECTIONS_CLOSED = Metric("ConnectionsClosed", dimension="Door")
MESSAGES = Metric("Messages", dimension="Door")
"""Messages that were stored."""
DELIVERIES = Metric("Deliveries", dimension="Door")
"""Users that a message of webmail reached at once; messages that XMPP clients were given."""
PRESENCE_CHANGES = Metric("PresenceChanges")
FRAMES_PUSHED = Metric("FramesPushed")
GONE_CONNECTIONS = Metric("GoneConnections")
PUSHES_FAILED = Metric("PushesFailed")
"""Frames that a connection did not take though it exists."""
UNREADABLE_MAIL = Metric("UnreadableMail")
BRIDGE_SESSIONS = Metric("BridgeSessions")
"""XMPP sessions of one node, once a minute."""
EVENT_LOOP_LAG = Metric("EventLoopLag", "Milliseconds")
"""How late a node's event loop woke up, once a minute."""
LINK_RECONNECTS = Metric("LinkReconnects")

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
    content |= {each.name: found if len(found) > 1 else found[0] for each, found in values.items()}
    return json.dumps(content)
