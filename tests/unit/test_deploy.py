"""``make deploy``: what it asks for, refuses, and says is next."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from localcloud.package import LAMBDA_PYTHON
from localcloud.problem import Problem
from scripts import deploy
from scripts.deploy import check_built, check_executed, command, let_api_gateway_log, next_steps, target

MODULE = f"app.cpython-{LAMBDA_PYTHON.replace('.', '')}.pyc"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """One function, built with its bytecode."""
    function = "Resources: { Ping: { Type: AWS::Serverless::Function, Properties: { CodeUri: Ping } } }"
    (tmp_path / "template.yaml").write_text(function)
    (tmp_path / "Ping" / "__pycache__").mkdir(parents=True)
    (tmp_path / "Ping" / "__pycache__" / MODULE).touch()
    return tmp_path


def test_each_environment_has_a_stack_of_its_own() -> None:
    assert target("default").stack == "company-chat"
    assert target("staging").stack == "company-chat-staging"


def test_an_environment_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(Problem, match="no environment live, but default, staging"):
        target("live")


def test_parameters_go_before_those_of_the_file() -> None:
    called = command(target("staging"), ["LogDays=90", "HttpDomain=api.example.com"])
    assert called[called.index("--config-env") + 1] == "staging"
    assert called[-3:] == ["--parameter-overrides", "LogDays=90", "HttpDomain=api.example.com"]
    assert Path(called[called.index("--config-file") + 1]).is_absolute()  # sam looks beside the template for others
    assert "--parameter-overrides" not in command(target("default"), [])


def test_an_empty_parameter_is_written_as_sam_takes_it() -> None:
    assert command(target("staging"), ["BridgeImage="])[-1] == 'BridgeImage=""'


class ChangeSets:
    """CloudFormation with one change set."""

    def __init__(self, status: str, made: datetime) -> None:
        self._summary = {"ExecutionStatus": status, "CreationTime": made}

    def list_change_sets(self, StackName: str) -> dict[str, Any]:  # noqa: N803, ARG002  # as AWS spells it
        return {"Summaries": [self._summary]}


def test_a_change_set_that_was_refused_is_no_deploy() -> None:
    begun = datetime(2026, 1, 1, 12, tzinfo=UTC)
    with pytest.raises(Problem, match="nothing is deployed"):
        check_executed(ChangeSets("AVAILABLE", begun + timedelta(seconds=9)), "company-chat", begun)
    check_executed(ChangeSets("AVAILABLE", begun - timedelta(days=9)), "company-chat", begun)
    check_executed(ChangeSets("UNAVAILABLE", begun), "company-chat", begun)


def test_what_is_not_built_is_not_deployed(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="make build"):
        check_built(tmp_path)


def test_without_bytecode_a_deploy_has_to_be_meant(built: Path) -> None:
    check_built(built)
    shutil.rmtree(built / "Ping" / "__pycache__")
    with pytest.raises(Problem, match=f"python{LAMBDA_PYTHON}"):
        check_built(built)
    check_built(built, bytecode=False)


class Aws:
    """API Gateway and CloudFormation of an account, whose API Gateway has this role for logs."""

    def __init__(self, role: str | None) -> None:
        self.account = {"cloudwatchRoleArn": role} if role else {}
        self.made: list[str] = []

    def get_account(self) -> dict[str, str]:
        return self.account

    def create_stack(self, **request: Any) -> None:
        assert "AWS::ApiGateway::Account" in request["TemplateBody"]
        self.made.append(request["StackName"])

    def get_waiter(self, name: str) -> Any:
        assert name == "stack_create_complete"
        return self

    def wait(self, **request: Any) -> None:
        assert request["StackName"] == self.made[-1]


def test_api_gateway_gets_its_role_for_logs_once_in_an_account() -> None:
    new, known = Aws(None), Aws("arn:aws:iam::000000000000:role/logs")
    let_api_gateway_log(new, new)
    let_api_gateway_log(known, known)
    assert (new.made, known.made) == ([deploy.ACCOUNT_STACK], [])


def said_next(outputs: dict[str, str], **parameters: str) -> str:
    return "\n".join(next_steps("chat", outputs, parameters))


def test_what_is_next_names_the_records_that_are_to_be_made() -> None:
    outputs = {"HttpUrl": "https://api.example.com", "HttpDomainTarget": "d-1.example.net"}
    said = said_next(outputs, HttpDomain="api.example.com", WebSocketDomain="", PageDomain="")
    assert [line.split() for line in said.splitlines() if "CNAME" in line] == [
        ["api.example.com", "CNAME", "d-1.example.net"]
    ]
    assert "chatctl --stack chat domain create" in said


def test_a_name_that_was_not_asked_for_has_no_record() -> None:
    said = said_next({"PageUrl": "https://d1.example.net", "PageDomainTarget": "d1.example.net"}, PageDomain="")
    assert "CNAME" not in said
    assert "\n  https://d1.example.net" in said


def test_clients_find_the_bridge_by_records_of_the_mail_domain() -> None:
    said = said_next({"BridgeHost": "nlb.example.net"})
    assert "_xmpps-client._tcp" in said
    assert "SRV    0 5 5223 nlb.example.net" in said
    assert "DNS" not in said_next({"HttpUrl": "https://x.example.net"})
