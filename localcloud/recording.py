"""What the local cloud does, line by line as JSON, for tools and tests that ask for it by an environment variable.

``DECISIONS`` names a file for what IAM decides about requests of roles: the tests of least privilege decide each again
without one statement of the role's policy. ``INVOCATIONS`` names one for the events that functions are invoked with:
``scripts.events`` makes samples of them. ``STORED`` names one for requests to tables with their answers, and
``DURATIONS`` one for how long functions take: ``scripts.dashboards`` counts what they are billed for.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id

DECISIONS = "DECISIONS"
INVOCATIONS = "INVOCATIONS"
STORED = "STORED"
DURATIONS = "DURATIONS"
BILLED = {
    "GetItem",
    "BatchGetItem",
    "Query",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "TransactWriteItems",
}

Answer = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[tuple[int, dict[str, str], bytes]]]
"""What answers a request: method, path, headers, body, query; status, headers, body."""


def decision(access_key: str, action: str, resource: str, context: dict[str, Any], denied: object) -> None:
    """Record what was decided about a request; ``denied`` is None where it is allowed."""
    if DECISIONS not in os.environ:
        return
    who = getattr(iam_evaluator.resolve_principal(access_key or "", get_account_id()), "arn", "")
    if ":assumed-role/" in who:
        keys = {name.lower(): value for name, value in context.items() if isinstance(value, str | list)}
        line = {"role": who.split("/")[1], "action": action, "resource": resource, "context": keys}
        _write(DECISIONS, line | {"allowed": denied is None})


def invocation(function: str, event: Any) -> None:
    """Record that a function is invoked."""
    _write(INVOCATIONS, {"function": function, "event": event})


def duration(function: str, milliseconds: float, failed: bool) -> None:
    """Record that a function has answered or failed."""
    _write(DURATIONS, {"at": _now(), "function": function, "milliseconds": milliseconds, "failed": failed})


def stored(answer: Answer) -> Answer:
    """Have answers of tables recorded, with the units that a write is billed for."""
    if STORED not in os.environ:
        return answer

    async def recorded(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if operation not in BILLED:
            return await answer(method, path, headers, body, query)
        request = json.loads(body)
        asked = json.dumps(request | {"ReturnConsumedCapacity": "INDEXES"}).encode()
        status, fields, content = await answer(method, path, headers, asked, query)
        line = {"operation": operation, "request": request, "answer": json.loads(content)}
        _write(STORED, line | {"at": _now()})
        return status, fields, content

    return recorded


def _now() -> int:
    return time.time_ns() // 1_000_000


def _write(variable: str, line: dict[str, Any]) -> None:
    path = os.environ.get(variable)
    if path:
        with Path(path).open("a") as file:
            file.write(json.dumps(line) + "\n")
