"""What holds for template.yaml and the templates of its parts, whoever changes them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from localcloud.endpoints import ROOT
from localcloud.package import LAMBDA_PYTHON

ROOT_TEMPLATE = ROOT / "template.yaml"
ACCOUNT = ROOT / "templates" / "account.yaml"
"""Stands alone, once in an account."""
TEMPLATES = {path.name: yaml_parse(path.read_text()) for path in (ROOT_TEMPLATE, *(ROOT / "templates").glob("*.yaml"))}
TEMPLATE: dict[str, Any] = TEMPLATES["template.yaml"]
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FUNCTIONS = {name: each for name, each in RESOURCES.items() if each["Type"] == "AWS::Serverless::Function"}
STACKS = {name: each for name, each in RESOURCES.items() if each["Type"] == "AWS::CloudFormation::Stack"}
NAMES = re.compile(r"^(Name|\w+Name|Family)$")
"""Properties that name a resource."""
NOT_A_NAME_OF_ITS_OWN = {
    "StageName",  # within its API
    "IndexName",  # within its table
    "AttributeName",
    "FunctionName",  # of a permission: a reference
    "RuleSetName",
    "DomainName",
    "HeaderName",
    "MetricName",
    "ContainerName",
    "PolicyName",  # within its role
    "ServiceName",  # of an endpoint: of AWS
}
SECRET_OR_PERSONAL = re.compile(
    r"\$context\.(path|authorizer|requestOverride|identity\.user)|querystring", re.IGNORECASE
)


@pytest.mark.parametrize("file", sorted(TEMPLATES))
def test_names_derive_from_the_stack(file: str) -> None:
    """Two stacks live side by side in an account. What has no name gets one of the stack's from CloudFormation."""
    found = [
        (resource, key, name)
        for resource, each in TEMPLATES[file]["Resources"].items()
        if each["Type"] not in ("AWS::CloudFormation::Stack", "AWS::IAM::ManagedPolicy")
        for key, name in each.get("Properties", {}).items()
        if NAMES.match(key) and key not in NOT_A_NAME_OF_ITS_OWN
        if isinstance(name, str) or "Fn::Sub" in name
        if "StackName" not in str(name)
    ]
    assert found == []


@pytest.mark.parametrize("file", sorted(TEMPLATES))
def test_every_parameter_is_described_and_used(file: str) -> None:
    text = (ROOT_TEMPLATE if file == "template.yaml" else ROOT / "templates" / file).read_text()
    for name, parameter in TEMPLATES[file].get("Parameters", {}).items():
        assert parameter.get("Description", "").strip(), name
        assert re.search(rf"!Ref {name}\b|\${{{name}}}", text), f"{name} is not used in {file}"


def test_every_parameter_of_a_deploy_is_validated() -> None:
    bounds = {"AllowedPattern", "AllowedValues", "MinValue"}
    free = {name for name, each in TEMPLATE["Parameters"].items() if not bounds & set(each)}
    assert free == {"PageOrigins"}  # what a browser may send as Origin is API Gateway's to check


def test_every_parameter_has_its_place_on_the_console_and_in_the_manual() -> None:
    groups = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    listed = [name for group in groups for name in group["Parameters"]]
    assert sorted(listed) == sorted(TEMPLATE["Parameters"])
    manual = (ROOT / "docs" / "operating.md").read_text()
    assert [name for name in listed if f"`{name}`" not in manual] == ["LocalHost"]


@pytest.mark.parametrize("name", sorted(STACKS))
def test_a_part_gets_the_parameters_that_it_has(name: str) -> None:
    properties = STACKS[name]["Properties"]
    part = TEMPLATES[Path(properties["TemplateURL"]).name]
    required = {each for each, parameter in part["Parameters"].items() if "Default" not in parameter}
    assert required <= set(properties["Parameters"]) <= set(part["Parameters"])


def test_every_template_is_deployed() -> None:
    parts = {Path(each["Properties"]["TemplateURL"]).name for each in STACKS.values()}
    assert parts | {"template.yaml", ACCOUNT.name} == set(TEMPLATES)


def test_functions_are_for_arm64_and_the_python_that_is_built_for() -> None:
    common = TEMPLATE["Globals"]["Function"]
    assert (common["Runtime"], common["Architectures"]) == (f"python{LAMBDA_PYTHON}", ["arm64"])
    assert common["Tracing"] == "Active"
    assert all({"Runtime", "Architectures", "Tracing"}.isdisjoint(each["Properties"]) for each in FUNCTIONS.values())
    layers = [each for each in RESOURCES.values() if each["Type"] == "AWS::Serverless::LayerVersion"]
    assert all(each["Properties"]["CompatibleRuntimes"] == [common["Runtime"]] for each in layers)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_logs_to_a_group_of_its_own(name: str) -> None:
    group = FUNCTIONS[name]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
    assert group == name.replace("Function", "Logs")
    assert RESOURCES[group]["Properties"]["RetentionInDays"] == {"Ref": "LogDays"}


@pytest.mark.parametrize("file", sorted(TEMPLATES))
def test_no_log_is_kept_for_ever(file: str) -> None:
    groups = [each for each in TEMPLATES[file]["Resources"].values() if each["Type"] == "AWS::Logs::LogGroup"]
    assert all("RetentionInDays" in each["Properties"] for each in groups)


@pytest.mark.parametrize("api", ["HttpStage", "ChatApi"])
def test_access_is_logged_without_secrets(api: str) -> None:
    settings = RESOURCES[api]["Properties"]["AccessLogSettings"]
    assert isinstance(json.loads(settings["Format"]), dict)
    assert not SECRET_OR_PERSONAL.search(settings["Format"])


@pytest.mark.parametrize("table", ["DirectoryTable", "HistoryTable"])
def test_what_cannot_be_made_again_is_protected(table: str) -> None:
    properties = RESOURCES[table]["Properties"]
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    assert TEMPLATE["Parameters"]["DeletionProtection"]["Default"] == "true"


EVERYWHERE = {
    ("template.yaml", "Trace"): "X-Ray knows no resource for what is sent to it",
    ("bridge.yaml", "LogIn"): "a log-in is for all registries; whose images may be fetched is a statement of its own",
}
"""The statements that allow something for all resources, and why: IAM knows no narrower ones (AWS, "Service
Authorization Reference")."""


def test_what_is_allowed_everywhere_is_known_for_no_single_resource() -> None:
    found = {
        (file, each["Sid"])
        for file, template in TEMPLATES.items()
        for each in statements(template["Resources"])
        if each["Effect"] == "Allow" and "*" in listed(each.get("Resource"))
    }
    assert found == set(EVERYWHERE)


@pytest.mark.parametrize("file", sorted(TEMPLATES))
def test_every_action_is_named(file: str) -> None:
    allowed = [each for each in statements(TEMPLATES[file]["Resources"]) if each["Effect"] == "Allow"]
    assert [action for action in actions(allowed) if "*" in action] == []


def statements(value: object) -> list[dict[str, Any]]:
    """Every statement of a policy below a value."""
    if isinstance(value, list):
        return [found for each in value for found in statements(each)]
    if not isinstance(value, dict):
        return []
    if "Effect" in value and "Action" in value:
        return [value]
    return [found for each in value.values() for found in statements(each)]


def test_no_function_goes_beyond_the_boundary() -> None:
    """What it leaves out a function's own policy allows in vain."""
    assert TEMPLATE["Globals"]["Function"]["PermissionsBoundary"] == {"Ref": "FunctionsBoundary"}
    allowed = actions(RESOURCES["FunctionsBoundary"]["Properties"]["PolicyDocument"]["Statement"])
    for name, function in FUNCTIONS.items():
        assert not {"Role", "PermissionsBoundary"} & set(function["Properties"])
        for policy in function["Properties"].get("Policies", []):
            assert actions(policy["Statement"]) <= allowed, name


OF_SAM = {
    "AWSLambdaBasicExecutionRole": {"logs:CreateLogStream", "logs:PutLogEvents"},
    "AWSXRayDaemonWriteAccess": {"xray:PutTraceSegments", "xray:PutTelemetryRecords"},
    "AWSLambdaDynamoDBExecutionRole": {
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    },
    "AWSLambdaSQSQueueExecutionRole": {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
}
"""What functions need of the policies that SAM gives them beside their own."""


def test_the_boundary_has_nothing_that_no_function_needs() -> None:
    needed = set().union(*OF_SAM.values())
    for function in FUNCTIONS.values():
        for policy in function["Properties"].get("Policies", []):
            needed |= actions(policy["Statement"])
    assert actions(RESOURCES["FunctionsBoundary"]["Properties"]["PolicyDocument"]["Statement"]) == needed


def actions(statements: list[dict[str, Any]]) -> set[str]:
    return {action for each in statements for action in listed(each["Action"])}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
