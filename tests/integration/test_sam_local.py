"""``sam local`` against the tables of a stack, as far as it goes without a container engine.

SAM itself is asked what it makes of template.yaml, samconfig.toml and the file that ``make sam-local`` writes. What it
would give a container as environment, a process of this machine gets here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from localcloud import package
from localcloud.endpoints import ROOT, Endpoints
from scripts.sam_local import THIS_MACHINE, environments, write_filled

SAM = ROOT / ".venv-sam" / "bin" / "python"
ASKING = """
import json, sys
from samcli.commands.local.invoke.cli import cli as invoke
from samcli.commands.local.lib.local_lambda import LocalLambdaRunner
from samcli.commands.local.start_lambda.cli import cli as start_lambda
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

stacks, _ = SamLocalStackProvider.get_stacks("template.yaml")
provider = SamFunctionProvider(stacks)
runner = LocalLambdaRunner(None, provider, ".", ".", env_vars_values=json.load(open(sys.argv[1])))
print(json.dumps({
    "options": {
        name: [each.name for each in command.params]
        for name, command in (("local_invoke", invoke), ("local_start_lambda", start_lambda))
    },
    "environments": {each.name: runner._make_env_vars(each).resolve() for each in provider.get_all()},
}))
"""
RUNNING = """
import json, sys
from types import SimpleNamespace
import app
print(json.dumps(app.handler(json.load(open(sys.argv[1])), SimpleNamespace(aws_request_id="1"))))
"""
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())


@pytest.fixture(scope="module")
def prepared(stack: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``make sam-local`` writes, for a container that sees this machine as this machine sees itself."""
    folder = tmp_path_factory.mktemp("sam")
    assert list(write_filled(stack, "127.0.0.1", folder))
    return folder


@pytest.fixture(scope="module")
def answered(prepared: Path) -> dict[str, Any]:
    """What SAM says."""
    subprocess.run(["make", "--silent", ".venv-sam/.ready"], cwd=ROOT, check=True)
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    access = {"AWS_ACCESS_KEY_ID": "000000000000", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    asked = subprocess.run(
        [SAM, "-c", ASKING, prepared / "env.json"], cwd=ROOT, env=outside | access, check=True, stdout=subprocess.PIPE
    )
    found: dict[str, Any] = json.loads(asked.stdout.splitlines()[-1])
    return found


def test_nothing_that_a_container_gets_is_at_an_address_of_its_own(stack: Endpoints) -> None:
    found = environments(stack, "192.0.2.9")
    assert "http://192.0.2.9" in found["SendFunction"]["GRACE_QUEUE"]
    assert [value for each in found.values() for value in each.values() if THIS_MACHINE.search(value)] == []


@pytest.mark.parametrize("command", ["local_invoke", "local_start_lambda"])
def test_sam_knows_every_option_of_ours(answered: dict[str, Any], command: str) -> None:
    """It passes over those that it does not know."""
    ours = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"][command]["parameters"]
    assert set(ours) <= set(answered["options"][command])


def test_every_function_gets_every_variable_of_the_template(answered: dict[str, Any], stack: Endpoints) -> None:
    common = set(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"])
    functions = {name: each for name, each in TEMPLATE["Resources"].items() if each["Type"].endswith("less::Function")}
    assert set(answered["environments"]) == set(functions)
    for name, function in functions.items():
        own = set(function["Properties"].get("Environment", {}).get("Variables", {}))
        given = answered["environments"][name]
        assert [each for each in common | own if not given.get(each) and each != "MAIL_LINK"] == [], name
        assert given["AWS_ENDPOINT_URL"] == stack.cloud
        assert given["AWS_ACCESS_KEY_ID"] == "000000000000"


def test_a_function_answers_with_what_sam_gives_it_and_nothing_else(answered: dict[str, Any], prepared: Path) -> None:
    layers = [package.libraries_layer("dependencies"), package.chat_layer()]
    path = [package.function("functions/contacts"), *(each / "python" for each in layers)]
    environment = answered["environments"]["ContactsFunction"] | {"PYTHONPATH": os.pathsep.join(map(str, path))}
    event = prepared / "events" / "contacts" / "contact.json"
    ran = subprocess.run(
        [sys.executable, "-c", RUNNING, event], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    answer = json.loads(json.loads(ran.stdout.splitlines()[-1])["body"])
    assert answer["contact"]["address"] == "bob@example.com"
