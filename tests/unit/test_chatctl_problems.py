from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ReadTimeoutError,
)
from typer.testing import CliRunner

from chat.errors import UnknownContact
from chat.store import StoreBusy
from chatctl.client import NoAnswer, Refused
from chatctl.deployment import OUTPUTS, BadDeployment, Place, on_aws
from chatctl.main import app
from chatctl.problems import EXPECTED, sentence
from localcloud.endpoints import Endpoints

NOBODY = "http://127.0.0.1:1"
LIST = ["user", "list", "example.com"]


class FakeCloudFormation:
    """A stack with these outputs, and a note of the clients that were asked for."""

    def __init__(self, outputs: list[str] | None) -> None:
        self.outputs = outputs
        self.made: dict[str, dict[str, Any]] = {}

    def client(self, service: str, **options: Any) -> FakeCloudFormation:
        self.made[service] = options
        return self

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803  # as boto3 spells it
        outputs = [{"OutputKey": name, "OutputValue": f"{StackName}/{name}"} for name in self.outputs or []]
        return {"Stacks": [{} if self.outputs is None else {"Outputs": outputs}]}


def refused(operation: str, code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UnknownContact("zoe@example.com is not a user"), "zoe@example.com is not a user"),
        (UnknownContact("name is empty"), "Name is empty"),
        (refused("Query", "AccessDenied", "you may\nnot"), "AWS refused Query: you may not"),
        (refused("Query", "AccessDenied", ""), "AWS refused Query: AccessDenied"),
        (NoRegionError(), "There is no AWS region; set it with --region or AWS_DEFAULT_REGION"),
        (NoCredentialsError(), "There are no AWS credentials; set AWS_PROFILE, or log in with aws sso login"),
        (
            EndpointConnectionError(endpoint_url=NOBODY),
            f"Nothing answers at {NOBODY}; is the cloud running?",
        ),
        (ReadTimeoutError(endpoint_url=NOBODY), f'Read timeout on endpoint URL: "{NOBODY}"'),
        (URLError("refused"), "The HTTP API does not answer: refused"),
        (FileNotFoundError(2, "No such file", "/x.csv"), "/x.csv: No such file"),
        (Refused(401, "wrong_credentials", "wrong address or password", {}), "Wrong address or password"),
        (NoAnswer("reply r1 did not come"), "Reply r1 did not come"),
        (StoreBusy(), "StoreBusy"),
    ],
)
def test_every_expected_error_is_one_sentence(error: Exception, said: str) -> None:
    assert isinstance(error, EXPECTED)
    assert sentence(error) == said


def test_without_a_cloud_or_a_stack_it_is_said_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, LIST, obj=Place(running=tmp_path / "endpoints.json"))
    assert result.exit_code == 2
    assert result.stderr == "No local cloud is running: start one with make run, or name a stack with --stack NAME.\n"


def test_endpoints_that_are_not_there_are_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--endpoints", str(tmp_path / "nothing.json"), *LIST])
    assert (result.exit_code, result.stderr) == (1, f"{tmp_path}/nothing.json: No such file or directory\n")


@pytest.mark.parametrize("content", ["no json", "[]", '{"cloud": "http://127.0.0.1:4566"}'])
def test_a_file_of_something_else_is_no_endpoints(tmp_path: Path, content: str) -> None:
    file = tmp_path / "endpoints.json"
    file.write_text(content)
    result = CliRunner().invoke(app, ["--endpoints", str(file), *LIST])
    assert (result.exit_code, result.stderr) == (1, f"{file} is not a file of endpoints as make run writes it.\n")


def test_a_cloud_that_was_stopped_is_said_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "endpoints.json"
    names = [name for name in Endpoints.__dataclass_fields__ if name not in ("page", "xmpp", "ca_file")]
    file.write_text(json.dumps(dict.fromkeys(names, "name") | {"cloud": NOBODY, "connections_endpoint": NOBODY}))
    result = CliRunner().invoke(app, ["--endpoints", str(file), *LIST])
    assert (result.exit_code, result.stderr) == (1, f"Nothing answers at {NOBODY}/; is the cloud running?\n")


@pytest.mark.parametrize(
    "options",
    [
        ["--endpoints", "a.json", "--stack", "chat", *LIST],
        ["--region", "eu-central-1", *LIST],
        ["--stack", "chat", "smoke", "--start"],
        ["smoke", "--first", "alice@example.com", "--second", "Alice@example.com"],
        ["smoke", "--first", "alice@example.com", "--second", "olivia@example.org"],
    ],
    ids=" ".join,
)
def test_options_that_contradict_each_other_are_a_usage_error(options: list[str]) -> None:
    assert CliRunner().invoke(app, options).exit_code == 2


def test_a_stack_gives_its_tables_and_its_push_channel() -> None:
    cloud = FakeCloudFormation([*OUTPUTS, "SigningSecret"])
    found = on_aws("chat", "eu-central-1", cloud.client)
    names = (found.tables.directory.name, found.tables.connections.name, found.tables.history.name)
    assert names == ("chat/DirectoryTable", "chat/ConnectionsTable", "chat/HistoryTable")
    assert found.http_url == "chat/HttpUrl"
    assert not found.is_local
    assert cloud.made["apigatewaymanagementapi"]["endpoint_url"] == "chat/ConnectionsEndpoint"
    assert {options["region_name"] for options in cloud.made.values()} == {"eu-central-1"}


@pytest.mark.parametrize("outputs", [None, ["HttpUrl"], list(OUTPUTS[:-1])])
def test_another_stack_is_not_taken_for_the_chat(outputs: list[str] | None) -> None:
    with pytest.raises(BadDeployment, match="HistoryTable"):
        on_aws("shop", None, FakeCloudFormation(outputs).client)
