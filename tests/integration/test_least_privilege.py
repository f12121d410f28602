"""No role may do more than it needs: without any one statement, or any one part of it, something is refused.

Each scenario is played once, and what IAM decided meanwhile is kept. Those decisions say which scenario needs which
statement. Then each statement is taken out of the role's policy on the running stack, its scenario is played again, and
something that was allowed before has to be refused. Parts of statements (an action, a resource, a value of a condition)
are taken out on paper: the local cloud's own engine decides all kept requests again without them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document
from samtranslator.yaml_helper import yaml_parse

import chatctl.client
import localcloud.bridge
from chat.tables.directory import Credential
from localcloud import recording
from localcloud.bridge import Bridge
from localcloud.cloud import client, free_port
from localcloud.endpoints import ROOT, Endpoints
from localcloud.run import running, tables_of
from tests import scenarios
from tests.company import Company, until
from tests.scenarios import Ground, Scenario

Statement = dict[str, Any]

ON_AWS_ALONE = {
    ("IndexerFunction", "TellWhatIsGone"): "the local S3 says of a missing object that it is missing, whoever asks",
    ("BridgeRole", "ReadCertificates"): "on the local cloud certificates are files",
    ("BridgeRole", "DeleteNoHistory", "dynamodb:PartiQLDelete"): "the local cloud has one action for all of PartiQL",
}
"""What cannot be seen to be needed here, by role, statement and part."""

FEW = [f"privilege-{number}.example" for number in range(60)]
"""Domains with a certificate: one for each time that a scenario with an XMPP client is played."""


def in_template() -> Iterator[tuple[str, str]]:
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


@dataclass
class Role:
    """A role of the stack with its one policy."""

    iam: Any = field(repr=False)
    name: str
    policy: str
    document: dict[str, Any] = field(repr=False)

    @property
    def statements(self) -> list[Statement]:
        found: list[Statement] = self.document["Statement"]
        return found

    def named(self, sid: str) -> Statement:
        return next(each for each in self.statements if each["Sid"] == sid)

    def with_instead(self, sid: str, *others: Statement) -> dict[str, Any]:
        """The policy with other statements in place of one."""
        kept = [each for each in self.statements if each["Sid"] != sid]
        return self.document | {"Statement": [*kept, *others]}

    def put(self, document: dict[str, Any]) -> None:
        """Give the role another policy, or none where that has no statements."""
        names = {"RoleName": self.name, "PolicyName": self.policy}
        if document["Statement"]:
            self.iam.put_role_policy(**names, PolicyDocument=json.dumps(document))
        else:
            self.iam.delete_role_policy(**names)


@dataclass
class Lab:
    """A stack whose policies are changed, and what was decided in each scenario while they were whole."""

    stack: Endpoints
    bridge: Bridge
    credential: Credential
    log: Path
    roles: dict[str, Role]
    decided: dict[Scenario, list[dict[str, Any]]] = field(default_factory=dict)
    _domains: Iterator[str] = field(default_factory=lambda: iter(FEW))

    def play(self, scenario: Scenario, patience: Callable[[Callable[[], object]], None] = until) -> None:
        """Play a scenario in a domain of its own."""
        domain = next(self._domains) if scenarios.needs_bridge(scenario) else ""
        company = Company(self.stack, tables_of(self.stack), self.credential, domain)
        company.add("alice", "bob", "carol")
        ground = Ground(company, self.bridge, lambda service: client(service, self.stack.cloud), patience)
        with closing(company), ground.until_over:
            scenario(ground)

    def mark(self) -> int:
        """Where the log of decisions ends now."""
        return self.log.stat().st_size if self.log.exists() else 0

    def since(self, mark: int) -> list[dict[str, Any]]:
        with self.log.open() as file:
            file.seek(mark)
            return [json.loads(line) for line in file if line.endswith("\n")]

    def of(self, role: Role, scenario: Scenario) -> list[dict[str, Any]]:
        """What was decided about a role in a scenario."""
        return [each for each in self.decided[scenario] if each["role"] == role.name]

    def needing(self, role: Role, sid: str, *instead: Statement) -> list[Scenario]:
        """The scenarios in which a decision is another one with other statements in place of one; fewest first."""
        now, then = role.document, role.with_instead(sid, *instead)
        found = [
            scenario
            for scenario in self.decided
            if any(is_allowed(each, now) != is_allowed(each, then) for each in self.of(role, scenario))
        ]
        return sorted(found, key=lambda each: len(self.decided[each]))


def is_allowed(request: dict[str, Any], document: dict[str, Any]) -> bool:
    """Whether a policy allows a request that was decided on before."""
    context = EvalContext(
        principal_arn="arn:aws:sts::000000000000:assumed-role/x/x",
        principal_type="AssumedRole",
        principal_account="000000000000",
        action=request["action"],
        resource_arn=request["resource"],
        region="us-east-1",
        service_context=request["context"],
    )
    return bool(evaluate(context, [parse_policy_document(document)]).decision == "Allow")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, credential: Credential) -> Iterator[Lab]:
    """A stack with a bridge node on which every scenario has been played once."""
    folder = tmp_path_factory.mktemp("privilege")
    log = folder / "decisions.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(recording.DECISIONS, str(log))
        with running(folder, free_port()) as stack:
            bridge = Bridge(stack, folder / "bridge", FEW, node="one")
            bridge.start()
            made = Lab(stack, bridge, credential, log, roles_of(stack))
            for scenario in scenarios.ALL:
                mark = made.mark()
                made.play(scenario)
                made.decided[scenario] = made.since(mark)
            yield made
            bridge.stop()


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
def test_without_a_statement_something_is_refused(lab: Lab, role_name: str, sid: str) -> None:
    role = lab.roles[role_name]
    assert role.named(sid)["Effect"] == "Allow"
    candidates = lab.needing(role, sid)
    assert candidates, "no scenario needs it"
    role.put(role.with_instead(sid))
    try:
        assert any(_is_refused(lab, role, sid, scenario) for scenario in candidates[:3])
    finally:
        role.put(role.document)


class Refusal(Exception):
    """Something was refused, so that what is waited for need not come."""


def _is_refused(lab: Lab, role: Role, sid: str, scenario: Scenario) -> bool:
    """Play a scenario without a statement; whether a request was refused that the statement alone allows."""
    mark = lab.mark()

    def was_refused() -> bool:
        found = [each for each in lab.since(mark) if each["role"] == role.name and not each["allowed"]]
        return any(is_allowed(each, role.document) and not is_allowed(each, role.with_instead(sid)) for each in found)

    def patience(condition: Callable[[], object]) -> None:
        def ended() -> object:
            if was_refused():
                raise Refusal
            return condition()

        until(ended, 10)

    with (
        pytest.MonkeyPatch.context() as patch,
        suppress(Exception),
    ):  # what counts is that IAM refused, however it fails
        for module, name in ((chatctl.client, "PATIENCE"), (localcloud.bridge, "START_SECONDS")):
            patch.setattr(module, name, 8)
        lab.play(scenario, patience)
    return was_refused()


def test_every_part_of_every_statement_is_needed(lab: Lab) -> None:
    needless: list[tuple[str, str, str]] = [
        (role_name, sid, part)
        for role_name, sid in ALLOWING
        for part, without in parts(lab.roles[role_name].named(sid))
        if not lab.needing(lab.roles[role_name], sid, without)
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
    role.put(role.with_instead(sid, *instead))
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
