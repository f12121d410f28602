"""The collaborators of a function, made once per execution environment from its environment variables."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.logging import Logger

from chat.aws import clients
from chat.store import Store
from chat.tables import Tables

if TYPE_CHECKING:
    from chat.aws.channel import ApiGatewayChannel
    from chat.jwks import KeySets
    from chat.push import Pusher

logger = Logger(service="chat")


def correlate(event: Mapping[str, Any], context: object) -> None:
    """Have each line that is logged from now on name the request that an event is about; each handler begins with it.

    ``connection`` and ``request`` are API Gateway's ids, as in its access log; ``function_request_id`` is Lambda's. Its
    trace id (``xray_trace_id``) is in each line by itself.
    """
    request = event.get("requestContext") or {}
    logger.append_keys(
        connection=request.get("connectionId"),
        request=request.get("requestId"),
        function_request_id=getattr(context, "aws_request_id", None),
        request_id=None,
        message_id=None,
    )


def now() -> int:
    """The time, in ms since the epoch."""
    return time.time_ns() // 1_000_000


@cache
def tables() -> Tables:
    """The tables that this function may use; those that it is not told the names of fail when they are used."""
    names = [os.environ.get(f"{name}_TABLE", "") for name in ("DIRECTORY", "CONNECTIONS", "HISTORY")]
    return Tables.named(Store(clients.client("dynamodb"), time.sleep), *names)


@cache
def channel() -> ApiGatewayChannel:
    """Where frames are posted. Its client is made when somebody is pushed to, which many invocations never do."""
    from chat.aws.channel import ApiGatewayChannel  # half of the functions never push

    return ApiGatewayChannel(partial(clients.client, "apigatewaymanagementapi", os.environ["CONNECTIONS_ENDPOINT"]))


@cache
def pusher() -> Pusher:
    """The push channel. The client of its queue is made when somebody is lost."""
    from chat.aws.channel import QueuedGrace
    from chat.push import Pusher

    grace = QueuedGrace(partial(clients.client, "sqs"), os.environ["GRACE_QUEUE"])
    return Pusher(channel(), grace, tables().connections)


@cache
def key_sets() -> KeySets:
    """The key sets of the webmails that sign users on."""
    from chat.jwks import KeySets  # only a log-in by JWT needs it

    return KeySets(time.monotonic, local=os.environ.get("KEY_SETS_FROM") == "this-machine")
