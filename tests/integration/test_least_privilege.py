"""No role may do more than it needs: without any one statement, or any one part of it, something is refused.

Each scenario is played once, and what IAM decided meanwhile is kept. Those decisions say which scenario needs which
statement. Then each statement is taken out of the role's policy on the running stack, its scenario is played again, and
something that was allowed before has to be refused. Parts of statements (an action, a resource, a value of a condition)
are taken out on paper: the local cloud's own engine decides all kept requests again without them.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from chat.tables.directory import Credential
from localcloud import recording
from localcloud.bridge import Bridge
from localcloud.cloud import client, free_port
from localcloud.endpoints import ROOT, Endpoints
from localcloud.run import running
from tests import scenarios
from tests.privilege import Lab, Log, Name, Role, Statement
from tests.refusals import refused_without

ON_AWS_ALONE = {
    ("IndexerFunction", "TellWhatIsGone"): "the local S3 says of a missing object that it is missing, whoever asks",
    ("BridgeRole", "ReadCertificates"): "on the local cloud certificates are files",
    ("BridgeRole", "DeleteNoHistory", "dynamodb:PartiQLDelete"): "the local cloud has one action for all of PartiQL",
}
"""What cannot be seen to be needed here, by role, statement and part."""

FEW = [f"privilege-{number}.example" for number in range(60)]
"""Domains with a certificate: one for each time that a scenario with an XMPP client is played."""


def in_template() -> Iterator[Name]:
    """Role and name of each statement of the template's roles; a function has its role's name."""
    for name, resource in yaml_parse((ROOT / "template.yaml").read_text())["Resources"].items():
        policies = resource["Properties"].get("Policies", []) if "Properties" in resource else []
        if resource["Type"] == "AWS::IAM::Role":
            policies = [each["PolicyDocument"] for each in policies]
        elif resource["Type"] != "AWS::Serverless::Function":
            continue
        for policy in policies:
            for statement in policy["Statement"]:
                found = statement["Fn::If"][1] if "Fn::If" in statement else statement
                yield name, found["Sid"]


STATEMENTS = sorted(in_template())
DENYING = {("BridgeRole", "DeleteNoHistory")}
"""They have a test of their own."""
ALLOWING = [each for each in STATEMENTS if each not in ON_AWS_ALONE and each not in DENYING]
"""Those without which something is refused here."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, credential: Credential) -> Iterator[Lab]:
    """A stack with a bridge node on which every scenario has been played once."""
    folder = tmp_path_factory.mktemp("privilege")
    log = folder / "decisions.jsonl"
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(32) as players:
        patch.setenv(recording.DECISIONS, str(log))
        with running(folder, free_port()) as stack:
            bridge = Bridge(stack, folder / "bridge", FEW, node="one")
            bridge.start()
            try:
                made = Lab(stack, bridge, credential, Log(log), roles_of(stack), iter(FEW), players)
                made.learn()
                yield made
            finally:
                bridge.stop()


@pytest.fixture(scope="module")
def refused(lab: Lab) -> set[Name]:
    """The statements without which something is refused."""
    return refused_without(lab, ALLOWING)


def roles_of(stack: Endpoints) -> dict[str, Role]:
    """The roles of the template by their functions, or their own names."""
    iam = client("iam", stack.cloud)
    names = [each["RoleName"] for page in iam.get_paginator("list_roles").paginate() for each in page["Roles"]]
    found = {}
    for wanted in {role for role, _ in STATEMENTS}:
        [name] = [each for each in names if f"-{wanted.removesuffix('Role')}Role-" in each]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            if any("Sid" in each for each in document["Statement"]):  # SAM's own, for dead letters, have none
                found[wanted] = Role(iam, name, policy, document)
    return found


@pytest.mark.parametrize(("role_name", "sid"), ALLOWING, ids=[" ".join(each) for each in ALLOWING])
def test_without_a_statement_something_is_refused(refused: set[Name], role_name: str, sid: str) -> None:
    assert (role_name, sid) in refused


def test_every_part_of_every_statement_is_needed(lab: Lab) -> None:
    needless: list[tuple[str, str, str]] = [
        (role_name, sid, part)
        for role_name, sid in ALLOWING
        for part, without in parts(lab.roles[role_name].named(sid))
        if not lab.needing((role_name, sid), without)
    ]
    assert not needless


def parts(statement: Statement) -> Iterator[tuple[str, Statement]]:
    """A statement without each part of its lists, which are of actions, resources and values of conditions."""
    places: list[tuple[str, ...]] = [("Action",), ("Resource",)]
    for operator, values in statement.get("Condition", {}).items():
        places += [("Condition", operator, key) for key in values]
    for place in places:
        listed = _at(statement, place)
        for part in listed if isinstance(listed, list) and len(listed) > 1 else []:
            without = deepcopy(statement)
            _at(without, place[:-1])[place[-1]].remove(part)
            yield part, without


def _at(statement: Any, place: tuple[str, ...]) -> Any:
    for key in place:
        statement = statement[key]
    return statement


DENIED = [("DeleteNoHistory", part) for part in ("", "dynamodb:DeleteItem", "dynamodb:UpdateTimeToLive")]


@pytest.mark.parametrize(("sid", "part"), DENIED)
def test_without_a_ban_what_it_forbids_goes_through_where_all_else_is_allowed(lab: Lab, sid: str, part: str) -> None:
    role = lab.roles["BridgeRole"]
    instead = [without for found, without in parts(role.named(sid)) if found == part]
    role.put(role.with_instead([sid], *instead))
    try:
        with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
            lab.play(scenarios.whatever_the_bridge_is_allowed_history_stays)
    finally:
        role.put(role.document)


def test_no_role_of_the_template_may_use_whatever_there_is() -> None:
    template = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
    roles = {
        name: resource
        for name, resource in template.items()
        if resource["Type"] in ("AWS::Serverless::Function", "AWS::IAM::Role")
    }
    assert [name for name, role in roles.items() if _has_everything(role["Properties"].get("Policies"))] == []


def _has_everything(policies: Any) -> bool:
    match policies:
        case dict():
            return any(
                (key == "Resource" and "*" in (value if isinstance(value, list) else [value]))
                or (
                    key == "Action"
                    and any(each.endswith("*") for each in ([value] if isinstance(value, str) else value))
                )
                or _has_everything(value)
                for key, value in policies.items()
            )
        case list():
            return any(map(_has_everything, policies))
    return False
