"""The stack that is measured: a local cloud of its own, in a temporary folder, with ``template.yaml`` deployed once."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from chat.addresses import Address
from chat.push import Pusher
from chat.tables import Tables
from chat.tokens import Signer
from localcloud.cloud import Cloud, free_port
from localcloud.deploy import deploy
from localcloud.endpoints import Endpoints
from localcloud.run import tables_of

T = TypeVar("T")


@dataclass
class Stack:
    """A running local cloud with the stack deployed."""

    cloud: Cloud
    endpoints: Endpoints
    folder: Path
    """For what a measurement needs on disk."""

    @cached_property
    def tables(self) -> Tables:
        """The tables through a client that nobody counts."""
        return tables_of(self.endpoints)

    @cached_property
    def signer(self) -> Signer:
        """The stack's own signer."""
        secret = self.cloud.client("secretsmanager").get_secret_value(SecretId=self.endpoints.signing_secret)
        return Signer([json.loads(secret["SecretString"])["newest"]])

    def function(self, resource: str) -> Any:
        """The configuration of a deployed function, by its name in the template."""
        found = self.cloud.client("cloudformation").describe_stack_resource(
            StackName=self.endpoints.stack, LogicalResourceId=resource
        )
        name = found["StackResourceDetail"]["PhysicalResourceId"]
        return self.cloud.client("lambda").get_function_configuration(FunctionName=name)

    def stop_fan_out(self) -> None:
        """Detach the fan-out from the tables' streams: loading a table is not a change that anybody watches."""
        functions = self.cloud.client("lambda")
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
            if ":dynamodb:" in mapping["EventSourceArn"]:
                functions.delete_event_source_mapping(UUID=mapping["UUID"])


@contextmanager
def running() -> Iterator[Stack]:
    """A stack that is gone afterwards."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        cloud = Cloud(folder, free_port())
        say("starting a local cloud and deploying template.yaml")
        cloud.start()
        try:
            yield Stack(cloud, deploy(cloud), folder)
        finally:
            cloud.stop()


class Recorder:
    """A push channel that takes everything and delivers nothing."""

    def __init__(self) -> None:
        self.posted: list[str] = []

    def post(self, connection_id: str, frame: bytes) -> bool:  # noqa: ARG002  # how many is all that is asked
        self.posted.append(connection_id)
        return True

    def schedule(self, address: Address, ref: str) -> None:
        """Nobody is ever lost."""
        raise AssertionError(f"{ref} of {address} was lost")

    def schedule_node(self, node: str) -> None:
        """No node is ever lost."""
        raise AssertionError(f"{node} was lost")

    def schedule_catch_up(self, node: str, since: int) -> None:
        """No node ever misses anything."""
        raise AssertionError(f"{node} has missed something since {since}")


def recording(tables: Tables) -> tuple[Pusher, Recorder]:
    """A pusher into a recorder."""
    recorder = Recorder()
    return Pusher(recorder, recorder, tables.connections), recorder


def at_once(work: Callable[[T], object], items: Iterable[T]) -> None:
    """Do the same for all items, a few at a time."""
    with ThreadPoolExecutor(4) as threads:
        for _ in threads.map(work, items):
            pass


def now() -> int:
    """The time, in ms since the epoch."""
    return time.time_ns() // 1_000_000


def say(text: str) -> None:
    """A line of progress."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
