"""Dashboards of a local run: what is measured, and what CloudWatch makes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chat import metrics
from scripts.dashboards.formulas import Formulas, NotUnderstood, Points, Value
from scripts.dashboards.measured import Measured, of, read_functions, read_log, read_store
from scripts.dashboards.widgets import drawn

HOURS = range(0, 3 * 3600, 3600)
READS: Points = {0: 4, 3600: 6}
MORE: Points = {3600: 10, 7200: 2}
SPACE = "CompanyChat/a-stack"


def value(expression: str) -> Value:
    series: dict[str, Points] = {"read1": READS, "read2": MORE, "none": {}, "zero": {0: 0, 3600: 2}}
    return Formulas(series, HOURS, lambda *_: [{0: 1}]).value(expression)


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("1 + 2 * 3 / 4", 2.5),
        ("read1 * 2", {0: 8, 3600: 12}),
        ("6 / read1", {0: 1.5, 3600: 1}),
        ("read1 - read2", {3600: -4}),
        ("read1 / zero", {3600: 3}),
        ("FILL(none, 7)", {0: 7, 3600: 7, 7200: 7}),
        ('SUM(FILL(METRICS("read"), 0))', {0: 4, 3600: 16, 7200: 2}),
        ('METRICS("zer")', [{0: 0, 3600: 2}]),
        ("IF(FILL(read1, 0) > 4, read2, 0.5)", {0: 0.5, 3600: 10, 7200: 0.5}),
        ("IF(read2 > 4, read1, 1)", {3600: 6, 7200: 1}),
        ("SEARCH('{A,B} MetricName=\"C\"', 'p50', 300)", [{0: 1}]),
    ],
)
def test_an_expression_comes_to(expression: str, wanted: Value) -> None:
    assert value(expression) == wanted


@pytest.mark.parametrize("expression", ["RATE(read1)", "read1 ** 2", "METRICS() + 1", "METRICS('read') * 2", "[read1]"])
def test_what_is_not_understood_is_said(expression: str) -> None:
    with pytest.raises(NotUnderstood):
        value(expression)


@pytest.mark.parametrize(
    ("statistic", "wanted"),
    [("Sum", 10), ("SampleCount", 4), ("Maximum", 4), ("Minimum", 1), ("Average", 2.5), ("p50", 2), ("p99", 4)],
)
def test_a_statistic(statistic: str, wanted: float) -> None:
    assert of(statistic, [3, 1, 4, 2]) == wanted


def test_a_second_of_the_run_is_a_minute_of_the_dashboard() -> None:
    measured = Measured(began=1000)
    lines = [
        metrics.line(SPACE, 1_001_000, {"Route": "send"}, {metrics.LATENCY: [3.0, 5.0]}),
        metrics.line(SPACE, 1_007_000, {"Route": "send"}, {metrics.LATENCY: [7.0]}),
        metrics.line(SPACE, 999_000, {"Route": "send"}, {metrics.LATENCY: [90.0]}),
        "another line of the log",
    ]
    read_log(measured, lines)
    assert measured.points(SPACE, "Latency", {"Route": "send"}, "Maximum", 300) == {0: 5, 300: 7}
    assert measured.found(SPACE, ["Route"], "Latency") == [{"Route": "send"}]


def test_what_functions_took_is_counted() -> None:
    measured = Measured(began=0)
    read_functions(measured, [json.dumps({"at": 1000, "function": "f", "milliseconds": 20, "failed": True})])
    told = [
        measured.points("AWS/Lambda", name, {"FunctionName": "f"}, "Sum", 60)
        for name in ("Duration", "Errors", "Throttles")
    ]
    assert told == [{60: 20}, {60: 1}, {60: 0}]


@pytest.mark.parametrize(
    ("operation", "asked", "answer", "table", "index"),
    [
        ("GetItem", {"TableName": "t"}, {}, {0: 0.5}, {}),
        ("GetItem", {"TableName": "t", "ConsistentRead": True}, {"Item": {"b": {"B": "x" * 5000}}}, {0: 2}, {}),
        ("Query", {"TableName": "t", "IndexName": "i"}, {"Items": []}, {}, {0: 0.5}),
        ("BatchGetItem", {"RequestItems": {"t": {"Keys": [{}, {}], "ConsistentRead": True}}}, {}, {0: 2}, {}),
    ],
)
def test_reads_are_counted_by_their_size(
    operation: str, asked: dict[str, Any], answer: dict[str, Any], table: Points, index: Points
) -> None:
    measured = Measured(began=0)
    read_store(measured, [json.dumps({"at": 1000, "operation": operation, "request": asked, "answer": answer})])
    both = [{"TableName": "t"}, {"TableName": "t", "GlobalSecondaryIndexName": "i"}]
    told = [measured.points("AWS/DynamoDB", "ConsumedReadCapacityUnits", each, "Sum", 300) for each in both]
    assert told == [table, index]


def test_a_write_is_billed_for_table_and_index() -> None:
    measured = Measured(began=0)
    billed = {"TableName": "t", "CapacityUnits": 3, "GlobalSecondaryIndexes": {"i": {"CapacityUnits": 1}}}
    read_store(
        measured, [json.dumps({"at": 0, "operation": "PutItem", "request": {}, "answer": {"ConsumedCapacity": billed}})]
    )
    both = [{"TableName": "t"}, {"TableName": "t", "GlobalSecondaryIndexName": "i"}]
    told = [measured.points("AWS/DynamoDB", "ConsumedWriteCapacityUnits", each, "Sum", 300) for each in both]
    assert told == [{0: 2}, {0: 1}]


def test_a_widget_draws_what_is_visible_and_says_what_is_not_known() -> None:
    measured = Measured(began=0)
    measured.add(SPACE, "Messages", {"Door": "web"}, 1, 1, 1)
    measured.add(SPACE, "Messages", {"Door": "xmpp"}, 1, 1)
    measured.add(SPACE, "Errors", {"Code": "busy"}, 1, 1)
    search = f"SEARCH('{{\"{SPACE}\",Code}} MetricName=\"Errors\"', 'Sum', 300)"
    rows: list[list[Any]] = [
        [SPACE, "Messages", "Door", "web", {"id": "m1", "label": "webmail"}],
        ["...", "xmpp", {"id": "m2", "visible": False}],
        ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "q", {"label": "age"}],
        [{"id": "all", "label": "all", "expression": 'SUM(METRICS("m"))', "yAxis": "right"}],
        [{"label": "", "expression": search}],
    ]
    found = drawn({"stat": "Sum", "period": 300, "metrics": rows}, measured)
    assert [(each.label, each.points, each.right) for each in found.curves] == [
        ("webmail", {0: 2}, False),
        ("all", {0: 3}, True),
        ("busy", {0: 1}, False),
    ]
    assert found.unknown == ["age"]
