"""Each function may do what it does, and no more: its role is tried against the tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse

from localcloud.endpoints import ROOT, Endpoints

AWS = Callable[[str], Any]

FUNCTIONS = {
    name
    for name, resource in yaml_parse((ROOT / "template.yaml").read_text())["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}
"""The functions of the template."""


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


@pytest.mark.parametrize("function", sorted(FUNCTIONS - {"SendFunction"}))
def test_only_send_writes_history(stack: Endpoints, aws: AWS, function: str) -> None:
    dynamodb = as_function(stack, aws, function, "dynamodb")
    item = key("THREAD/a@b.example/c@b.example", "MESSAGE/x")
    assert is_denied(lambda: dynamodb.put_item(TableName=stack.history_table, Item=item))
    assert is_denied(lambda: dynamodb.delete_item(TableName=stack.history_table, Key=item))


def test_nobody_deletes_history(stack: Endpoints, aws: AWS) -> None:
    dynamodb = as_function(stack, aws, "SendFunction", "dynamodb")
    item = key("THREAD/a@b.example/c@b.example", "MESSAGE/x")
    assert is_denied(lambda: dynamodb.delete_item(TableName=stack.history_table, Key=item))


@pytest.mark.parametrize("function", sorted(FUNCTIONS - {"SessionFunction", "AuthorizerFunction"}))
def test_only_session_and_authorizer_read_the_signing_keys(stack: Endpoints, aws: AWS, function: str) -> None:
    secrets = as_function(stack, aws, function, "secretsmanager")
    assert is_denied(lambda: secrets.get_secret_value(SecretId=stack.signing_secret))


@pytest.mark.parametrize(
    ("function", "partition"),
    [
        ("Session", "USER/a@b.example"),
        ("Authorizer", "USER/a@b.example"),
        ("Grace", "TICKET/x"),
        ("Send", "NODE/x"),
        ("Connect", "TICKET/x"),
    ],
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


def read_directory(stack: Endpoints, dynamodb: Any, row: dict[str, Any]) -> list[Callable[[], object]]:
    """The two ways to read a row of the Directory table."""
    table = stack.directory_table
    return [
        partial(dynamodb.get_item, TableName=table, Key=row),
        partial(dynamodb.batch_get_item, RequestItems={table: {"Keys": [row]}}),
    ]


@pytest.mark.parametrize(
    "function",
    [
        "Ping",
        "Contacts",
        "Send",
        "History",
        "Communications",
        "Search",
        "Indexer",
        "Presence",
        "Connect",
        "Fanout",
        "Grace",
    ],
)
def test_only_session_reads_credentials(stack: Endpoints, aws: AWS, function: str) -> None:
    dynamodb = as_function(stack, aws, f"{function}Function", "dynamodb")
    assert all(map(is_denied, read_directory(stack, dynamodb, key("CREDENTIAL/b.example", "a"))))


def test_credentials_cannot_be_read_behind_a_row_that_may_be(stack: Endpoints, aws: AWS) -> None:
    dynamodb = as_function(stack, aws, "ConnectFunction", "dynamodb")
    rows = [key("DOMAIN/b.example", "USER/a"), key("CREDENTIAL/b.example", "a")]
    assert is_denied(lambda: dynamodb.batch_get_item(RequestItems={stack.directory_table: {"Keys": rows}}))


@pytest.mark.parametrize(
    ("function", "partition"),
    [
        ("Session", "CREDENTIAL/b.example"),
        ("Session", "DOMAIN/b.example"),
        ("Connect", "DOMAIN/b.example"),
        ("Connect", "SETTING/b.example"),
        ("Presence", "SETTING/b.example"),
        ("Send", "DOMAIN/b.example"),
        ("Send", "SETTING/b.example"),
        ("Contacts", "DOMAIN/b.example"),
        ("History", "DOMAIN/b.example"),
        ("Communications", "DOMAIN/b.example"),
    ],
)
def test_a_function_reads_its_own_rows_of_the_directory(
    stack: Endpoints, aws: AWS, function: str, partition: str
) -> None:
    dynamodb = as_function(stack, aws, f"{function}Function", "dynamodb")
    rows = {stack.directory_table: {"Keys": [key(partition, "x")]}}
    assert not is_denied(lambda: dynamodb.batch_get_item(RequestItems=rows))


def test_presence_writes_settings_and_no_entries(stack: Endpoints, aws: AWS) -> None:
    dynamodb = as_function(stack, aws, "PresenceFunction", "dynamodb")
    change = {"UpdateExpression": "SET x = :x", "ExpressionAttributeValues": {":x": {"S": "x"}}}
    update = partial(dynamodb.update_item, TableName=stack.directory_table, **change)
    assert not is_denied(lambda: update(Key=key("SETTING/b.example", "a")))
    for row in (key("DOMAIN/b.example", "USER/a"), key("CREDENTIAL/b.example", "a")):
        assert is_denied(partial(update, Key=row))


def test_contacts_are_listed_in_the_rows_of_a_domain_alone(stack: Endpoints, aws: AWS) -> None:
    dynamodb = as_function(stack, aws, "ContactsFunction", "dynamodb")
    for partition, denied in (("DOMAIN/b.example", False), ("CREDENTIAL/b.example", True), ("SETTING/b.example", True)):
        query = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": partition}}}
        assert is_denied(partial(dynamodb.query, TableName=stack.directory_table, **query)) is denied


def test_the_fan_out_deletes_watches_and_nothing_else(stack: Endpoints, aws: AWS) -> None:
    dynamodb = as_function(stack, aws, "FanoutFunction", "dynamodb")
    for row, denied in ((key("WATCH/b.example", "web:x"), False), (key("USER/a@b.example", "PRESENCE"), True)):
        deletes = {stack.connections_table: [{"DeleteRequest": {"Key": row}}]}
        assert is_denied(partial(dynamodb.batch_write_item, RequestItems=deletes)) is denied


@pytest.mark.parametrize(
    ("function", "denied"),
    [("Connect", False), ("Grace", False), ("Send", False), ("Fanout", False), ("Presence", True), ("Session", True)],
)
def test_who_pushes_to_nodes_or_sees_them_go_finds_and_forgets_their_links(
    stack: Endpoints, aws: AWS, function: str, denied: bool
) -> None:
    dynamodb, table = as_function(stack, aws, f"{function}Function", "dynamodb"), stack.connections_table
    query = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "NODE/x"}}}
    assert is_denied(partial(dynamodb.query, TableName=table, **query)) is denied
    assert is_denied(partial(dynamodb.delete_item, TableName=table, Key=key("NODE/x", "LINK/x"))) is denied
    assert is_denied(partial(dynamodb.delete_item, TableName=table, Key=key("TICKET/x", "TICKET"))) is True


def test_what_a_dead_node_had_is_removed_by_grace_alone(stack: Endpoints, aws: AWS) -> None:
    deletes = {stack.connections_table: [{"DeleteRequest": {"Key": key("NODE/x", "SESSION/a@b.example/phone")}}]}
    for function, denied in (("Grace", False), ("Connect", True), ("Fanout", True), ("Send", True)):
        dynamodb = as_function(stack, aws, f"{function}Function", "dynamodb")
        assert is_denied(partial(dynamodb.batch_write_item, RequestItems=deletes)) is denied


MESSAGES = ["THREAD/a@b.example/c@b.example", "OWN/a@b.example/c@b.example", "INBOX/a@b.example"]
COMMUNICATIONS = ["COMMUNICATION/a@b.example/c@b.example", "COMMUNICATION/a@b.example", "COMMUNICATION/b.example"]


@pytest.mark.parametrize(
    ("function", "may", "may_not"),
    [
        ("Communications", COMMUNICATIONS, MESSAGES),
        ("History", MESSAGES, COMMUNICATIONS),
        ("Search", [*MESSAGES[:2], *COMMUNICATIONS], MESSAGES[2:]),
        ("Send", MESSAGES, COMMUNICATIONS),
        ("Contacts", [], MESSAGES + COMMUNICATIONS),
        ("Ping", [], MESSAGES + COMMUNICATIONS),
    ],
)
def test_messages_and_communications_are_read_by_functions_of_their_own(
    stack: Endpoints, aws: AWS, function: str, may: list[str], may_not: list[str]
) -> None:
    dynamodb, table = as_function(stack, aws, f"{function}Function", "dynamodb"), stack.history_table
    for partition in may + may_not:
        query = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": partition}}}
        assert is_denied(partial(dynamodb.query, TableName=table, **query)) is (partition in may_not)
        if partition in may_not:
            assert is_denied(partial(dynamodb.get_item, TableName=table, Key=key(partition, "x")))


def test_no_route_writes_communications(stack: Endpoints, aws: AWS) -> None:
    item = key(COMMUNICATIONS[0], "MAIL/x")
    for function in ("Communications", "Search", "History"):
        dynamodb = as_function(stack, aws, f"{function}Function", "dynamodb")
        assert is_denied(partial(dynamodb.put_item, TableName=stack.history_table, Item=item))


def test_sending_lists_shared_files_and_nothing_that_leads_to_files_of_mail(stack: Endpoints, aws: AWS) -> None:
    dynamodb = as_function(stack, aws, "SendFunction", "dynamodb")
    item = key(COMMUNICATIONS[0], "ATTACHMENT/x") | {"title": {"S": "a.pdf"}, "url": {"S": "https://a.example/files"}}
    for more, denied in (({}, False), ({"sha256": {"S": "0"}}, True), ({"mail": {"S": "x"}}, True)):
        assert is_denied(partial(dynamodb.put_item, TableName=stack.history_table, Item=item | more)) is denied
    gone = partial(dynamodb.delete_item, TableName=stack.history_table, Key=key(COMMUNICATIONS[0], "ATTACHMENT/x"))
    assert is_denied(gone)


def test_the_indexer_keeps_communications_and_reads_no_messages(stack: Endpoints, aws: AWS) -> None:
    dynamodb, table = as_function(stack, aws, "IndexerFunction", "dynamodb"), stack.history_table
    for partition in MESSAGES:
        assert is_denied(partial(dynamodb.get_item, TableName=table, Key=key(partition, "x")))
        puts = {table: [{"PutRequest": {"Item": key(partition, "x")}}]}
        assert is_denied(partial(dynamodb.batch_write_item, RequestItems=puts))
    for partition in COMMUNICATIONS:
        puts = {table: [{"PutRequest": {"Item": key(partition, "UID/x")}}]}
        assert not is_denied(partial(dynamodb.batch_write_item, RequestItems=puts))
        assert is_denied(partial(dynamodb.delete_item, TableName=table, Key=key(partition, "UID/x")))
    for partition in ("CREDENTIAL/b.example", "SETTING/b.example", "SIGNON/b.example"):
        assert all(map(is_denied, read_directory(stack, dynamodb, key(partition, "a"))))


@pytest.mark.parametrize(
    ("function", "prefix", "may"),
    [
        ("Indexer", "incoming/", {"get_object", "delete_object"}),
        ("Indexer", "unreadable/", {"put_object"}),
        ("Indexer", "texts/", {"put_object"}),
        ("Indexer", "files/", {"put_object", "get_object"}),
        ("Communications", "incoming/", set()),
        ("Communications", "unreadable/", set()),
        ("Communications", "texts/", {"get_object"}),
        ("Communications", "files/", {"get_object"}),
        ("Search", "texts/", set()),
        ("Send", "files/", set()),
    ],
)
def test_a_function_does_with_mail_what_it_has_to(
    stack: Endpoints, aws: AWS, function: str, prefix: str, may: set[str]
) -> None:
    s3 = as_function(stack, aws, f"{function}Function", "s3")
    where = {"Bucket": stack.mail_bucket, "Key": f"{prefix}b.example/x"}
    for name in ("get_object", "put_object", "delete_object"):
        more = {"Body": b"x"} if name == "put_object" else {}
        assert is_denied(partial(getattr(s3, name), **where, **more)) is (name not in may)
