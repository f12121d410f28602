"""Runs ministack with seven corrections, five of them where it or its web server differs from AWS.

- A frame that nests deeper than Python's recursion limit ends the connection in ministack 1.5.33 while it looks for the
  route. API Gateway hands a frame that it cannot read to ``$default``.
- hypercorn 0.18 forgets the close code that a client sends. API Gateway gives it to ``$disconnect`` as
  ``disconnectStatusCode``.
- ministack knows no ``dynamodb:LeadingKeys``, so a policy that allows only some partitions of a table would allow all,
  nor ``dynamodb:Attributes`` of an item that is put, nor either of the writes of a transaction.
- It throws away what functions of WebSocket routes log. API Gateway's functions all log to CloudWatch. Here all of them
  log to ``.local/cloud.log``.
- It keeps the CORS configuration of an HTTP API as CloudFormation spells it, but reads it as the API's own calls do, so
  that it answers every preflight with 403.
- When it is stopped, it invokes ``$disconnect`` for every open connection after its server has closed, each of which
  waits in vain for 10 seconds. SIGUSR1, sent before SIGTERM, tells it to leave that out.
- It saves how far functions have read the streams of tables, but not the streams, so that after a restart they would
  miss as many records as they had read before.
"""

from __future__ import annotations

import json
import re
import signal
import threading
import time
from types import FrameType
from typing import Any

from hypercorn.protocol.events import StreamClosed
from hypercorn.protocol.ws_stream import WSStream
from ministack.app import main
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services import apigateway, dynamodb, lambda_svc
from wsproto.events import CloseConnection

from localcloud import recording, transactions

_cors_headers = apigateway._cors_response_headers
_cors_preflight = apigateway._cors_preflight_response
_evaluate = apigateway._evaluate_route_selection
_service_context = iam_actions.dynamodb_service_context
_enforce = iam_evaluator.enforce
_BY_TABLE = "leading keys by table"
_BY_WRITE = "condition keys by write"
_invoke = apigateway._invoke_ws_lambda
_invoke_worker = lambda_runtime.Worker.invoke
_restore_positions = lambda_svc._restore_esm_positions
_stopping = threading.Event()
_handle = WSStream.handle
_handle_events = WSStream._handle_events


def evaluate(expression: str, frame: str) -> str:
    """The route key of a frame."""
    try:
        return str(_evaluate(expression, frame))
    except RecursionError:
        return "$default"


def api_spelling(configuration: dict[str, Any]) -> dict[str, Any]:
    """A CORS configuration as UpdateApi has it: ``allowOrigins`` for ``AllowOrigins``."""
    return {name[:1].lower() + name[1:]: value for name, value in configuration.items()}


def cors_headers(configuration: dict[str, Any], origin: str) -> dict[str, Any]:
    """The headers of an answer to another origin."""
    return dict(_cors_headers(api_spelling(configuration), origin))


def cors_preflight(configuration: dict[str, Any], origin: str) -> Any:
    """The answer to a preflight."""
    return _cors_preflight(api_spelling(configuration), origin)


async def handle_events(stream: Any) -> None:
    """Handle what the client sent, and remember its close code."""
    events = list(stream.connection.events())
    stream.close_code = next((event.code for event in events if isinstance(event, CloseConnection)), None)
    connection = stream.connection
    connection.events = lambda: events
    try:
        await _handle_events(stream)
    finally:
        del connection.events


async def handle(stream: Any, event: Any) -> None:
    """Handle a protocol event; the end of the stream carries the client's close code."""
    code, put = getattr(stream, "close_code", None), getattr(stream, "app_put", None)
    if isinstance(event, StreamClosed) and code is not None and put is not None:

        async def put_with_code(message: dict[str, Any]) -> None:
            await put(message | {"code": int(code)})

        stream.app_put = put_with_code
    await _handle(stream, event)


def leading_keys(request: dict[str, Any]) -> dict[str, list[str]]:
    """The partition keys that a DynamoDB request names, by table."""
    tables: dict[str, list[str]] = {}

    def note(table: str, key: dict[str, Any] | None) -> None:
        value = (key or {}).get("pk", {}).get("S")
        if value is not None:
            tables.setdefault(table.rpartition("/")[2], []).append(value)

    table = request.get("TableName", "")
    note(table, request.get("Key"))
    note(table, request.get("Item"))
    for name, content in (request.get("RequestItems") or {}).items():
        for key in content.get("Keys", []) if isinstance(content, dict) else []:
            note(name, key)
        for write in content if isinstance(content, list) else []:
            note(name, write.get("PutRequest", {}).get("Item") or write.get("DeleteRequest", {}).get("Key"))
    equal = re.search(r"=\s*(:\w+)", request.get("KeyConditionExpression") or "")
    if equal:
        note(table, {"pk": request.get("ExpressionAttributeValues", {}).get(equal[1], {})})
    return tables


def service_context(body: bytes) -> dict[str, Any]:
    """The condition keys of a DynamoDB request."""
    context: dict[str, Any] = _service_context(body)
    try:
        request = json.loads(body or b"{}")
        context[_BY_TABLE] = leading_keys(request)
        context[_BY_WRITE] = transactions.condition_keys(request)
        if "Item" in request:
            context["dynamodb:Attributes"] = list(request["Item"])
    except (ValueError, TypeError, AttributeError):
        return context
    return context


def enforce(
    access_key: str,
    action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: dict[str, Any] | None = None,
) -> Any:
    """Decide on a request, with the leading keys of the table that it is about."""
    context = dict(service_context or {})
    table = resource_arn.rpartition("/")[2]
    keys = context.pop(_BY_TABLE, {}).get(table)
    if keys:
        context["dynamodb:LeadingKeys"] = keys
    context |= context.pop(_BY_WRITE, {}).get((action, table), {})
    result = _enforce(access_key, action, service, region, resource_arn, context)
    recording.decision(access_key, action, resource_arn, context, result)
    return result


def stop_soon(_number: int, _frame: FrameType | None) -> None:
    """Leave out what cannot be answered any more."""
    _stopping.set()


def restore_positions(store: Any, positions: Any) -> None:
    """Restore how far functions have read, but not in table streams: those begin anew."""
    if store is not lambda_svc._dynamodb_stream_positions:
        _restore_positions(store, positions)


async def invoke(*arguments: Any, **options: Any) -> Any:
    """Invoke the function of a WebSocket route."""
    if _stopping.is_set() and "DISCONNECT" in arguments:
        return None
    return await _invoke(*arguments, **options)


def invoke_worker(worker: Any, event: Any, *arguments: Any, **options: Any) -> Any:
    """Invoke a function, and print what it logged: our output is the log of the cloud."""
    recording.invocation(worker.func_name, event)
    began = time.perf_counter()
    result = _invoke_worker(worker, event, *arguments, **options)
    recording.duration(worker.func_name, (time.perf_counter() - began) * 1000, result.get("status") == "error")
    if result.get("log"):
        print(result["log"], flush=True)
    return result


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, stop_soon)
    apigateway._cors_response_headers = cors_headers
    apigateway._cors_preflight_response = cors_preflight
    apigateway._invoke_ws_lambda = invoke
    lambda_runtime.Worker.invoke = invoke_worker
    lambda_svc._restore_esm_positions = restore_positions
    dynamodb.handle_request = recording.stored(dynamodb.handle_request)
    iam_actions.dynamodb_service_context = service_context
    iam_evaluator.enforce = enforce
    apigateway._evaluate_route_selection = evaluate
    setattr(WSStream, "_handle_events", handle_events)  # noqa: B010  # a method of a class that is not ours
    setattr(WSStream, "handle", handle)  # noqa: B010
    main()
