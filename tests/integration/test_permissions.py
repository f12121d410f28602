"""Each function may do what it does, and no more: its role is tried against the tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from localcloud.endpoints import Endpoints

AWS = Callable[[str], Any]


def as_function(stack: Endpoints, aws: AWS, name: str, service: str) -> Any:
    """A client with the rights of a function's role."""
    roles = aws("iam").list_roles()["Roles"]
    arn = next(role["Arn"] for role in roles if f"-{name}Role-" in role["RoleName"])
    keys = aws("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=stack.cloud,
        region_name=stack.region,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def is_denied(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] in ("AccessDeniedException", "AccessDenied")
    return False


def key(pk: str, sk: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


@pytest.mark.parametrize(
    "function", ["Ping", "Contacts", "History", "Presence", "Connect", "Session", "Authorizer", "Fanout", "Grace"]
)
def test_only_send_writes_history(stack: Endpoints, aws: AWS, function: str) -> None:
    dynamodb = as_function(stack, aws, f"{function}Function", "dynamodb")
    item = key("THREAD/a@b.example/c@b.example", "MESSAGE/x")
    assert is_denied(lambda: dynamodb.put_item(TableName=stack.history_table, Item=item))
    assert is_denied(lambda: dynamodb.delete_item(TableName=stack.history_table, Key=item))


def test_nobody_deletes_history(stack: Endpoints, aws: AWS) -> None:
    dynamodb = as_function(stack, aws, "SendFunction", "dynamodb")
    item = key("THREAD/a@b.example/c@b.example", "MESSAGE/x")
    assert is_denied(lambda: dynamodb.delete_item(TableName=stack.history_table, Key=item))


@pytest.mark.parametrize("function", ["Ping", "Contacts", "History", "Presence", "Connect", "Send", "Fanout", "Grace"])
def test_only_session_and_authorizer_read_the_signing_keys(stack: Endpoints, aws: AWS, function: str) -> None:
    secrets = as_function(stack, aws, f"{function}Function", "secretsmanager")
    assert is_denied(lambda: secrets.get_secret_value(SecretId=stack.signing_secret))


@pytest.mark.parametrize(
    ("function", "partition"),
    [("Session", "USER/a@b.example"), ("Authorizer", "USER/a@b.example"), ("Grace", "TICKET/x")],
)
def test_a_function_writes_only_its_own_rows_of_the_connections_table(
    stack: Endpoints, aws: AWS, function: str, partition: str
) -> None:
    dynamodb = as_function(stack, aws, f"{function}Function", "dynamodb")
    change = {"UpdateExpression": "SET x = :x", "ExpressionAttributeValues": {":x": {"S": "x"}}}
    row = key(partition, "PRESENCE")
    assert is_denied(lambda: dynamodb.update_item(TableName=stack.connections_table, Key=row, **change))


def test_a_query_stays_in_its_own_rows_too(stack: Endpoints, aws: AWS) -> None:
    dynamodb = as_function(stack, aws, "FanoutFunction", "dynamodb")
    for partition, denied in (("WATCH/b.example", False), ("TICKET/x", True)):
        query = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": partition}}}
        assert is_denied(partial(dynamodb.query, TableName=stack.connections_table, **query)) is denied


def test_what_an_unknown_frame_reaches_can_read_nothing(stack: Endpoints, aws: AWS) -> None:
    dynamodb = as_function(stack, aws, "PingFunction", "dynamodb")
    for table in (stack.directory_table, stack.connections_table, stack.history_table):
        assert is_denied(partial(dynamodb.get_item, TableName=table, Key=key("x", "y")))


def test_a_function_may_do_what_it_does(stack: Endpoints, aws: AWS) -> None:
    dynamodb = as_function(stack, aws, "ContactsFunction", "dynamodb")
    assert not is_denied(lambda: dynamodb.get_item(TableName=stack.directory_table, Key=key("DOMAIN/x", "VERSION")))
