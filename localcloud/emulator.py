"""Runs ministack with two corrections, where it or its web server differs from API Gateway.

- A frame that nests deeper than Python's recursion limit ends the connection in ministack 1.5.33 while it looks for the
  route. API Gateway hands a frame that it cannot read to ``$default``.
- hypercorn 0.18 forgets the close code that a client sends. API Gateway gives it to ``$disconnect`` as
  ``disconnectStatusCode``.
"""

from __future__ import annotations

from typing import Any

from hypercorn.protocol.events import StreamClosed
from hypercorn.protocol.ws_stream import WSStream
from ministack.app import main
from ministack.services import apigateway
from wsproto.events import CloseConnection

_evaluate = apigateway._evaluate_route_selection
_handle = WSStream.handle
_handle_events = WSStream._handle_events


def evaluate(expression: str, frame: str) -> str:
    """The route key of a frame."""
    try:
        return str(_evaluate(expression, frame))
    except RecursionError:
        return "$default"


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


if __name__ == "__main__":
    apigateway._evaluate_route_selection = evaluate
    setattr(WSStream, "_handle_events", handle_events)  # noqa: B010  # a method of a class that is not ours
    setattr(WSStream, "handle", handle)  # noqa: B010
    main()
