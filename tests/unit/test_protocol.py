"""The protocol document and the schemas are current."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from samtranslator.yaml_helper import yaml_parse

from chat import errors
from scripts import protocol

ROOT = protocol.DOCS.parent


@pytest.mark.parametrize("path", [protocol.DOCUMENT, protocol.SCHEMA], ids=lambda path: path.name)
def test_the_generated_file_is_current(path) -> None:  # type: ignore[no-untyped-def]
    made = protocol.document() if path == protocol.DOCUMENT else protocol.schema()
    assert path.read_text() == made, "make protocol generates it anew"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(protocol.schema())
    return made


@pytest.fixture(scope="module")
def examples() -> dict[str, Any]:
    recorded: dict[str, Any] = json.loads(protocol.EXAMPLES.read_text())
    return recorded


def problems(schema: dict[str, Any], name: str, frame: object) -> list[str]:
    """What a definition of the schema finds wrong with a frame."""
    validator = Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})
    return [error.message for error in validator.iter_errors(frame)]


def test_each_definition_has_its_name_as_title_and_allows_nothing_unnamed(schema: dict[str, Any]) -> None:
    for name, definition in schema["$defs"].items():
        assert (definition["title"], definition["additionalProperties"]) == (name, False)
        assert [field for field in definition["properties"].values() if "title" in field] == []


def test_what_tells_frames_apart_is_always_there(schema: dict[str, Any]) -> None:
    required = {name: definition.get("required", []) for name, definition in schema["$defs"].items()}
    assert [name for name in schema["x-events"].values() if "event" not in required[name]] == []
    replies = [each["reply"] for each in schema["x-routes"].values()]
    assert [name for name in [*replies, "ErrorReply"] if not {"ok", "request_id"} <= set(required[name])] == []


def test_the_routes_of_the_schema_are_those_of_the_template(schema: dict[str, Any]) -> None:
    routes = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]["ChatApi"]["Properties"]["Routes"]
    assert set(schema["x-routes"]) == {name for name in routes if not name.startswith("$")}


def test_the_errors_of_the_schema_are_those_of_the_api(schema: dict[str, Any]) -> None:
    listed = {each["code"]: each["status"] for each in schema["x-errors"]}
    assert listed["unknown_contact"] == errors.UnknownContact.status
    assert errors.AliasCycle.code not in listed, "directory errors are for administrators"


def test_the_recorded_examples_agree_with_the_schema(schema: dict[str, Any], examples: dict[str, Any]) -> None:
    frames = [
        (names[side], examples["routes"][action][side])
        for action, names in schema["x-routes"].items()
        for side in names
    ]
    frames += [(name, examples["events"][event]) for event, name in schema["x-events"].items()]
    frames += [("ErrorReply", examples["error"]), ("NodeFrame", examples["node"])]
    assert {name: found for name, frame in frames if (found := problems(schema, name, frame))} == {}


def test_a_frame_that_is_wrong_does_not_agree(schema: dict[str, Any], examples: dict[str, Any]) -> None:
    assert problems(schema, "PingReply", examples["routes"]["ping"]["reply"] | {"ok": False})
