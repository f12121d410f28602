"""The templates of bridge and page, deployed with a stack of their own as far as the local cloud takes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localcloud.cloud import Cloud
from localcloud.deploy import TEMPLATE, deploy
from localcloud.endpoints import Endpoints
from localcloud.site import DIST, content_type
from scripts.publish_page import publish

AWS = Callable[[str], Any]

BRIDGE = {
    "BridgeImage": "000000000000.dkr.ecr.us-east-1.amazonaws.com/company-chat-bridge:test",
    "BridgeCertificates": "arn:aws:secretsmanager:us-east-1:000000000000:secret:certificates-AbCdEf",
    "BridgeWebSocketCertificate": "arn:aws:acm:us-east-1:000000000000:certificate/websocket",
    "BridgeNodes": "2",
    "BridgeNodesAtMost": "5",
}


@pytest.fixture(scope="module")
def whole(stack: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Endpoints:
    """A stack with bridge and page, beside the one that all tests share."""
    cloud = Cloud(tmp_path_factory.mktemp("whole"), int(stack.cloud.rpartition(":")[2]))
    return deploy(cloud, "whole", TEMPLATE, ServePage="true", **BRIDGE)


@pytest.fixture(scope="module")
def outputs(whole: Endpoints, aws: AWS) -> dict[str, str]:
    found = aws("cloudformation").describe_stacks(StackName=whole.stack)["Stacks"][0]["Outputs"]
    return {each["OutputKey"]: each["OutputValue"] for each in found}


@pytest.fixture(scope="module")
def bridge(whole: Endpoints, aws: AWS) -> dict[str, str]:
    """The resources of the bridge: physical names by logical ones."""
    cloudformation = aws("cloudformation")
    part = cloudformation.describe_stack_resource(StackName=whole.stack, LogicalResourceId="BridgeStack")
    name = part["StackResourceDetail"]["PhysicalResourceId"]
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for page in pages
        for each in page["StackResourceSummaries"]
    }


def test_the_load_balancer_listens_for_each_kind_of_client(
    bridge: dict[str, str], outputs: dict[str, str], aws: AWS
) -> None:
    listeners = aws("elbv2").describe_listeners(LoadBalancerArn=bridge["LoadBalancer"])["Listeners"]
    assert {(each["Port"], each["Protocol"]) for each in listeners} == {(5222, "TCP"), (5223, "TCP"), (443, "TLS")}
    found = aws("elbv2").describe_load_balancers(LoadBalancerArns=[bridge["LoadBalancer"]])["LoadBalancers"][0]
    assert outputs["BridgeHost"] == found["DNSName"]


def test_where_its_tasks_are_is_among_the_outputs(outputs: dict[str, str], aws: AWS) -> None:
    found = aws("ecs").describe_services(cluster=outputs["BridgeCluster"], services=[outputs["BridgeService"]])
    assert [each["status"] for each in found["services"]] == ["ACTIVE"]


def test_tasks_run_with_the_bridges_role_and_settings(bridge: dict[str, str], whole: Endpoints, aws: AWS) -> None:
    task = aws("ecs").describe_task_definition(taskDefinition=bridge["TaskDefinition"])["taskDefinition"]
    assert task["taskRoleArn"] == whole.bridge_role
    container = task["containerDefinitions"][0]
    assert container["image"] == BRIDGE["BridgeImage"]
    told = {each["name"]: each["value"] for each in container["environment"]}
    assert told["DIRECTORY_TABLE"] == whole.directory_table
    assert told["WEBSOCKET_URL"] == whole.websocket_url
    assert told["BRIDGE_CERTIFICATES"] == BRIDGE["BridgeCertificates"]


def test_a_page_without_a_host_name_has_no_record_to_be_made(outputs: dict[str, str]) -> None:
    assert "PageUrl" in outputs
    assert "PageDomainTarget" not in outputs


def test_the_service_has_a_target_for_each_port(bridge: dict[str, str], aws: AWS) -> None:
    service = aws("ecs").describe_services(cluster=bridge["Cluster"], services=[bridge["Service"]])["services"][0]
    assert {each["containerPort"] for each in service["loadBalancers"]} == {5222, 5223, 5443}


def test_the_page_is_published_with_its_types_and_the_address_of_the_api(
    outputs: dict[str, str], aws: AWS, tmp_path: Path
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "assets" / "hub-Be2GeB8t.js").write_text("1")
    s3, bucket = aws("s3"), outputs["PageBucket"]
    assert publish(s3, bucket, outputs["HttpUrl"], tmp_path) == ["assets/hub-Be2GeB8t.js", "config.json", "index.html"]
    part = s3.get_object(Bucket=bucket, Key="assets/hub-Be2GeB8t.js")
    assert (part["ContentType"], part["CacheControl"]) == (
        "text/javascript; charset=utf-8",
        "public, max-age=31536000, immutable",
    )
    assert s3.head_object(Bucket=bucket, Key="index.html")["CacheControl"] == "no-cache"
    assert json.loads(s3.get_object(Bucket=bucket, Key="config.json")["Body"].read()) == {"api": outputs["HttpUrl"]}


def test_every_file_of_the_page_has_a_type_of_its_own() -> None:
    unknown = [path for path in DIST.rglob("*") if path.is_file() and content_type(path.name).endswith("octet-stream")]
    assert unknown == []
