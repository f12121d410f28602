"""The XMPP bridge may do what it does, and no more: its role is tried against the tables."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chat import credentials, directory
from chat.addresses import Address
from chat.store import Store
from chat.tables import Tables
from localcloud import task_role
from localcloud.endpoints import Endpoints
from tests.company import Company, now

Clients = Callable[[str], Any]
CHANGE = {"UpdateExpression": "SET x = :x", "ExpressionAttributeValues": {":x": {"S": "x"}}}


@pytest.fixture(scope="module")
def bridge(stack: Endpoints) -> Clients:
    """Clients with the rights of the bridge."""
    return partial(task_role.client, stack, stack.bridge_role)


def is_denied(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] in ("AccessDeniedException", "AccessDenied", "403")
    return False


def key(pk: str, sk: str = "x") -> dict[str, dict[str, str]]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def calls(dynamodb: Any, table: str, pk: str) -> dict[str, Callable[[], object]]:
    """Every way to an item of a table."""
    row, query = key(pk), {":pk": {"S": pk}}
    return {
        "get": partial(dynamodb.get_item, TableName=table, Key=row),
        "get many": partial(dynamodb.batch_get_item, RequestItems={table: {"Keys": [row]}}),
        "query": partial(
            dynamodb.query, TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=query
        ),
        "put": partial(dynamodb.put_item, TableName=table, Item=row),
        "update": partial(dynamodb.update_item, TableName=table, Key=row, **CHANGE),
        "delete": partial(dynamodb.delete_item, TableName=table, Key=row),
        "write many": partial(dynamodb.batch_write_item, RequestItems={table: [{"PutRequest": {"Item": row}}]}),
        "scan": partial(dynamodb.scan, TableName=table, Limit=1),
    }


READ = {"get", "get many", "query"}


@pytest.mark.parametrize(
    ("partition", "allowed"),
    [
        ("CREDENTIAL/b.example", READ | {"put"}),
        ("SETTING/b.example", READ | {"update"}),
        ("SIGNON/b.example", set()),
    ],
)
def test_of_the_directory_it_changes_passwords_and_settings(
    stack: Endpoints, bridge: Clients, partition: str, allowed: set[str]
) -> None:
    tried = calls(bridge("dynamodb"), stack.directory_table, partition)
    assert {name for name, call in tried.items() if not is_denied(call)} == allowed


def test_it_adds_and_removes_nobody(stack: Endpoints, bridge: Clients) -> None:
    tried = calls(bridge("dynamodb"), stack.directory_table, "DOMAIN/b.example")
    assert {name for name, call in tried.items() if not is_denied(call)} >= READ
    assert {name for name, call in tried.items() if is_denied(call)} >= {"put", "delete", "write many", "scan"}


@pytest.mark.parametrize(
    ("partition", "allowed"),
    [
        ("USER/a@b.example", {"get many", "update"}),
        ("WATCH/b.example", {"put", "delete", "write many"}),
        ("NODE/n1", {"query", "put", "delete", "write many"}),
        ("ATTEMPT/a@b.example", {"update", "delete"}),
        ("TICKET/x", set()),
    ],
)
def test_of_connections_it_has_its_own_part(
    stack: Endpoints, bridge: Clients, partition: str, allowed: set[str]
) -> None:
    tried = calls(bridge("dynamodb"), stack.connections_table, partition)
    assert {name for name, call in tried.items() if not is_denied(call)} == allowed


def test_it_finds_who_is_online(stack: Endpoints, bridge: Clients) -> None:
    query = partial(
        bridge("dynamodb").query,
        TableName=stack.connections_table,
        IndexName="online",
        KeyConditionExpression="#online = :domain",
        ExpressionAttributeNames={"#online": "online"},
        ExpressionAttributeValues={":domain": {"S": "b.example"}},
    )
    assert not is_denied(query)


@pytest.mark.parametrize(
    "partition", ["THREAD/a@b.example/c@b.example", "OWN/a@b.example/c@b.example", "INBOX/a@b.example"]
)
def test_messages_are_read_and_written_and_never_deleted_one_by_one(
    stack: Endpoints, bridge: Clients, partition: str
) -> None:
    tried = calls(bridge("dynamodb"), stack.history_table, partition)
    assert {name for name, call in tried.items() if not is_denied(call)} == READ | {"put", "update", "write many"}


def test_of_mail_it_reads_nothing_and_lists_shared_files_alone(stack: Endpoints, bridge: Clients) -> None:
    dynamodb, partition = bridge("dynamodb"), "COMMUNICATION/a@b.example/c@b.example"
    tried = calls(dynamodb, stack.history_table, partition)
    assert {name for name, call in tried.items() if not is_denied(call)} <= {"put"}
    item = {
        "pk": {"S": partition},
        "sk": {"S": "ATTACHMENT/x"},
        "title": {"S": "a.pdf"},
        "url": {"S": "https://a.example"},
    }
    assert not is_denied(lambda: dynamodb.put_item(TableName=stack.history_table, Item=item))
    of_mail = item | {"sha256": {"S": "0"}}
    assert is_denied(lambda: dynamodb.put_item(TableName=stack.history_table, Item=of_mail))


def test_it_signs_uploads_and_reads_none(stack: Endpoints, bridge: Clients) -> None:
    s3 = bridge("s3")
    file = {"Bucket": stack.upload_bucket, "Key": "b.example/x/y"}
    assert not is_denied(lambda: s3.put_object(Body=b"x", **file))
    assert is_denied(lambda: s3.get_object(**file))
    assert is_denied(lambda: s3.delete_object(**file))
    assert is_denied(lambda: s3.list_objects_v2(Bucket=stack.upload_bucket))


def test_it_reads_the_signing_keys_and_no_other_secret(stack: Endpoints, bridge: Clients, aws: Clients) -> None:
    other = aws("secretsmanager").create_secret(Name="other", SecretString="x")["ARN"]
    secrets = bridge("secretsmanager")
    assert secrets.get_secret_value(SecretId=stack.signing_secret)["SecretString"]
    assert is_denied(lambda: secrets.get_secret_value(SecretId=other))
    assert is_denied(lambda: secrets.put_secret_value(SecretId=stack.signing_secret, SecretString="x"))


def test_it_pushes_and_starts_grace_periods(stack: Endpoints, bridge: Clients) -> None:
    channel = task_role.client(stack, stack.bridge_role, "apigatewaymanagementapi", stack.connections_endpoint)
    with pytest.raises(channel.exceptions.GoneException):
        channel.post_to_connection(ConnectionId="gone", Data=b"{}")
    body = '{"address": "nobody@b.example", "ref": "xmpp:n1:x"}'
    assert not is_denied(lambda: bridge("sqs").send_message(QueueUrl=stack.grace_queue, MessageBody=body))
    assert is_denied(lambda: bridge("sqs").receive_message(QueueUrl=stack.grace_queue))


def test_a_user_may_change_his_password_through_it(stack: Endpoints, bridge: Clients, company: Company) -> None:
    tables = Tables.named(
        Store(bridge("dynamodb"), lambda _seconds: None),
        stack.directory_table,
        stack.connections_table,
        stack.history_table,
    )
    alice = Address("alice", company.domain)
    directory.set_password(tables, alice, credentials.derive("another password", now(), iterations=4096))
    stored = tables.directory.credential(alice)
    assert stored
    assert credentials.matches("another password", stored)


def test_a_process_with_its_rights_is_the_bridge(stack: Endpoints) -> None:
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    with task_role.serving(stack, stack.bridge_role, "n1") as rights:
        environment = {"AWS_DEFAULT_REGION": stack.region, "AWS_ENDPOINT_URL": stack.cloud} | rights
        said = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
    assert "assumed-role" in said.stdout
    assert "BridgeRole" in said.stdout
    assert said.stdout.strip().endswith("/n1")
