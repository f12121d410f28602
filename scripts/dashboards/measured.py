"""What a local run measured: told by functions and bridge themselves, or counted by what the local cloud was asked.

Times are those of the dashboard: seconds since the run began, each of them drawn as a minute. So three minutes make
three hours, and periods of five minutes and of an hour mean something.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.meter import each_read, read_together
from scripts.dashboards.formulas import Points

SCALE = 60
"""Seconds of the dashboard in one of the run."""

Dimensions = tuple[tuple[str, str], ...]
Sample = tuple[float, float]
"""Time and value."""

COUNTED = {
    ("AWS/Lambda", "Invocations"),
    ("AWS/Lambda", "Errors"),
    ("AWS/Lambda", "Throttles"),
    ("AWS/Lambda", "Duration"),
    ("AWS/DynamoDB", "ConsumedReadCapacityUnits"),
    ("AWS/DynamoDB", "ConsumedWriteCapacityUnits"),
    ("AWS/ApiGateway", "MessageCount"),
    ("AWS/ApiGateway", "Count"),
}
"""Metrics of AWS that a local run can tell, too."""


@dataclass
class Measured:
    """All samples of a run, by namespace, name and dimensions."""

    began: float
    """Seconds since the epoch."""
    samples: dict[tuple[str, str, Dimensions], list[Sample]] = field(default_factory=dict)

    def add(self, namespace: str, name: str, dimensions: Mapping[str, str], at: float, *values: float) -> None:
        """Note values of a moment, in seconds since the epoch. What was before the run is left out."""
        key = namespace, name, tuple(sorted(dimensions.items()))
        if at >= self.began:
            self.samples.setdefault(key, []).extend(((at - self.began) * SCALE, each) for each in values)

    def points(self, namespace: str, name: str, dimensions: Mapping[str, str], statistic: str, period: int) -> Points:
        """A metric's statistic for each period in which there is something."""
        by_period: dict[int, list[float]] = {}
        for at, value in self.samples.get((namespace, name, tuple(sorted(dimensions.items()))), []):
            by_period.setdefault(int(at // period) * period, []).append(value)
        return {start: of(statistic, by_period[start]) for start in sorted(by_period)}

    def found(self, namespace: str, names: Iterable[str], name: str) -> list[dict[str, str]]:
        """The dimensions of all metrics of a name that have these dimensions."""
        wanted = set(names)
        return [
            dict(dimensions)
            for space, each, dimensions in sorted(self.samples)
            if (space, each) == (namespace, name) and {key for key, _ in dimensions} == wanted
        ]

    @property
    def end(self) -> float:
        """When the last sample was, in seconds of the dashboard."""
        return max(at for samples in self.samples.values() for at, _ in samples)


def is_counted(namespace: str, name: str) -> bool:
    """Whether a local run can tell this metric."""
    return not namespace.startswith("AWS/") or (namespace, name) in COUNTED


def of(statistic: str, values: list[float]) -> float:
    """A statistic as CloudWatch names it; percentiles by the nearest rank.

    Raises:
        ValueError: it is none that we know.
    """
    match statistic:
        case "Sum":
            return sum(values)
        case "SampleCount":
            return len(values)
        case "Maximum":
            return max(values)
        case "Minimum":
            return min(values)
        case "Average":
            return sum(values) / len(values)
    if not statistic.startswith("p"):
        raise ValueError(statistic)
    return sorted(values)[max(0, math.ceil(len(values) * float(statistic[1:]) / 100) - 1)]


def read_log(measured: Measured, lines: Iterable[str]) -> None:
    """Take metrics out of a log by the rules of the embedded metric format."""
    for line in (json.loads(each) for each in lines if each.startswith('{"_aws"')):
        at = line["_aws"]["Timestamp"] / 1000
        for directive in line["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    value = line[metric["Name"]]
                    values = value if isinstance(value, list) else [value]
                    measured.add(
                        directive["Namespace"], metric["Name"], {name: line[name] for name in names}, at, *values
                    )


def read_functions(measured: Measured, lines: Iterable[str]) -> None:
    """Take how long functions took (``localcloud.recording``). None is throttled."""
    for line in map(json.loads, lines):
        of, at = {"FunctionName": line["function"]}, line["at"] / 1000
        measured.add("AWS/Lambda", "Invocations", of, at, 1)
        measured.add("AWS/Lambda", "Errors", of, at, int(line["failed"]))
        measured.add("AWS/Lambda", "Throttles", of, at, 0)
        measured.add("AWS/Lambda", "Duration", of, at, line["milliseconds"])


def read_store(measured: Measured, lines: Iterable[str]) -> None:
    """Count the units of the requests to tables (``localcloud.recording``)."""
    for line in map(json.loads, lines):
        for name, of, units in _units(line["operation"], line["request"], line["answer"]):
            measured.add("AWS/DynamoDB", f"Consumed{name}CapacityUnits", of, line["at"] / 1000, units)


def _units(
    operation: str, request: dict[str, Any], answer: dict[str, Any]
) -> Iterator[tuple[str, dict[str, str], float]]:
    table, consistent = {"TableName": request.get("TableName", "")}, bool(request.get("ConsistentRead"))
    match operation:
        case "GetItem":
            yield "Read", table, each_read([answer["Item"]] if answer.get("Item") else [], 1, consistent=consistent)
        case "Query":
            index = {"GlobalSecondaryIndexName": request["IndexName"]} if "IndexName" in request else {}
            yield "Read", table | index, read_together(answer.get("Items", []), consistent=consistent)
        case "BatchGetItem":
            for name, asked in request["RequestItems"].items():
                found = answer.get("Responses", {}).get(name, [])
                units = each_read(found, len(asked["Keys"]), consistent=bool(asked.get("ConsistentRead")))
                yield "Read", {"TableName": name}, units
        case _:
            reported = answer.get("ConsumedCapacity") or []
            for each in reported if isinstance(reported, list) else [reported]:
                indexes = each.get("GlobalSecondaryIndexes", {})
                of_indexes = sum(index["CapacityUnits"] for index in indexes.values())
                yield "Write", {"TableName": each["TableName"]}, each["CapacityUnits"] - of_indexes
                for name, index in indexes.items():
                    of = {"TableName": each["TableName"], "GlobalSecondaryIndexName": name}
                    yield "Write", of, index["CapacityUnits"]


def count_frames(measured: Measured, namespace: str, chat_api: str, http_api: str) -> None:
    """Count what the APIs carry: a frame and its reply for each request over WebSocket, and each frame pushed."""
    own = list(measured.samples.items())
    for (space, name, dimensions), samples in own:
        route = dict(dimensions).get("Route", "")
        for at, value in samples:
            moment = measured.began + at / SCALE
            if (space, name) == (namespace, "FramesPushed"):
                measured.add("AWS/ApiGateway", "MessageCount", {"ApiId": chat_api}, moment, value)
            elif (space, name) == (namespace, "Latency") and " " in route:
                measured.add("AWS/ApiGateway", "Count", {"ApiId": http_api}, moment, 1)
            elif (space, name) == (namespace, "Latency"):
                measured.add("AWS/ApiGateway", "MessageCount", {"ApiId": chat_api}, moment, 2)
