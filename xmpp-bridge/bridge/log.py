"""The node's log: lines of JSON on standard output, with the names that those of the functions have.

A line takes Powertools 60 µs, and each message makes a few. So those of messages are written without it, in 10.
"""

from __future__ import annotations

import json
import logging
import sys
import time

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from chat import trail

_QUIET = ("websockets", "botocore", "asyncio", "slixmpp")
"""Libraries of which only warnings are of interest."""
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def start(level: str) -> None:
    """Log from now on, what is of this level or above."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(LambdaPowertoolsFormatter())
    root = logging.getLogger()
    root.setLevel(level)
    root.addHandler(handler)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    trail.write_with(write_step if root.isEnabledFor(logging.INFO) else lambda _: None)


def write_step(noted: trail.Noted) -> None:
    """Write the line of a message's step; from any thread."""
    at = time.time()
    second = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))
    timestamp = f"{second},{int(at % 1 * 1000):03d}+0000"
    sys.stdout.write(_encode({"level": "INFO", "message": "message", "timestamp": timestamp, **noted}) + "\n")
    sys.stdout.flush()
