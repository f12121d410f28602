"""The collaborators of a function, made once per execution environment from its environment variables."""

from __future__ import annotations

import os
import time
from functools import cache

import boto3
from aws_lambda_powertools.logging import Logger
from botocore.config import Config

from chat.aws.channel import ApiGatewayChannel, QueuedGrace
from chat.push import Pusher
from chat.store import Store
from chat.tables import Tables

logger = Logger(service="chat")

_CONFIG = Config(
    connect_timeout=2, read_timeout=5, max_pool_connections=25, retries={"mode": "standard", "max_attempts": 4}
)


def now() -> int:
    """The time, in ms since the epoch."""
    return time.time_ns() // 1_000_000


@cache
def tables() -> Tables:
    """The tables that this function may use; those that it is not told the names of fail when they are used."""
    names = [os.environ.get(f"{name}_TABLE", "") for name in ("DIRECTORY", "CONNECTIONS", "HISTORY")]
    return Tables.named(Store(boto3.client("dynamodb", config=_CONFIG)), *names)


@cache
def pusher() -> Pusher:
    """The push channel."""
    api = boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["CONNECTIONS_ENDPOINT"], config=_CONFIG)
    return Pusher(ApiGatewayChannel(api), QueuedGrace(_queue, os.environ["GRACE_QUEUE"]), tables().connections)


@cache
def _queue():  # type: ignore[no-untyped-def]  # a client that most invocations never need
    return boto3.client("sqs", config=_CONFIG)
