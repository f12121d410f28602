"""The child of ``cold_starts``: one first answer in a fresh interpreter, and how long it took.

Run as a script with ``-I -S``: nothing is imported before the clock starts but what every interpreter needs. Reads a
task from standard input; the last line that it prints is ``{"seconds": …, "answer": …}``.
"""

import time

STARTED = time.perf_counter()

import json  # noqa: E402  # the clock runs first
import sys  # noqa: E402

TASK = json.loads(sys.stdin.read())
sys.path[:0] = TASK["first"]
sys.path += TASK["last"]

if "event" in TASK:
    import app  # type: ignore[import-not-found]  # the function's own, in a folder of the task

    ANSWER = app.handler(TASK["event"], None)
else:
    import boto3  # noqa: F401
    from pydantic import BaseModel  # noqa: F401

    ANSWER = None

print(json.dumps({"seconds": time.perf_counter() - STARTED, "answer": ANSWER}))
