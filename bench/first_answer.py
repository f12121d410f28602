"""The child of ``bench.functions``: one first answer in a fresh interpreter, and how long it took.

Run as a script with ``-I -S``: nothing is imported before the clock starts but what every interpreter needs. Reads a
task from standard input, ``{"first": […], "last": […]}`` with folders to import from, and the event for a function,
if it is one's answer that is wanted; the last line that it prints is ``{"seconds": …, "answer": …}``. What is written
to standard error before the imports are done begins with a line ``first answer``.
"""

import time

STARTED = time.perf_counter()

import json  # noqa: E402  # the clock runs first
import sys  # noqa: E402

TASK = json.loads(sys.stdin.read())
sys.path[:0] = TASK["first"]
sys.path += TASK["last"]
print("first answer", file=sys.stderr, flush=True)

ANSWER = None
if TASK["is_function"]:
    import app  # type: ignore[import-not-found]  # the function's own, in a folder of the task

    if "event" in TASK:
        ANSWER = app.handler(TASK["event"], None)
else:
    import boto3  # noqa: F401
    from pydantic import BaseModel  # noqa: F401

print(json.dumps({"seconds": time.perf_counter() - STARTED, "answer": ANSWER}))
