"""What the local cloud does, line by line as JSON, for tools and tests that ask for it by an environment variable.

``DECISIONS`` names a file for what IAM decides about requests of roles: the tests of least privilege decide each again
without one statement of the role's policy. ``INVOCATIONS`` names one for the events that functions are invoked with:
``scripts.events`` makes samples of them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id

DECISIONS = "DECISIONS"
INVOCATIONS = "INVOCATIONS"


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


def _write(variable: str, line: dict[str, Any]) -> None:
    path = os.environ.get(variable)
    if path:
        with Path(path).open("a") as file:
            file.write(json.dumps(line) + "\n")
