"""Stacks of one cloud: side by side, upgraded from an older template, and back after a deploy that breaks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from samtranslator.yaml_helper import yaml_parse
from typer.testing import CliRunner

from chat.ids import new
from chat.tables import Tables
from chat.tables.directory import Credential
from chat.tokens import Signer
from chatctl import keys
from chatctl.client import Refused, log_in, open_connection
from chatctl.main import app
from localcloud.cloud import Cloud
from localcloud.deploy import TEMPLATE, deploy
from localcloud.endpoints import ROOT, Endpoints
from localcloud.problem import Problem
from localcloud.run import tables_of
from tests.company import PASSWORD, Company, now

AWS = Callable[[str], Any]

OLDER = ROOT / "tests" / "data" / "template-without-parts.yaml"
"""The template as it was before it had templates of its own for its parts."""
HOSTS = {
    "HttpDomain": "api.chat.example",
    "WebSocketDomain": "ws.chat.example",
    "ApiCertificate": "arn:aws:acm:us-east-1:000000000000:certificate/chat",
}
IN_AN_API = "AWS::ApiGatewayV2::Stage"
"""Has a name within its API alone."""


@pytest.fixture(scope="module")
def cloud(stack: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Cloud:
    """The cloud of the stack that all tests share."""
    return Cloud(tmp_path_factory.mktemp("stacks"), int(stack.cloud.rpartition(":")[2]))


@pytest.fixture(scope="module")
def second(cloud: Cloud) -> Endpoints:
    """Another stack beside it, whose APIs have host names of their own."""
    return deploy(cloud, "second", TEMPLATE, **HOSTS)


@pytest.fixture
def neighbours(company: Company, second: Endpoints, credential: Credential) -> Iterator[Company]:
    """The same domain as the company's, in the second stack, with dave alone."""
    made = Company(second, tables_of(second), credential, company.domain)
    made.add("dave")
    yield made
    made.close()


def resources(aws: AWS, stack: str) -> dict[str, tuple[str, str]]:
    """Type and physical name of each resource of a stack and of the stacks in it, by its logical name."""
    pages = aws("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    found: dict[str, tuple[str, str]] = {}
    for each in (each for page in pages for each in page["StackResourceSummaries"]):
        name, kind, physical = each["LogicalResourceId"], each["ResourceType"], each["PhysicalResourceId"]
        found[name] = kind, physical
        if kind == "AWS::CloudFormation::Stack":
            found |= {f"{name}.{inner}": value for inner, value in resources(aws, physical).items()}
    return found


def talk(company: Company, body: str) -> str:
    """Have alice tell bob something, who hears it; the id of the message."""
    alice, bob = company.connect("alice"), company.connect("bob")
    message_id = new(now())
    alice.ask("send", id=message_id, recipient=company.at("bob"), body=body)
    assert bob.event("message")["message"]["body"] == body
    return message_id


def history(company: Company) -> list[str]:
    page = company.connect("alice").ask("history", contact=company.at("bob"))
    return [each["body"] for each in page["messages"]]


# ---- side by side ----


def test_two_stacks_have_no_name_in_common(stack: Endpoints, second: Endpoints, aws: AWS) -> None:
    first, other = (resources(aws, each.stack) for each in (stack, second))
    assert set(first) < set(other)
    assert {each for each in first.values() if each[0] != IN_AN_API}.isdisjoint(other.values())


def test_people_of_one_stack_are_unknown_to_the_other(
    company: Company, neighbours: Company, stack: Endpoints, tables: Tables
) -> None:
    with pytest.raises(Refused) as refused:
        log_in(stack.http_url, neighbours.at("dave"), PASSWORD)
    tables.connections.forget_attempts("127.0.0.1")
    assert refused.value.code == "wrong_credentials"
    assert company.connect("alice").ask("contacts")["contacts"] != []
    assert company.at("dave") not in str(company.connect("alice").ask("contacts"))
    assert neighbours.at("alice") not in str(neighbours.connect("dave").ask("contacts"))


def test_a_session_of_one_stack_opens_nothing_in_the_other(
    company: Company, neighbours: Company, stack: Endpoints
) -> None:
    with pytest.raises(Refused) as refused:
        open_connection(stack.http_url, neighbours.token("dave"))
    assert refused.value.code == "session_forged"


def test_the_apis_answer_to_host_names_of_their_own(second: Endpoints, aws: AWS) -> None:
    made = resources(aws, second.stack)
    for host, api, stage in (("api.chat.example", "HttpApi", "$default"), ("ws.chat.example", "ChatApi", "chat")):
        mappings = aws("apigatewayv2").get_api_mappings(DomainName=host)["Items"]
        assert [(each["ApiId"], each["Stage"]) for each in mappings] == [(made[api][1], stage)]


def test_a_host_name_without_a_certificate_is_refused_before_anything_is_made(cloud: Cloud, aws: AWS) -> None:
    with pytest.raises(ClientError, match="ApiCertificate"):
        deploy(cloud, "third", HttpDomain="api.chat.example")
    with pytest.raises(ClientError, match="does not exist"):
        aws("cloudformation").describe_stacks(StackName="third")


# ---- new keys ----


def start_anew(aws: AWS, function: str) -> None:
    """End the execution environments of a function, which keep what they read of the secret for 5 minutes."""
    client = aws("lambda")
    variables = client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    client.update_function_configuration(
        FunctionName=function, Environment={"Variables": variables | {"STARTED": str(now())}}
    )


def test_sessions_go_on_while_the_keys_are_rotated(
    second: Endpoints, credential: Credential, aws: AWS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = Company(second, tables_of(second), credential)
    company.add("alice", "bob")
    company.token("alice")
    waited: list[float] = []
    monkeypatch.setattr(keys, "time", SimpleNamespace(sleep=waited.append))
    second.save(tmp_path / "endpoints.json")
    result = CliRunner().invoke(app, ["--endpoints", str(tmp_path / "endpoints.json"), "keys", "rotate"])
    assert (result.exit_code, len(waited)) == (0, 1), result.output
    stored = json.loads(aws("secretsmanager").get_secret_value(SecretId=second.signing_secret)["SecretString"])
    made = resources(aws, "second")
    for name in ("SessionFunction", "AuthorizerFunction"):
        start_anew(aws, made[name][1])
    talk(company, "in a session of before, and in one of after")
    Signer([stored["older"]]).read_session(company.token("alice"), now())
    Signer([stored["newest"]]).read_session(company.token("bob"), now())
    company.close()


# ---- an upgrade ----


def test_an_upgrade_from_an_older_template_keeps_all_data(cloud: Cloud, credential: Credential, aws: AWS) -> None:
    older = deploy(cloud, "older", OLDER)
    company = Company(older, tables_of(older), credential)
    company.add("alice", "bob")
    company.alias("team", "alice", "bob")
    talk(company, "before the upgrade")
    company.token("bob")
    company.close()
    for bucket, key in ((older.upload_bucket, "shared/plan.txt"), (older.mail_bucket, "texts/kept")):
        aws("s3").put_object(Bucket=bucket, Key=key, Body=b"kept")

    upgraded = deploy(cloud, "older")

    assert upgraded == older
    assert history(company) == ["before the upgrade"]  # by a session that began before it
    assert company.at("team") in str(company.connect("bob").ask("contacts"))
    for bucket, key in ((older.upload_bucket, "shared/plan.txt"), (older.mail_bucket, "texts/kept")):
        assert aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == b"kept"
    assert "PingLogs" in resources(aws, "older")
    talk(company, "after the upgrade")
    assert history(company) == ["before the upgrade", "after the upgrade"]
    company.close()


# ---- a deploy that breaks ----


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """The template with another timeout for a function, and a queue that no cloud makes."""
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    text = TEMPLATE.read_text()
    assert yaml_parse(text)["Globals"]["Function"]["Timeout"] == 10
    text = text.replace("    Timeout: 10\n", "    Timeout: 11\n", 1)
    queue = "Resources:\n  Broken:\n    Type: AWS::SQS::Queue\n    Properties: { VisibilityTimeout: 43201 }\n"
    path = tmp_path / "template.yaml"
    path.write_text(text.replace("Resources:\n", queue, 1))
    return path


def test_a_deploy_that_breaks_is_rolled_back(
    cloud: Cloud, second: Endpoints, credential: Credential, aws: AWS, broken: Path
) -> None:
    company = Company(second, tables_of(second), credential)
    company.add("alice", "bob")
    talk(company, "before the deploy")
    before = resources(aws, "second")

    with pytest.raises(Problem, match=r"UPDATE_ROLLBACK_COMPLETE.*Broken"):
        deploy(cloud, "second", broken, **HOSTS)

    assert resources(aws, "second") == before
    function = aws("lambda").get_function_configuration(FunctionName=before["PingFunction"][1])
    assert function["Timeout"] == 10
    talk(company, "after the deploy")
    assert history(company) == ["before the deploy", "after the deploy"]
    assert deploy(cloud, "second", TEMPLATE, **HOSTS) == second
    company.close()
