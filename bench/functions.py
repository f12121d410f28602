"""The functions as Lambda has them, each started in a fresh interpreter with its layers and its environment.

They call the running local cloud. The reference beside them imports boto3 and pydantic, and does nothing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from samtranslator.yaml_helper import yaml_parse

from bench.stack import Stack
from localcloud import package
from localcloud.cloud import ACCOUNT, REGION
from localcloud.endpoints import ROOT

DEPENDENCIES = "layers/dependencies"


@dataclass(frozen=True)
class Started:
    """What a start came to."""

    seconds: float
    answer: Any
    trace: str
    """What it wrote to standard error from its imports on."""


@dataclass(frozen=True)
class Function:
    """A function, or the reference, which has no code."""

    folders: list[str]
    """Where it imports from, ahead of what Lambda's runtime has."""
    environment: dict[str, str]
    is_function: bool = True

    def start(self, event: Any = None, *options: str) -> Started:
        """Import it in a fresh interpreter, and have it answer an event where there is one."""
        last = [str(Path(boto3.__file__).parent.parent)]
        task = {"first": self.folders, "last": last, "is_function": self.is_function}
        if event is not None:
            task["event"] = event
        child = [sys.executable, "-I", "-S", *options, str(Path(__file__).with_name("first_answer.py"))]
        done = subprocess.run(child, env=self.environment, input=json.dumps(task), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout.splitlines()[-1])
        return Started(result["seconds"], result["answer"], done.stderr.partition("first answer\n")[2])


def built(stack: Stack, names: Iterable[str]) -> dict[str, Function]:
    """These functions by their names in ``functions/``, built as Lambda unpacks them, for this machine's Python."""
    template = yaml_parse((ROOT / "template.yaml").read_text())
    resources = template["Resources"]

    def unpacked(content: Path, name: str) -> str:
        return str(shutil.copytree(content, stack.folder / "built" / name, dirs_exist_ok=True))

    found = {}
    for name in names:
        resource = f"{name.capitalize()}Function"
        layers = template["Globals"]["Function"]["Layers"] + resources[resource]["Properties"].get("Layers", [])
        uris = [resources[each["Ref"]]["Properties"]["ContentUri"] for each in layers]
        folders = [unpacked(package.function(f"functions/{name}"), name)]
        folders += [f"{unpacked(package.layer(uri), uri)}/python" for uri in uris]
        found[name] = Function(folders, _environment(stack, resource))
    return found


def reference(stack: Stack) -> Function:
    """A program that imports what every function would, without any of our own code."""
    return Function([f"{package.layer(DEPENDENCIES)}/python"], _for_aws(stack), is_function=False)


def _environment(stack: Stack, resource: str) -> dict[str, str]:
    """The environment variables of a function as it is deployed, and those that Lambda adds."""
    deployed: dict[str, str] = stack.function(resource)["Environment"]["Variables"]
    return deployed | _for_aws(stack)


def _for_aws(stack: Stack) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": stack.cloud.url,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }
