"""HTTP routes: bodies bounded and checked, errors as JSON with their code."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable
from typing import Any

from chat.aws import metrics, runtime
from chat.aws.socket import as_chat_error, describe
from chat import metrics as declared
from chat.errors import BadJson, ChatError, SignOnUnavailable
from chat.frames.base import Frame
from chat.frames.parsing import read_object

MAX_BODY = 9 * 1024
"""Bytes of a request body: a JWT of 8 KB, or an address and a password."""

_HEADERS = {"content-type": "application/json", "cache-control": "no-store"}


def serve(routes: dict[str, Callable[[dict[str, Any]], Frame]]) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """The Lambda handler of these routes, by route key."""
    runtime.tables()

    @metrics.written
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        runtime.correlate(event, context)
        headers, started = _HEADERS, time.perf_counter()
        try:
            answer: Frame | ChatError = routes[event["routeKey"]](event)
        except Exception as error:  # the boundary: a client gets a code, the log the stack
            answer = as_chat_error(error)
        status, code = (answer.status, answer.code) if isinstance(answer, ChatError) else (200, "ok")
        metrics.note(declared.LATENCY, round((time.perf_counter() - started) * 1000, 1), event["routeKey"])
        metrics.note_outcome(code)
        noted = {"route": event["routeKey"], "code": code}
        if isinstance(answer, ChatError) and "reason" in answer.details:
            noted["reason"] = str(answer.details["reason"])
        if isinstance(answer, SignOnUnavailable):
            noted["cause"] = answer.cause
        runtime.logger.info("request", extra=noted)
        if isinstance(answer, ChatError):
            if "retry_after" in answer.details:
                headers = headers | {"retry-after": str(answer.details["retry_after"])}
            body = f'{{"error":{describe(answer).model_dump_json(exclude_none=True)}}}'
        else:
            body = answer.model_dump_json(exclude_none=True)
        return {"statusCode": status, "headers": headers, "body": body}

    return handler


def read_body(event: dict[str, Any]) -> dict[str, Any]:
    """The JSON object in the body, at most 9 KiB.

    Raises:
        FrameTooLarge, BadJson, JsonTooDeep, BadText: it is none.
    """
    body: str | bytes = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            body = base64.b64decode(body, validate=True)
        except binascii.Error as error:
            raise BadJson("the body is not JSON") from error
    return read_object(body, MAX_BODY)


def bearer(event: dict[str, Any]) -> str:
    """The token in the Authorization header (RFC 6750 §2.1), empty where there is none."""
    scheme, _, token = event["headers"].get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
