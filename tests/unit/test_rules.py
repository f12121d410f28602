"""Rules that hold for the whole, and that no single module could be asked for."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

import chat
from chat import directory, errors, statuses
from chat.frames import base, communications, contacts, events, history, ping, presence, send, session
from chat.presence import Status
from tests.unit.world import NOW, World

LIBRARY = Path(chat.__file__).parent
TEMPLATE = LIBRARY.parents[2] / "template.yaml"
MODULES = sorted(path for path in LIBRARY.rglob("*.py") if "aws" not in path.relative_to(LIBRARY).parts)
OUTSIDE = {"boto3", "botocore", "os", "dotenv", "aws_lambda_powertools", "time"}
SWITCHING_OFF = re.compile(r"retention|retain|expir|purge|ttl|time.?to.?live|history|archiv|keep|forget", re.IGNORECASE)
DELETING = {"dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLDelete", "dynamodb:*", "*"}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse(TEMPLATE.read_text())
    return parsed


def imports(path: Path) -> set[str]:
    """The top-level packages that a module imports, those for type checking alone left out."""
    found: set[str] = set()
    ahead: list[ast.AST] = [ast.parse(path.read_text())]
    while ahead:
        node = ahead.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
        ahead += ast.iter_child_nodes(node)
    return found


# ---- history cannot be switched off ----


def test_messages_have_no_time_to_live(template: dict[str, Any]) -> None:
    assert "TimeToLiveSpecification" not in template["Resources"]["HistoryTable"]["Properties"]


def test_history_can_be_restored_and_outlives_its_stack(template: dict[str, Any]) -> None:
    table = template["Resources"]["HistoryTable"]
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_no_parameter_of_a_deployment_is_about_keeping_messages(template: dict[str, Any]) -> None:
    assert [name for name in template["Parameters"] if SWITCHING_OFF.search(name)] == []


def test_no_environment_variable_is_about_keeping_messages(template: dict[str, Any]) -> None:
    functions = [template["Globals"]["Function"], *(each["Properties"] for each in functions_of(template).values())]
    names = {name for each in functions for name in each.get("Environment", {}).get("Variables", {})}
    assert {name for name in names if SWITCHING_OFF.search(name)} == {"HISTORY_TABLE"}


def test_no_function_may_delete_messages(template: dict[str, Any]) -> None:
    """What is indexed of mail is no message: it is made again from the mail, and written in groups."""
    statements = [
        statement
        for function in functions_of(template).values()
        for policy in function["Properties"].get("Policies", [])
        for statement in policy["Statement"]
        if "HistoryTable" in str(statement["Resource"])
    ]
    assert statements
    deleting = [each for each in statements if DELETING & set(listed(each["Action"]))]
    assert [each["Sid"] for each in deleting] == ["KeepCommunications"]
    assert deleting[0]["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["COMMUNICATION/*"]}}


def test_of_the_ways_to_delete_history_the_bridge_may_use_only_writing_in_groups(template: dict[str, Any]) -> None:
    policies = template["Resources"]["BridgeRole"]["Properties"]["Policies"]
    statements = [
        statement
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if "HistoryTable" in str(statement.get("Resource"))
    ]
    actions = {
        effect: {action for each in statements if each["Effect"] == effect for action in listed(each["Action"])}
        for effect in ("Allow", "Deny")
    }
    assert actions["Allow"] & DELETING == {"dynamodb:BatchWriteItem"}
    assert actions["Deny"] >= {"dynamodb:DeleteItem", "dynamodb:PartiQLDelete", "dynamodb:DeleteTable"}


def test_only_one_method_of_the_history_table_deletes_and_the_bridge_does_not_call_it() -> None:
    """IAM cannot tell deletes from puts in a group, so that none of the bridge's are is held here."""
    history = (LIBRARY / "tables" / "history.py").read_text()
    deleting = [
        method.name
        for method in ast.walk(ast.parse(history))
        if isinstance(method, ast.FunctionDef) and any("delete" in ast.unparse(each) for each in method.body[1:])
    ]
    assert deleting == ["delete_inbox"]
    bridge = [*(LIBRARY.parents[2] / "xmpp-bridge" / "bridge").rglob("*.py"), LIBRARY / "group_sending.py"]
    assert len(bridge) > 30
    assert [path.name for path in bridge if "delete_inbox" in path.read_text()] == []


def functions_of(template: dict[str, Any]) -> dict[str, Any]:
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def listed(actions: str | list[str]) -> list[str]:
    return [actions] if isinstance(actions, str) else actions


def test_no_frame_has_a_field_about_keeping_messages() -> None:
    frames = [
        each
        for module in (base, communications, contacts, events, history, ping, presence, send, session)
        for each in vars(module).values()
        if isinstance(each, type)
    ]
    fields = {field for frame in frames for field in getattr(frame, "model_fields", {})}
    assert {field for field in fields if SWITCHING_OFF.search(field)} == {"expires_at", "expires_in"}


def test_what_expires_for_clients_is_a_session_and_a_ticket() -> None:
    assert "expires_at" in session.SessionReply.model_fields
    assert "expires_in" in session.TicketReply.model_fields


def test_a_setting_is_a_status_and_nothing_else(world: World) -> None:
    world.add("alice")
    statuses.choose(world.tables, world.pusher, world.web("alice"), Status.BUSY, NOW)
    key = world.tables.directory.setting_key(world.address("alice"))
    assert world.tables.store.get(key) == key.attributes | {"status": "busy"}


def test_a_stored_message_has_nothing_that_could_expire(world: World) -> None:
    world.add("alice", "bob")
    world.send(world.web("alice"), "bob")
    rows = world.tables.store.query_all("history", world.thread("alice", "bob").partition)
    assert {name for row in rows for name in row} == {"pk", "sk", "sender", "recipient", "body", "door", "preview"}


def test_messages_outlive_both_who_wrote_and_who_read_them(world: World) -> None:
    world.add("alice", "bob")
    sent = world.send(world.web("alice"), "bob")
    for local in ("alice", "bob"):
        directory.remove_user(world.tables, world.address(local), NOW)
    assert world.stored(world.thread("alice", "bob")) == [sent]


def test_the_history_table_deletes_inbox_rows_alone() -> None:
    tree = ast.parse((LIBRARY / "tables" / "history.py").read_text())
    deleting = {
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if (isinstance(node, ast.keyword) and node.arg == "deletes")
        or (isinstance(node, ast.Attribute) and node.attr == "delete")
    }
    assert deleting == {"delete_inbox"}


# ---- the domain knows nothing of where it runs ----


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_the_domain_imports_neither_aws_nor_the_environment_nor_the_clock(path: Path) -> None:
    assert imports(path) & OUTSIDE == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(LIBRARY)))
def test_the_domain_imports_nothing_from_its_aws_side(path: Path) -> None:
    assert not re.search(r"chat\.aws|from chat import .*\baws\b", "\n".join(code_lines(path)))


def test_nothing_but_key_sets_is_fetched() -> None:
    """What else the domain needs from outside is passed in."""
    assert {path.name for path in MODULES if imports(path) & {"http", "socket", "ssl", "urllib3"}} == {"jwks.py"}


def code_lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line.lstrip().startswith(("import ", "from "))]


def test_only_tables_know_keys() -> None:
    """``pk`` and ``sk`` stand in ``store`` and in the table modules, and nowhere else."""
    knowing = {
        path.relative_to(LIBRARY).parts[0]
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in {"pk", "sk"}
    }
    assert knowing == {"store.py", "tables"}


def test_no_table_is_scanned() -> None:
    assert [path.name for path in LIBRARY.rglob("*.py") if re.search(r"\.scan\(|paginator", path.read_text())] == []


# ---- errors ----


def kinds(kind: type[errors.ChatError]) -> list[type[errors.ChatError]]:
    return [kind, *(each for sub in kind.__subclasses__() for each in kinds(sub))]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in kinds(errors.ChatError)]
    assert len(codes) == len(set(codes))


def test_every_error_says_what_it_means() -> None:
    assert [kind for kind in kinds(errors.ChatError) if not kind.__doc__] == []
