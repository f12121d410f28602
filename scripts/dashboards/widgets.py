"""What a widget of a dashboard draws (Amazon CloudWatch, "Dashboard Body Structure and Syntax")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from scripts.dashboards.formulas import Formulas, NotUnderstood, Points
from scripts.dashboards.measured import Measured, is_counted

PERIOD = 300
"""Seconds, where a widget names none."""
QUERY = re.compile(r'\{"?([^",}]+)"?,([^}]+)\} MetricName="(\w+)"')


@dataclass(frozen=True)
class Curve:
    """A series with what the legend calls it."""

    label: str
    points: Points
    right: bool = False
    """Whether it goes by the axis on the right."""


@dataclass
class Drawn:
    """What a widget draws, and the names of what a local run cannot tell."""

    curves: list[Curve] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def drawn(properties: dict[str, Any], measured: Measured) -> Drawn:
    """The curves of a widget of metrics.

    Raises:
        NotUnderstood: an expression is beyond what is understood here.
    """
    period = properties.get("period", PERIOD)
    periods = range(0, int(measured.end // period) * period + period, period)
    found, series = Drawn(), dict[str, Points]()
    labels: dict[str, list[str]] = {}

    def search(query: str, statistic: str, period: int) -> list[Points]:
        names = QUERY.fullmatch(query.strip())
        if names is None:
            raise NotUnderstood(query)
        each = measured.found(names[1], names[2].split(","), names[3])
        labels[query] = [" ".join(dimensions.values()) for dimensions in each]
        return [measured.points(names[1], names[3], dimensions, statistic, period) for dimensions in each]

    for fields, options in _rows(properties["metrics"]):
        right, visible = options.get("yAxis") == "right", options.get("visible", True)
        if "expression" in options:
            value = Formulas(series, periods, search).value(options["expression"])
            if isinstance(value, float):
                raise NotUnderstood(f"{options['expression']} is no series")
            if isinstance(value, list):
                [names] = labels.values()
                found.curves += [Curve(name, points, right) for name, points in zip(names, value, strict=True)]
                continue
            label, points = options.get("label", options["id"]), value
        else:
            namespace, name, *of = fields
            dimensions = dict(zip(of[::2], of[1::2], strict=True))
            label = options.get("label", " ".join([name, *dimensions.values()]))
            points = measured.points(
                namespace, name, dimensions, options.get("stat", properties.get("stat", "Average")), period
            )
            if visible and not is_counted(namespace, name):
                found.unknown.append(label)
                continue
        if "id" in options:
            series[options["id"]] = points
        if visible:
            found.curves.append(Curve(label, points, right))
    return found


def _rows(metrics: list[list[Any]]) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Each metric's namespace, name and dimensions, with what "..." and "." stand for, and its options."""
    above: list[str] = []
    for row in metrics:
        options = row[-1] if isinstance(row[-1], dict) else {}
        fields = [each for each in row if not isinstance(each, dict)]
        if fields and fields[0] == "...":
            fields = above[: len(above) - len(fields) + 1] + fields[1:]
        fields = [above[number] if each == "." else each for number, each in enumerate(fields)]
        above = fields or above
        yield fields, options
