"""A running stack whose policies are changed: what IAM decides there about its roles, and what it refuses then."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from ministack.core.iam_evaluator import EvalContext, ParsedStatement, evaluate, parse_policy_document

from chat.tables.directory import Credential
from localcloud.bridge import Bridge
from localcloud.cloud import client
from localcloud.endpoints import Endpoints
from localcloud.run import tables_of
from tests import scenarios
from tests.company import Company, until
from tests.ground import Ground, Scenario

Statement = dict[str, Any]
Name = tuple[str, str]
"""A statement's role and its name there."""
AFTERWARDS = 10
"""Seconds for what functions do when a scenario is over, such as to take out its connections."""
_DOMAIN = re.compile(r"[\w-]+\.example(?!\w)")


@dataclass(frozen=True, slots=True)
class Decision:
    """What IAM decided about a request."""

    role: str
    action: str
    resource: str
    context: str
    """As JSON."""
    allowed: bool


class Log:
    """The decisions that the local cloud records, as far as they have been read. Safe in several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._found: list[Decision] = []
        self._reading = Lock()

    def mark(self) -> int:
        """Where the log ends now."""
        with self._reading:
            if self._path.exists():
                with self._path.open("rb") as file:
                    file.seek(self._read)
                    whole = file.read().rpartition(b"\n")[0].splitlines(keepends=True)
                self._read += sum(map(len, whole)) + bool(whole)
                self._found += map(_decision, whole)
            return len(self._found)

    def since(self, mark: int) -> list[Decision]:
        self.mark()
        return self._found[mark:]


def _decision(line: bytes) -> Decision:
    found = json.loads(line)
    return Decision(
        found["role"],
        found["action"],
        found["resource"],
        json.dumps(found["context"], sort_keys=True),
        found["allowed"],
    )


@dataclass
class Role:
    """A role of the stack with its one policy."""

    iam: Any = field(repr=False)
    name: str
    policy: str
    document: dict[str, Any] = field(repr=False)
    _out: set[str] = field(default_factory=set)
    _changing: Lock = field(default_factory=Lock)

    def named(self, sid: str) -> Statement:
        return next(each for each in self.document["Statement"] if each["Sid"] == sid)

    def with_instead(self, sids: Iterable[str], *others: Statement) -> dict[str, Any]:
        """The policy with other statements in place of some."""
        kept = [each for each in self.document["Statement"] if each["Sid"] not in sids]
        return self.document | {"Statement": [*kept, *others]}

    def take_out(self, sid: str) -> None:
        """Take a statement out of the policy on the stack."""
        with self._changing:
            self._out.add(sid)
            self.put(self.with_instead(self._out))

    def put_back(self, sid: str) -> None:
        with self._changing:
            self._out.remove(sid)
            self.put(self.with_instead(self._out))

    def put(self, document: dict[str, Any]) -> None:
        """Give the role another policy, or none where that has no statements."""
        names = {"RoleName": self.name, "PolicyName": self.policy}
        if document["Statement"]:
            self.iam.put_role_policy(**names, PolicyDocument=json.dumps(document))
        else:
            self.iam.delete_role_policy(**names)

    def needs(self, decision: Decision, sid: str, *instead: Statement) -> bool:
        """Whether another decision would be made about a request with other statements in place of one."""
        actions = self.named(sid)["Action"]
        if decision.role != self.name or decision.action not in (actions if isinstance(actions, list) else [actions]):
            return False
        now, then = (json.dumps(each) for each in (self.document, self.with_instead([sid], *instead)))
        return is_allowed(decision, now) != is_allowed(decision, then)


@cache
def is_allowed(decision: Decision, document: str) -> bool:
    """Whether a policy allows a request."""
    context = EvalContext(
        principal_arn="arn:aws:sts::000000000000:assumed-role/x/x",
        principal_type="AssumedRole",
        principal_account="000000000000",
        action=decision.action,
        resource_arn=decision.resource,
        region="us-east-1",
        service_context=json.loads(decision.context),
    )
    return bool(evaluate(context, [_parsed(document)]).decision == "Allow")


@cache
def _parsed(document: str) -> list[ParsedStatement]:
    found: list[ParsedStatement] = parse_policy_document(document)
    return found


@dataclass
class Lab:
    """The stack, and what was decided in each scenario while the policies were whole."""

    stack: Endpoints
    bridge: Bridge
    credential: Credential
    log: Log
    roles: dict[str, Role]
    domains: Iterator[str]
    """Those with a certificate: one for each time that a scenario with an XMPP client is played."""
    players: ThreadPoolExecutor
    """Where scenarios are played that nobody waits for once something is refused."""
    decided: dict[Scenario, list[Decision]] = field(default_factory=dict)

    def play(self, scenario: Scenario, patience: Callable[[Callable[[], object]], None] = until) -> str:
        """Play a scenario in a domain of its own; returns which."""
        company = self._company(scenario)
        ground = Ground(company, self.bridge, lambda service: client(service, self.stack.cloud), patience)
        with closing(company), ground.until_over:
            scenario(ground)
        return company.domain

    def _company(self, scenario: Scenario) -> Company:
        domain = next(self.domains) if scenarios.needs_bridge(scenario) else ""
        company = Company(self.stack, tables_of(self.stack), self.credential, domain)
        company.add("alice", "bob", "carol")
        return company

    def learn(self) -> None:
        """Play every scenario once, and keep what is decided for each.

        Functions go on after a scenario is over. What they ask for then is told by its domain; what names none counts
        for the scenario that is played at that moment.
        """
        played: list[tuple[Scenario, int]] = []
        of_domain: dict[str, Scenario] = {}
        for scenario in scenarios.ALL:
            played.append((scenario, self.log.mark()))
            of_domain[self.play(scenario)] = scenario
        ends = [mark for _, mark in played[1:]] + [self.log.mark()]
        found = self.log.since(0)
        for (scenario, begin), end in zip(played, ends, strict=True):
            for each in found[begin:end]:
                named = _DOMAIN.search(each.context) or _DOMAIN.search(each.resource)
                whose = of_domain.get(named[0], scenario) if named else scenario
                self.decided.setdefault(whose, []).append(each)

    def needing(self, name: Name, *instead: Statement) -> list[Scenario]:
        """The scenarios in which something needs a statement to be as it is; those with the fewest requests first."""
        role, sid = self.roles[name[0]], name[1]
        found = [
            scenario
            for scenario, decisions in self.decided.items()
            if any(role.needs(each, sid, *instead) for each in decisions)
        ]
        return sorted(found, key=lambda each: (each in scenarios.ALONE, len(self.decided[each])))

    def is_refused_without(self, name: Name, scenario: Scenario) -> bool:
        """Take a statement out and play a scenario until a request is refused that it alone allows; whether one is."""
        role, sid = self.roles[name[0]], name[1]
        mark = self.log.mark()

        def refused() -> bool:
            return any(not each.allowed and role.needs(each, sid) for each in self.log.since(mark))

        def patience(condition: Callable[[], object]) -> None:
            def over() -> object:
                if refused():
                    raise Refusal
                return condition()

            until(over)

        role.take_out(sid)
        try:
            playing = self.players.submit(self.play, scenario, patience)
            with suppress(AssertionError):
                until(lambda: refused() or playing.done())
                until(refused, AFTERWARDS)
            return refused()
        finally:
            role.put_back(sid)


class Refusal(Exception):
    """Something was refused, so that what a scenario waits for need not come."""
