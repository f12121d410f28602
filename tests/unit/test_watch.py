"""Dashboards and alarms: what they draw is declared with the same name and dimension; each alarm has its runbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from chat import metrics
from localcloud.endpoints import ROOT

OWN = "CompanyChat/${StackName}"
RESOURCES: dict[str, Any] = yaml_parse((ROOT / "templates/watch.yaml").read_text())["Resources"]
DASHBOARDS = {
    name: each["Properties"]["DashboardBody"]["Fn::ToJsonString"]
    for name, each in RESOURCES.items()
    if each["Type"] == "AWS::CloudWatch::Dashboard"
}
SINGLE = {name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == "AWS::CloudWatch::Alarm"}
COMPOSITE = {
    name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == "AWS::CloudWatch::CompositeAlarm"
}
ALARMS = SINGLE | COMPOSITE
RUNBOOK = (ROOT / "docs/operating.md").read_text().partition("\n## Alarms (runbook)\n")[2].partition("\n## ")[0]
FUNCTIONS = {
    name
    for name, each in yaml_parse((ROOT / "template.yaml").read_text())["Resources"].items()
    if each["Type"] == "AWS::Serverless::Function"
}
COLUMNS = 24
"""Of a dashboard's grid (CloudWatch, "Dashboard Body Structure")."""


def text(value: Any) -> str:
    """A text of the template, as it is or as what Fn::Sub fills in."""
    return str(value["Fn::Sub"] if isinstance(value, dict) and "Fn::Sub" in value else value)


def widgets(dashboard: str) -> list[dict[str, Any]]:
    """The widgets of a dashboard, those that are there with the bridge alone among them."""
    return [with_bridge(each) for each in DASHBOARDS[dashboard]["widgets"]]


def with_bridge(value: dict[str, Any]) -> dict[str, Any]:
    """What stands there where there is a bridge."""
    found: dict[str, Any] = value["Fn::If"][1] if "Fn::If" in value else value
    return found


def rows(widget: dict[str, Any]) -> Iterator[list[Any]]:
    """The metrics of a widget, with what "..." and "." stand for, and without their options."""
    above: list[Any] = []
    for row in widget["properties"].get("metrics", []):
        if "expression" in row[-1]:
            yield row
            continue
        fields = [each for each in row if not (isinstance(each, dict) and not each.keys() & {"Ref", "Fn::Sub"})]
        if fields[0] == "...":
            fields = above[: len(above) - len(fields) + 1] + fields[1:]
        above = [above[number] if each == "." else each for number, each in enumerate(fields)]
        yield above


def drawn() -> Iterator[tuple[str, str | None]]:
    """Name and dimension of each of our metrics that a dashboard draws."""
    for dashboard in DASHBOARDS:
        for row in (row for widget in widgets(dashboard) for row in rows(widget)):
            if text(row[0]) == OWN:
                yield row[1], row[2] if len(row) > 2 else None
            elif isinstance(row[-1], dict) and "expression" in row[-1]:
                yield from searched(text(row[-1]["expression"]))


def searched(expression: str) -> Iterator[tuple[str, str | None]]:
    """Name and dimension of our metrics that an expression searches."""
    for dimension, name in re.findall(rf'{{"{re.escape(OWN)}",(\w+)}} MetricName="(\w+)"', expression):
        yield name, dimension


def watched() -> Iterator[tuple[str, str | None]]:
    """Name and dimension of each of our metrics that an alarm watches."""
    for alarm in SINGLE.values():
        if text(alarm.get("Namespace")) == OWN:
            dimensions = alarm.get("Dimensions", [])
            yield alarm["MetricName"], dimensions[0]["Name"] if dimensions else None


@pytest.mark.parametrize(("name", "dimension"), sorted({*drawn(), *watched()}, key=str))
def test_what_is_drawn_or_watched_is_declared(name: str, dimension: str | None) -> None:
    assert metrics.ALL[name].dimension == dimension


def test_what_is_declared_is_drawn_or_watched() -> None:
    assert set(metrics.ALL) == {name for name, _ in (*drawn(), *watched())}


@pytest.mark.parametrize("dashboard", DASHBOARDS)
def test_widgets_are_inside_the_grid_and_cover_no_other(dashboard: str) -> None:
    taken: set[tuple[int, int]] = set()
    for each in widgets(dashboard):
        assert each["x"] + each["width"] <= COLUMNS
        across, down = range(each["x"], each["x"] + each["width"]), range(each["y"], each["y"] + each["height"])
        cells = {(x, y) for x in across for y in down}
        assert not cells & taken, each["properties"]["title"]
        taken |= cells


@pytest.mark.parametrize("dashboard", DASHBOARDS)
def test_expressions_use_metrics_that_their_widget_has(dashboard: str) -> None:
    for widget in widgets(dashboard):
        options = [row[-1] for row in widget["properties"].get("metrics", []) if isinstance(row[-1], dict)]
        ids = [each["id"] for each in options if "id" in each]
        assert len(ids) == len(set(ids))
        for expression in (text(each["expression"]) for each in options if "expression" in each):
            words = re.sub(r"SEARCH\(.*\)|\$\{\w+\}", "", expression)
            assert set(re.findall(r"\b[a-z]\w*\b(?!\")", words)) <= set(ids)
            for part in re.findall(r'METRICS\("(\w+)"\)', expression):
                assert any(part in each for each in ids)


@pytest.mark.parametrize("name", ["Errors", "Throttles", "Duration", "ConcurrentExecutions", "Invocations"])
def test_every_function_is_drawn(name: str) -> None:
    seen = [
        [row[3]["Ref"] for row in rows(widget) if row[:2] == ["AWS/Lambda", name]]
        for dashboard in DASHBOARDS
        for widget in widgets(dashboard)
    ]
    assert any(seen)
    assert all(sorted(each) == sorted(FUNCTIONS) for each in seen if each)


def test_each_alarm_has_its_runbook_and_each_runbook_its_alarm() -> None:
    assert set(re.findall(r"^### (\w+)$", RUNBOOK, re.MULTILINE)) == set(ALARMS)
    for name, alarm in ALARMS.items():
        assert alarm["AlarmName"] == {"Fn::Sub": f"${{StackName}}-{name}"}
        assert alarm["AlarmDescription"].endswith(f". docs/operating.md#{name.lower()}")


def test_an_alarm_tells_the_topic_or_is_part_of_one_that_does() -> None:
    topic = [{"Fn::If": ["MakesTopic", {"Ref": "Topic"}, {"Ref": "AlarmTopic"}]}]
    parts = [
        part for each in COMPOSITE.values() for part in re.findall(r'ALARM\("\$\{(\w+)\}"\)', text(each["AlarmRule"]))
    ]
    assert len(parts) == len(set(parts))
    for name, alarm in ALARMS.items():
        assert alarm.get("AlarmActions") == (None if name in parts else topic), name


def test_the_dashboard_of_health_shows_every_alarm_that_tells() -> None:
    [shown] = [each["properties"]["alarms"] for each in widgets("Health") if each["type"] == "alarm"]
    telling = {name for name, each in ALARMS.items() if "AlarmActions" in each}
    assert {text(with_bridge(each)).rpartition("-")[2] for each in shown} == telling


def test_the_topic_is_encrypted_and_takes_from_alarms_of_this_stack_alone() -> None:
    assert RESOURCES["Topic"]["Properties"]["KmsMasterKeyId"] == {"Ref": "TopicKey"}
    [statement] = RESOURCES["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Principal"], statement["Action"]) == ({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish")
    [source] = statement["Condition"]["ArnLike"].values()
    assert text(source).endswith(":alarm:${StackName}-*")
