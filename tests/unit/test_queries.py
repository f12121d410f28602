"""The saved queries: on the logs of all functions and of the bridge, and as the runbook has them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from chat.trail import Step
from localcloud.endpoints import ROOT
from tests import insights

TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
QUERIES = {
    name: each["Properties"]
    for name, each in yaml_parse((ROOT / "templates/watch.yaml").read_text())["Resources"].items()
    if each["Type"] == "AWS::Logs::QueryDefinition"
}
SECTION = (ROOT / "docs/operating.md").read_text().partition("\n## Follow one message\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_named_after_its_stack_and_asks_all_logs(name: str) -> None:
    assert QUERIES[name]["Name"]["Fn::Sub"].startswith("${StackName}/")
    assert QUERIES[name]["LogGroupNames"] == {"Ref": "LogGroups"}


def test_all_logs_are_those_of_every_function_and_of_the_bridge_where_there_is_one() -> None:
    logs = [
        each["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
        for each in TEMPLATE.values()
        if each["Type"] == "AWS::Serverless::Function"
    ]
    comma, groups = TEMPLATE["WatchStack"]["Properties"]["Parameters"]["LogGroups"]["Fn::Join"]
    bridge = {"Fn::If": ["HasBridge", {"Fn::GetAtt": ["BridgeStack", "Outputs.LogGroup"]}, {"Ref": "AWS::NoValue"}]}
    assert comma == ","
    assert groups.pop() == bridge
    assert sorted(each["Ref"] for each in groups) == sorted(logs)


def test_the_runbook_has_the_query_as_it_is_saved() -> None:
    [shown] = re.findall(r"```text\n(.*?)```", SECTION, re.DOTALL)
    assert shown == insights.saved("FollowAMessage")


def test_the_runbook_explains_each_step() -> None:
    cells = re.findall(r"^\| (`.+?`) \|", SECTION, re.MULTILINE)
    assert sorted(step for each in cells for step in re.findall(r"`(\w+)`", each)) == sorted(Step)


def test_queries_are_within_what_the_tests_can_run() -> None:
    line = {"timestamp": "1", "message": "request", "code": "busy", "action": "send", "message_id": "one"}
    assert insights.run(insights.saved("FollowAMessage").replace("MESSAGE-ID", "one"), [line])
    assert insights.run(insights.saved("ErrorsByCode"), [line, line | {"code": "ok"}]) == [
        {"code": "busy", "action": "send", "requests": 1}
    ]
