from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chatctl.client import NoAnswer
from chatctl.layout import facts, table
from chatctl.smoke import MOST_SAID, NotAsExpected, StepFailed, Steps, chat
from tests.unit.chatctl_stage import Chatctl

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PAIR = ("alice@example.com", "bob@example.com")


def test_a_step_that_passes_is_told_with_its_time() -> None:
    told: list[str] = []
    steps = Steps(told.append)
    with steps.step("alice logs in"):
        pass
    assert steps.passed == 1
    assert told[0].split() == ["✓", told[0].split()[1], "ms", "alice", "logs", "in"]


@pytest.mark.parametrize("error", [NoAnswer("nothing came"), NotAsExpected("nothing came"), OSError("nothing came")])
def test_a_step_that_fails_ends_the_test_with_its_name(error: Exception) -> None:
    steps = Steps(lambda _: None)
    with pytest.raises(StepFailed) as failed, steps.step("alice logs in"):
        raise error
    assert str(failed.value) == "alice logs in: nothing came"
    assert steps.passed == 0


def test_a_long_answer_is_cut() -> None:
    with pytest.raises(StepFailed) as failed, Steps(lambda _: None).step("x"):
        raise NoAnswer("events " * 10_000)
    assert len(str(failed.value)) < MOST_SAID + 10


def test_a_mistake_of_this_program_is_not_taken_for_a_failed_step() -> None:
    with pytest.raises(ZeroDivisionError), Steps(lambda _: None).step("x"):
        raise ZeroDivisionError


def test_a_server_that_is_not_there_fails_the_first_step() -> None:
    with pytest.raises(StepFailed, match=r"alice@example.com logs in: the HTTP API does not answer"):
        chat("http://127.0.0.1:1", PAIR, "secret", lambda _: None)


def test_the_command_ends_with_the_failed_step(dynamodb: DynamoDBClient, tmp_path: Path) -> None:
    said = Chatctl.on_new_domain(dynamodb, tmp_path).refused("smoke", "--password", "secret")
    assert said.startswith("✗ failed: alice@example.com logs in: the HTTP API does not answer")


def test_columns_are_as_wide_as_their_widest_text() -> None:
    assert table(["NAME", "STATE"], [["王小明", "active"], ["Bo", ""]]).splitlines() == [
        "NAME    STATE",
        "王小明  active",
        "Bo",
    ]


def test_facts_without_text_are_left_out() -> None:
    assert facts([("Name", "Bo"), ("Title", ""), ("State", "active")]) == "Name   Bo\nState  active"
