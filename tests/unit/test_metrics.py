"""Metrics: what is gathered comes out in lines that CloudWatch reads, as Powertools would have written them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from aws_lambda_powertools.metrics import EphemeralMetrics

from chat.aws import metrics
from chat import metrics as declared
from chat.metrics import Metric

NAMESPACE = "CompanyChat/test"

Written = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Written:
    """Writes what was gathered since the test began; returns the lines, read."""
    monkeypatch.setenv("METRICS_NAMESPACE", NAMESPACE)
    metrics.write()
    capsys.readouterr()

    def write() -> list[dict[str, Any]]:
        metrics.write()
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return write


def test_counts_add_up_and_durations_stay_apart(written: Written) -> None:
    for spent in (3.0, 5.0):
        metrics.note(declared.LATENCY, spent, "send")
        metrics.note(declared.FRAMES_PUSHED)
    latency, pushed = written()
    assert (latency["Latency"], latency["Route"], pushed["FramesPushed"]) == ([3.0, 5.0], "send", [2])


def test_what_was_written_is_not_written_again(written: Written) -> None:
    metrics.note(declared.THROTTLED)
    assert len(written()) == 1
    assert written() == []


def test_a_line_has_no_more_values_than_its_reader_takes(written: Written) -> None:
    for number in range(declared.MAX_VALUES + 1):
        metrics.note(declared.EVENT_LOOP_LAG, number)
    [line] = written()
    assert line["EventLoopLag"] == list(range(declared.MAX_VALUES))


def test_a_refusal_is_an_error_by_its_code_and_a_busy_store_counts_as_throttled(written: Written) -> None:
    for code in ("ok", "busy", "offline", "offline"):
        metrics.note_outcome(code)
    errors = {line["Code"]: line["Errors"] for line in written() if "Errors" in line}
    assert errors == {"busy": [1], "offline": [2]}
    metrics.note_outcome("busy")
    assert [line["Throttled"] for line in written() if "Throttled" in line] == [[1]]


def test_a_handler_that_fails_has_its_metrics_written(capsys: pytest.CaptureFixture[str], written: Written) -> None:
    @metrics.written
    def handler(event: dict[str, Any], context: object) -> None:
        metrics.note(declared.PRESENCE_CHANGES)
        raise OSError("the store is away")

    with pytest.raises(OSError, match="away"):
        handler({}, None)
    assert json.loads(capsys.readouterr().out)["PresenceChanges"] == [1]
    assert written() == []


SAME: dict[str, dict[tuple[Metric, str], list[float]]] = {
    "a duration by route": {(declared.LATENCY, "send"): [3.5, 5.25]},
    "a count by door": {(declared.MESSAGES, declared.WEB): [2]},
    "several of one dimension": {(declared.LOG_INS, "xmpp"): [1], (declared.LOG_INS_REFUSED, "xmpp"): [4]},
    "no dimension": {(declared.BRIDGE_SESSIONS, ""): [7], (declared.EVENT_LOOP_LAG, ""): [0.4, 12.5]},
}


@pytest.mark.parametrize("values", SAME.values(), ids=SAME)
def test_a_line_is_what_powertools_writes(values: dict[tuple[Metric, str], list[float]], written: Written) -> None:
    """But for the time, and for the dimension ``service``, which is added there wherever a name of it is set."""
    theirs = EphemeralMetrics(namespace=NAMESPACE)
    for (metric, of), found in values.items():
        for value in found:
            metrics.note(metric, value, of)
            theirs.add_metric(metric.name, metric.unit, value)
        if metric.dimension:
            theirs.add_dimension(metric.dimension, of)
    [line] = written()
    expected: Any = theirs.serialize_metric_set()
    for each in (line, expected):
        assert isinstance(each["_aws"].pop("Timestamp"), int)
    assert line == expected


def test_powertools_would_add_up_no_counts(written: Written) -> None:
    """The one other difference: CloudWatch's sum is the same, its sample count is that of lines here."""
    theirs = EphemeralMetrics(namespace=NAMESPACE)
    for _ in range(3):
        metrics.note(declared.FRAMES_PUSHED)
        theirs.add_metric("FramesPushed", "Count", 1)
    expected: Any = theirs.serialize_metric_set()
    assert (written()[0]["FramesPushed"], expected["FramesPushed"]) == ([3], [1, 1, 1])
