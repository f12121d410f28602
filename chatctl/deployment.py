"""Where the chat runs: a local cloud or a CloudFormation stack on AWS, and the clients to reach it with."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from chat.store import Store
from chat.tables import Tables
from chatctl.signing_keys import SigningKeys
from localcloud.cloud import client as local_client
from localcloud.endpoints import ENDPOINTS, Endpoints

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

OUTPUTS = ("HttpUrl", "ConnectionsEndpoint", "DirectoryTable", "ConnectionsTable", "HistoryTable")
"""The outputs of the stack that a deployment is built from."""

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 5})

MAIL_OUTPUTS = ("MailBucket", "MailQueue", "MailDeadLetters")
"""Those of a stack that indexes mail."""

ClientFactory = Callable[..., Any]
"""Makes a boto3 client, called as ``boto3.client``."""


class NothingNamed(Exception):
    """Neither a local cloud nor a stack was named or found."""


class BadDeployment(Exception):
    """What was named is not a deployment of the chat; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class MailPlace:
    """Where a deployment takes mail in."""

    bucket: str
    queue: str
    """The URL of the queue of messages that are yet to be indexed."""
    dead_letters: str
    s3: S3Client
    sqs: SQSClient


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment of the chat, with an administrator's clients."""

    http_url: str
    tables: Tables
    dynamodb: DynamoDBClient
    management: ApiGatewayManagementApiClient
    """Reaches the open WebSocket connections."""
    is_local: bool
    mail: MailPlace | None = None
    """None where the stack is older than the mail index."""
    keys: SigningKeys | None = None
    """None where the stack does not tell of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the options say about where the chat runs. Nothing is looked up before a command needs it."""

    endpoints: Path | None = None
    stack: str | None = None
    region: str | None = None
    running: Path = ENDPOINTS
    """Where a running local cloud writes its endpoints."""

    @property
    def is_named(self) -> bool:
        """Whether the caller said which deployment is meant."""
        return self.endpoints is not None or self.stack is not None

    def find(self) -> Deployment:
        """The deployment; where none is named, the running local cloud.

        Raises:
            NothingNamed: nothing is named and no local cloud is running.
            BadDeployment: the file or the stack is not of the chat.
            OSError: the named file cannot be read.
        """
        if self.stack is not None:
            return on_aws(self.stack, self.region)
        if self.endpoints is not None:
            return on_local_cloud(load_endpoints(self.endpoints))
        try:
            return on_local_cloud(load_endpoints(self.running))
        except FileNotFoundError:
            raise NothingNamed(
                "No local cloud is running: start one with make run, or name a stack with --stack NAME."
            ) from None


def on_local_cloud(endpoints: Endpoints) -> Deployment:
    """The deployment on a local cloud."""
    return _deployment(
        endpoints.http_url,
        (endpoints.directory_table, endpoints.connections_table, endpoints.history_table),
        local_client("dynamodb", endpoints.cloud),
        local_client("apigatewaymanagementapi", endpoints.connections_endpoint),
        MailPlace(
            endpoints.mail_bucket,
            endpoints.mail_queue,
            endpoints.mail_dead_letters,
            local_client("s3", endpoints.cloud),
            local_client("sqs", endpoints.cloud),
        ),
        SigningKeys(local_client("secretsmanager", endpoints.cloud), endpoints.signing_secret),
        is_local=True,
    )


def on_aws(stack: str, region: str | None, make_client: ClientFactory = boto3.client) -> Deployment:
    """The deployment on AWS whose CloudFormation stack has this name, with the usual credentials.

    Raises:
        BadDeployment: the stack lacks an output that the chat has.
        botocore.exceptions.ClientError: there is no such stack, or no right to see it.
    """
    cloudformation = make_client("cloudformation", region_name=region, config=_CONFIG)
    found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    outputs: Mapping[str, str] = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
    missing = [name for name in OUTPUTS if name not in outputs]
    if missing:
        raise BadDeployment(f"The stack {stack} is not a finished company chat: it has no output {', '.join(missing)}.")
    return _deployment(
        outputs["HttpUrl"],
        (outputs["DirectoryTable"], outputs["ConnectionsTable"], outputs["HistoryTable"]),
        make_client("dynamodb", region_name=region, config=_CONFIG),
        make_client(
            "apigatewaymanagementapi",
            endpoint_url=outputs["ConnectionsEndpoint"],
            region_name=region,
            config=_CONFIG,
        ),
        _mail_place(outputs, region, make_client),
        _signing_keys(outputs, region, make_client),
        is_local=False,
    )


def load_endpoints(path: Path) -> Endpoints:
    """The endpoints that a running local cloud wrote.

    Raises:
        BadDeployment: the file holds something else.
        OSError: it cannot be read.
    """
    try:
        return Endpoints.load(path)
    except (json.JSONDecodeError, UnicodeDecodeError, TypeError) as error:
        raise BadDeployment(f"{path} is not a file of endpoints as make run writes it.") from error


def _mail_place(outputs: Mapping[str, str], region: str | None, make_client: ClientFactory) -> MailPlace | None:
    if any(name not in outputs for name in MAIL_OUTPUTS):
        return None
    s3, sqs = (make_client(service, region_name=region, config=_CONFIG) for service in ("s3", "sqs"))
    bucket, queue, dead_letters = (outputs[name] for name in MAIL_OUTPUTS)
    return MailPlace(bucket, queue, dead_letters, s3, sqs)


def _signing_keys(outputs: Mapping[str, str], region: str | None, make_client: ClientFactory) -> SigningKeys | None:
    if "SigningSecret" not in outputs:
        return None
    return SigningKeys(make_client("secretsmanager", region_name=region, config=_CONFIG), outputs["SigningSecret"])


def _deployment(
    http_url: str,
    names: tuple[str, str, str],
    dynamodb: Any,
    management: Any,
    mail: MailPlace | None,
    keys: SigningKeys | None,
    *,
    is_local: bool,
) -> Deployment:
    tables = Tables.named(Store(dynamodb, time.sleep), *names)
    return Deployment(http_url, tables, dynamodb, management, is_local, mail, keys)
