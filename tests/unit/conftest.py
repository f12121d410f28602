from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING

import boto3
import pytest
from hypothesis import HealthCheck, settings
from moto import mock_aws

from chat import credentials
from chat.tables.directory import Credential
from tests.unit.world import NOW, PASSWORD, REGION, World, empty

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

settings.register_profile(
    "chat",
    derandomize=True,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("chat")

_KEYS = [("pk", "HASH"), ("sk", "RANGE")]
_numbers = count(1)

os.environ |= {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "POWERTOOLS_LOG_LEVEL": "INFO",
}


def make_table(client: DynamoDBClient, name: str) -> None:
    """A table with the keys and the index that the template gives it."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk", "online")],
        KeySchema=[{"AttributeName": each, "KeyType": kind} for each, kind in _KEYS],  # type: ignore[typeddict-item]
        GlobalSecondaryIndexes=[
            {
                "IndexName": "online",
                "KeySchema": [
                    {"AttributeName": "online", "KeyType": "HASH"},
                    {"AttributeName": "pk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )


@pytest.fixture(scope="session")
def dynamodb() -> Iterator[DynamoDBClient]:
    with mock_aws():
        client = boto3.client("dynamodb")
        for name in ("directory", "connections", "history"):
            make_table(client, name)
        yield client


@pytest.fixture
def world(dynamodb: DynamoDBClient) -> Iterator[World]:
    """A new domain in the session's tables."""
    yield World.on(dynamodb, f"company{next(_numbers)}.example", "directory", "connections", "history")
    empty()


@pytest.fixture(scope="session")
def credential() -> Credential:
    """The verifiers of the tests' password, with the fewest rounds that RFC 7677 allows."""
    return credentials.derive(PASSWORD, NOW, 4096)
