"""Dashboards and alarms: what they draw is declared with the same name and dimension; each alarm has its runbook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from chat import metrics

ROOT = Path(__file__).parents[2]
OWN = "CompanyChat/${StackName}"


def text(value: Any) -> str:
    """A text of the template, as it is or as what Fn::Sub fills in."""
    return str(value["Fn::Sub"] if isinstance(value, dict) else value)


RESOURCES: dict[str, Any] = yaml_parse((ROOT / "templates/watch.yaml").read_text())["Resources"]
ALARMS = {name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == "AWS::CloudWatch::Alarm"}


def drawn() -> Iterator[tuple[str, str | None]]:
    """Name and dimension of each of our metrics that a dashboard draws."""
    for each in RESOURCES.values():
        if each["Type"] == "AWS::CloudWatch::Dashboard":
            for widget in json.loads(text(each["Properties"]["DashboardBody"]))["widgets"]:
                for series in widget["properties"]["metrics"]:
                    if series[0] == OWN:
                        rest = [part for part in series[2:] if isinstance(part, str)]
                        yield series[1], rest[0] if rest else None


def watched() -> Iterator[tuple[str, str | None]]:
    """Name and dimension of each of our metrics that an alarm watches."""
    for alarm in ALARMS.values():
        if text(alarm["Namespace"]) == OWN:
            dimensions = alarm.get("Dimensions", [])
            yield alarm["MetricName"], dimensions[0]["Name"] if dimensions else None


@pytest.mark.parametrize(("name", "dimension"), sorted({*drawn(), *watched()}, key=str))
def test_what_is_drawn_or_watched_is_declared(name: str, dimension: str | None) -> None:
    assert metrics.ALL[name].dimension == dimension


def test_each_alarm_has_its_runbook_and_each_runbook_its_alarm() -> None:
    section = (ROOT / "docs/operating.md").read_text().partition("\n## Alarms (runbook)\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^### (\w+)$", section, re.MULTILINE)) == set(ALARMS)
    for name, alarm in ALARMS.items():
        assert alarm["AlarmDescription"].endswith(f"docs/operating.md#{name.lower()}")
