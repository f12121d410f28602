"""What templates/bridge.yaml promises: ports, who reaches them, how tasks start and end."""

from __future__ import annotations

import re
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from bridge.settings import STOP_SECONDS
from localcloud.endpoints import ROOT

RESOURCES: dict[str, Any] = yaml_parse((ROOT / "templates" / "bridge.yaml").read_text())["Resources"]
TASK = RESOURCES["TaskDefinition"]["Properties"]
CONTAINER = TASK["ContainerDefinitions"][0]
SERVICE = RESOURCES["Service"]["Properties"]
TARGETS = ("StarttlsTargets", "TlsTargets", "WebSocketTargets")


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[name]["Properties"]
    return found


def test_tasks_are_reached_through_the_load_balancer_alone() -> None:
    rules = properties("TaskGroup")["SecurityGroupIngress"]
    assert all(rule["SourceSecurityGroupId"] == {"Ref": "DoorGroup"} for rule in rules)
    opened = {port for rule in rules for port in range(rule["FromPort"], rule["ToPort"] + 1)}
    assert opened == {each["ContainerPort"] for each in CONTAINER["PortMappings"]}


def test_the_load_balancer_may_reach_what_it_asks_for() -> None:
    rules = properties("DoorGroup")["SecurityGroupEgress"]
    allowed = {port for rule in rules for port in range(rule["FromPort"], rule["ToPort"] + 1)}
    asked = {properties(name)["Port"] for name in TARGETS} | {int(properties(TARGETS[0])["HealthCheckPort"])}
    assert allowed == asked


def test_target_groups_differ_in_port_and_protocol_alone() -> None:
    first, second, third = ({**properties(name), "Port": 0, "Protocol": ""} for name in TARGETS)
    assert first == second == third
    attributes = {each["Key"]: each["Value"] for each in first["TargetGroupAttributes"]}
    assert attributes["preserve_client_ip.enabled"] == "true"
    assert int(attributes["deregistration_delay.timeout_seconds"]) >= 120  # AWS, "Deregistration delay"
    assert attributes["deregistration_delay.connection_termination.enabled"] == "false"
    assert attributes["target_health_state.unhealthy.connection_termination.enabled"] == "false"


def test_a_task_has_time_to_say_goodbye() -> None:
    assert STOP_SECONDS < CONTAINER["StopTimeout"] <= 120  # what Fargate allows


def test_a_container_writes_nothing_and_has_no_privileges() -> None:
    assert CONTAINER["ReadonlyRootFilesystem"] is True
    assert CONTAINER["Privileged"] is False
    assert CONTAINER["LinuxParameters"] == {"Capabilities": {"Drop": ["ALL"]}}
    assert CONTAINER["Ulimits"][0]["SoftLimit"] >= 65535
    assert TASK["RuntimePlatform"]["CpuArchitecture"] == "ARM64"


def test_a_log_that_cannot_be_written_holds_up_nobody() -> None:
    options = CONTAINER["LogConfiguration"]["Options"]
    assert (options["mode"], options["max-buffer-size"]) == ("non-blocking", "25m")


def test_a_deploy_keeps_all_tasks_and_goes_back_when_it_breaks() -> None:
    assert SERVICE["DeploymentConfiguration"] == {
        "MinimumHealthyPercent": 100,
        "MaximumPercent": 200,
        "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
    }


def test_every_variable_is_one_that_the_bridge_reads() -> None:
    folders = (ROOT / "xmpp-bridge" / "bridge", ROOT / "layers" / "chat" / "chat" / "aws")
    source = "".join(path.read_text() for folder in folders for path in folder.glob("*.py"))
    others = {"AWS_DEFAULT_REGION", "METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"}  # which libraries read
    told = {each["Name"] for each in CONTAINER["Environment"]} - others
    assert [name for name in told if f'"{name}"' not in source] == []
    required = set(re.findall(r'text\("([A-Z_]+)"\)', source)) | {"CONNECTIONS_ENDPOINT", "GRACE_QUEUE"}
    assert required <= told


def test_there_is_no_nat() -> None:
    types = {each["Type"] for each in RESOURCES.values()}
    assert "AWS::EC2::NatGateway" not in types
    endpoints = [each["Properties"] for each in RESOURCES.values() if each["Type"] == "AWS::EC2::VPCEndpoint"]
    assert {each["VpcEndpointType"] for each in endpoints} == {"Gateway"}  # others cost by the hour


def test_the_service_waits_for_the_listener_of_every_target_group() -> None:
    """ECS refuses a target group that no load balancer has."""
    waits = set(RESOURCES["Service"]["DependsOn"]) | referenced(SERVICE)
    listeners = {name for name, each in RESOURCES.items() if each["Type"].endswith("::Listener")}
    assert listeners <= waits


def test_as_many_tasks_run_as_are_asked_for() -> None:
    """Scaling policies leave a service below its minimum until an alarm of theirs goes off."""
    action = properties("Scaling")["ScheduledActions"][0]["ScalableTargetAction"]
    assert action == {"MinCapacity": {"Ref": "Nodes"}, "MaxCapacity": {"Ref": "MostNodes"}}
    assert "DesiredCount" not in SERVICE  # each deploy would set it again


def referenced(value: object) -> set[str]:
    """The names that !Ref has below a value."""
    if isinstance(value, list):
        return {name for each in value for name in referenced(each)}
    if not isinstance(value, dict):
        return set()
    if isinstance(value.get("Ref"), str):
        return {value["Ref"]}
    return {name for each in value.values() for name in referenced(each)}
