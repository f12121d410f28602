"""``make deploy``: what ``make build`` has built goes to AWS, the page is published, and what is next is said.

    python -m scripts.deploy [--env staging] [--without-bytecode] [PARAMETER=VALUE …]

Stack, region and profile are those of ``samconfig.toml`` for the environment, else the usual ones of AWS.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from localcloud.endpoints import ROOT
from localcloud.problem import Problem
from scripts.built import BUILT, NO_BYTECODE, artifacts, has_bytecode

CONFIG = ROOT / "samconfig.toml"
SAM = ROOT / ".venv-sam" / "bin" / "sam"
ACCOUNT_STACK = "company-chat-account"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a deploy goes."""

    env: str
    stack: str
    region: str | None
    profile: str | None


def target(env: str, config: Path = CONFIG) -> Target:
    """What ``samconfig.toml`` says of an environment.

    Raises:
        Problem: it says nothing.
    """
    tables = tomllib.loads(config.read_text())
    if env not in tables:
        known = ", ".join(name for name, value in tables.items() if isinstance(value, dict))
        raise Problem(f"{config.name} has no environment {env}, but {known}.")
    parameters = tables[env].get("global", {}).get("parameters", {}) | tables[env]["deploy"]["parameters"]
    return Target(env, parameters["stack_name"], parameters.get("region"), parameters.get("profile"))


def check_built(built: Path = BUILT, *, bytecode: bool = True) -> None:
    """Raises Problem where nothing is built, or no bytecode although it is asked for."""
    try:
        folders = artifacts(built)
    except FileNotFoundError:
        raise Problem("Nothing is built yet: make build") from None
    if bytecode and not all(has_bytecode(folder) for folder in folders.values()):
        raise Problem(f"{NO_BYTECODE.strip()} Or deploy as it is: make deploy BYTECODE=without")


def command(place: Target, parameters: Sequence[str]) -> list[str]:
    """The call of sam that deploys."""
    written = [f'{each}""' if each.endswith("=") else each for each in parameters]  # as sam takes an empty one
    chosen = ["--parameter-overrides", *written] if parameters else []
    template = str(BUILT / "template.yaml")
    return [str(SAM), "deploy", "--config-env", place.env, "--config-file", str(CONFIG), "-t", template, *chosen]


def let_api_gateway_log(apigateway: Any, cloudformation: Any) -> None:
    """Give API Gateway its role for access logs, once in an account and region."""
    if apigateway.get_account().get("cloudwatchRoleArn"):
        return
    print("API Gateway may not write logs in this account and region yet; it gets a role for that …", flush=True)
    body = (ROOT / "templates" / "account.yaml").read_text()
    cloudformation.create_stack(StackName=ACCOUNT_STACK, TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(StackName=ACCOUNT_STACK, WaiterConfig={"Delay": 5})


def check_executed(cloudformation: Any, stack: str, begun: datetime) -> None:
    """Raises Problem where somebody said no to the change set since ``begun``, of which sam makes no error."""
    changes = cloudformation.list_change_sets(StackName=stack)["Summaries"]
    since = begun - timedelta(minutes=1)  # clocks differ
    if any(each["ExecutionStatus"] == "AVAILABLE" and each["CreationTime"] >= since for each in changes):
        raise Problem("The change set was not executed: nothing is deployed.")


def next_steps(stack: str, outputs: Mapping[str, str], parameters: Mapping[str, str]) -> Iterator[str]:
    """What is to be done after a deploy, from the outputs of the stack and its parameters: a paragraph each."""
    named = {parameters.get(name.removesuffix("Target"), ""): value for name, value in outputs.items()}
    records = "\n".join(f"  {name:<32} CNAME  {value}" for name, value in named.items() if name)
    if records:
        yield f"DNS records, if they are not there yet:\n{records}"
    if "BridgeHost" in outputs:
        yield (
            "DNS records of each mail domain, if they are not there yet:\n"
            f"  {'_xmpp-client._tcp':<32} SRV    0 5 5222 {outputs['BridgeHost']}\n"
            f"  {'_xmpps-client._tcp':<32} SRV    0 5 5223 {outputs['BridgeHost']}"
        )
    if "PageUrl" in outputs:
        yield f"The page:\n  {outputs['PageUrl']}"
    yield (
        "People, if there are none yet (chatctl --help):\n"
        f"  .venv/bin/chatctl --stack {stack} domain create example.com\n"
        f"  .venv/bin/chatctl --stack {stack} user add alice@example.com --name 'Alice Adams'"
    )
    yield f"Whether it works:\n  .venv/bin/chatctl --stack {stack} smoke"


def main() -> None:
    arguments = argparse.ArgumentParser(prog="deploy", description="Deploy what make build has built.")
    arguments.add_argument("--env", default="default", help="the environment of samconfig.toml")
    arguments.add_argument("--without-bytecode", action="store_true", help="accept slow starts of functions")
    arguments.add_argument("parameters", nargs="*", metavar="PARAMETER=VALUE", help="of template.yaml")
    chosen = arguments.parse_args()
    place = target(chosen.env)
    check_built(bytecode=not chosen.without_bytecode)
    session = boto3.Session(profile_name=place.profile, region_name=place.region)
    cloudformation = session.client("cloudformation")
    let_api_gateway_log(session.client("apigateway"), cloudformation)
    begun = datetime.now(UTC)
    subprocess.run(command(place, chosen.parameters), check=True, cwd=ROOT)
    check_executed(cloudformation, place.stack, begun)
    found = cloudformation.describe_stacks(StackName=place.stack)["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
    if "PageBucket" in outputs:
        subprocess.run([sys.executable, "-m", "scripts.publish_page", "--env", place.env], check=True, cwd=ROOT)
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", [])}
    print("\nDeployed.", *next_steps(place.stack, outputs, parameters), sep="\n\n")


if __name__ == "__main__":
    try:
        main()
    except (Problem, BotoCoreError, ClientError) as problem:
        sys.exit(str(problem))
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)
