"""The route ``ping``."""

from __future__ import annotations

from typing import Literal

from chat.frames.base import Reply, Request


class Ping(Request):
    """Keep the connection open (API Gateway closes it after 10 idle minutes)."""

    action: Literal["ping"]


class PingReply(Reply):
    """The server's time, in ms since the epoch."""

    time: int
