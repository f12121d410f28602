"""Metrics: what is gathered comes out in lines that CloudWatch reads."""

from __future__ import annotations

import json

import pytest

from chat import metrics as declared
from chat.aws import metrics


def test_counts_add_up_and_durations_stay_apart(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METRICS_NAMESPACE", "CompanyChat/test")
    metrics.write()
    capsys.readouterr()
    for spent in (3.0, 5.0):
        metrics.note(declared.LATENCY, spent, "send")
        metrics.note(declared.FRAMES_PUSHED)
    metrics.write()
    latency, pushed = map(json.loads, capsys.readouterr().out.splitlines())
    assert (latency["Latency"], latency["Route"], pushed["FramesPushed"]) == ([3.0, 5.0], "send", 2)
    assert latency["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "CompanyChat/test",
            "Dimensions": [["Route"]],
            "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}],
        }
    ]


def test_what_was_written_is_not_written_again(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.note(declared.THROTTLED)
    metrics.write()
    capsys.readouterr()
    metrics.write()
    assert capsys.readouterr().out == ""
