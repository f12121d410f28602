"""What the dashboards of ``templates/watch.yaml`` draw and its alarms watch, metric by metric."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.unit.test_watch import DASHBOARDS, OWN, SINGLE, rows, text, widgets

SEARCHED = re.compile(r'\{"?([^",]+)"?,([\w,]+)\} MetricName="(\w+)"')


@dataclass(frozen=True, order=True)
class Series:
    """A metric with its dimensions and their values, "" where the template fills the value in or any is meant."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @property
    def is_own(self) -> bool:
        return self.namespace == OWN

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{name}={value or '*'}" for name, value in self.dimensions)])


def series() -> list[Series]:
    """Each metric that is drawn or watched, once."""
    return sorted({*_drawn(), *_watched()})


def _drawn() -> Iterator[Series]:
    for dashboard in DASHBOARDS:
        for widget in widgets(dashboard):
            for row in rows(widget):
                if isinstance(row[-1], dict) and "expression" in row[-1]:
                    for namespace, names, name in SEARCHED.findall(text(row[-1]["expression"])):
                        yield Series(namespace, name, tuple((each, "") for each in names.split(",")))
                else:
                    namespace, name, *of = (_known(each) for each in row)
                    yield Series(namespace, name, tuple(zip(of[::2], of[1::2], strict=True)))


def _watched() -> Iterator[Series]:
    for alarm in SINGLE.values():
        parts = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
        for each in parts or [alarm]:
            of = tuple((one["Name"], _known(one["Value"])) for one in each.get("Dimensions", []))
            yield Series(text(each["Namespace"]), each["MetricName"], of)


def _known(value: Any) -> str:
    """A text of the template that is known before a deployment, or "": what names this stack's resources."""
    found = text(value)
    return found if found == OWN or (isinstance(value, str) and "${" not in found) else ""
