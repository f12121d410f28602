"""WebSocket routes: one place from a Lambda event to the domain, and from its answer or error to a reply."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from chat.aws import metrics, runtime
from chat import metrics as declared
from chat.addresses import Address
from chat.callers import Caller
from chat.errors import BadField, BadJson, Busy, ChatError, Internal, MissingField, UnknownAction
from chat.frames.base import MAX_REQUEST_ID, Error, ErrorReply, Frame, Reply, Request
from chat.frames.parsing import read_frame, read_object
from chat.presence import WEB
from chat.store import StoreBusy
from chat.tables import Tables

if TYPE_CHECKING:
    from chat.push import Pusher

THROTTLED = {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"}


@dataclass(frozen=True, slots=True)
class Call:
    """What a route works with."""

    context: Mapping[str, Any]
    """The event's request context."""
    now: int

    @property
    def caller(self) -> Caller:
        """The user who calls.

        Raises:
            UnknownAction: it is a bridge node, which calls the domain library instead.
        """
        address = self.context["authorizer"].get("address")
        if not address:
            raise UnknownAction("a bridge node has no such action")
        return Caller(Address.parse(address), f"{WEB}{self.context['connectionId']}")

    @property
    def tables(self) -> Tables:
        return runtime.tables()

    @property
    def pusher(self) -> Pusher:
        return runtime.pusher()


@dataclass(frozen=True, slots=True)
class Route:
    """A route: its request and what serves it."""

    model: type[Request]
    serve: Callable[[Call, Any], Reply]

    @property
    def action(self) -> str:
        return cast(str, self.model.model_fields["action"].annotation.__args__[0])  # type: ignore[union-attr]


def route(model: type[Request]) -> Callable[[Callable[[Call, Any], Reply]], Route]:
    """Make a function the route of a request."""
    return lambda serve: Route(model, serve)


def serve(*routes: Route) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """The Lambda handler of these routes."""
    by_action = {each.action: each for each in routes}

    @metrics.written
    def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
        started = time.perf_counter()
        runtime.correlate(event, context)
        request_id, found = None, None
        try:
            content = _content(event)
            request_id = _request_id(content)
            runtime.logger.append_keys(request_id=request_id)
            action = content.get("action", "")
            found = by_action.get(action) if isinstance(action, str) else None
            if found is None:
                raise _no_route(content)
            request = read_frame(found.model, content)
            call = Call(event["requestContext"], runtime.now())
            reply: Frame = found.serve(call, request).model_copy(update={"request_id": request.request_id})
            code = "ok"
        except Exception as error:  # the boundary: a client gets a code, the log the stack
            known = as_chat_error(error)
            code = known.code
            reply = ErrorReply(request_id=request_id, error=describe(known))
        spent = round((time.perf_counter() - started) * 1000, 1)
        metrics.note(declared.LATENCY, spent, found.action if found else "$default")
        metrics.note_outcome(code)
        runtime.logger.info("request", extra={"action": found.action if found else "", "code": code, "ms": spent})
        return {"statusCode": 200, "body": reply.model_dump_json(exclude_none=code == "ok")}

    return handler


def describe(error: ChatError) -> Error:
    """An error as replies carry it."""
    return Error(code=error.code, message=error.message, details=error.details or None)


def as_chat_error(error: Exception) -> ChatError:
    """An error as what the client is told; throttling of the store is ``busy``, and what nobody expected is logged."""
    if isinstance(error, ChatError):
        return error
    if is_busy(error):
        return Busy("the store is busy; try again")
    runtime.logger.error("unexpected error", exc_info=error)
    return Internal("something went wrong on our side")


def is_busy(error: Exception) -> bool:
    """Whether the store was too busy, after all tries."""
    return isinstance(error, StoreBusy) or (
        isinstance(error, ClientError) and error.response["Error"]["Code"] in THROTTLED
    )


def _content(event: dict[str, Any]) -> dict[str, Any]:
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            return read_object(base64.b64decode(body, validate=True))
        except binascii.Error as error:
            raise BadJson("the frame is not JSON") from error
    return read_object(body)


def _request_id(content: dict[str, Any]) -> str | None:
    """The request id, where it can go into a reply even to a request that is wrong otherwise."""
    request_id = content.get("request_id")
    return request_id if isinstance(request_id, str) and len(request_id) <= MAX_REQUEST_ID else None


def _no_route(content: dict[str, Any]) -> ChatError:
    if "action" not in content:
        return MissingField("action is missing", field="action")
    action = content["action"]
    if not isinstance(action, str):
        return BadField("action is not a string", field="action")
    return UnknownAction(f"{action[:64]!a} is not an action")
