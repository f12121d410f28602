"""Metrics of this process: gathered while it works, written to standard output, from where CloudWatch reads them.

Powertools' own writer of this format takes 60 ms to import; a function has no use for the rest of it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any, TypeVar

from chat import metrics
from chat.errors import Busy
from chat.metrics import MAX_VALUES, Metric

Answer = TypeVar("Answer")
Handler = Callable[[dict[str, Any], object], Answer]
"""A Lambda handler: an event and its context in, an answer out."""

_gathering = Lock()
_gathered: dict[tuple[tuple[str, str], ...], dict[Metric, list[float]]] = {}


def note(metric: Metric, value: float = 1, of: str = "") -> None:
    """Gather a value; ``of`` is that of the metric's dimension. Counts add up. Safe in several threads.

    Beyond ``MAX_VALUES`` durations until the next ``write`` the rest is left out.
    """
    dimensions = ((metric.dimension, of),) if metric.dimension else ()
    with _gathering:
        values = _gathered.setdefault(dimensions, {}).setdefault(metric, [])
        if metric.unit == "Count" and values:
            values[0] += value
        elif len(values) < MAX_VALUES:
            values.append(value)


def note_outcome(code: str) -> None:
    """Count a request that was refused, by its code; ``ok`` is none."""
    if code != "ok":
        note(metrics.ERRORS, of=code)
    if code == Busy.code:
        note(metrics.THROTTLED)


def written(handler: Handler[Answer]) -> Handler[Answer]:
    """A Lambda handler after which its metrics are written, also where it fails."""

    @wraps(handler)
    def writing(event: dict[str, Any], context: object) -> Answer:
        try:
            return handler(event, context)
        finally:
            write()

    return writing


def write() -> None:
    """Write what was gathered, one line for each set of dimensions."""
    global _gathered
    with _gathering:
        gathered, _gathered = _gathered, {}
    namespace, now = os.environ.get("METRICS_NAMESPACE", "CompanyChat"), time.time_ns() // 1_000_000
    for dimensions, values in gathered.items():
        sys.stdout.write(metrics.line(namespace, now, dict(dimensions), values) + "\n")
    sys.stdout.flush()
