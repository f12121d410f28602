"""Says what ``make build`` has built, and what is missing where this machine has not Lambda's Python."""

from __future__ import annotations

from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

from localcloud import package
from localcloud.endpoints import ROOT

BUILT = ROOT / ".aws-sam" / "build"
MEBIBYTE = 1024 * 1024
NO_BYTECODE = f"""
There is no python{package.LAMBDA_PYTHON} on this machine, so the artifacts have no compiled bytecode: every start of a
function compiles its libraries anew, which takes seconds. Install it before you deploy, from python.org or with
uv python install {package.LAMBDA_PYTHON}, and build again."""


def artifacts(built: Path = BUILT) -> dict[str, Path]:
    """The folder of each function and layer, by its name in the template.

    Raises:
        FileNotFoundError: nothing is built.
    """
    resources = yaml_parse((built / "template.yaml").read_text())["Resources"]
    folders = {name: each["Properties"].get("CodeUri") for name, each in resources.items() if _runs_code(each)}
    folders |= {name: each["Properties"].get("ContentUri") for name, each in resources.items() if _is_layer(each)}
    return {name: built / folder for name, folder in folders.items()}


def has_bytecode(folder: Path) -> bool:
    """Whether Lambda's Python finds a module of the folder compiled."""
    return next(folder.rglob(f"*.cpython-{package.LAMBDA_PYTHON.replace('.', '')}.pyc"), None) is not None


def size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _runs_code(resource: dict[str, object]) -> bool:
    return resource["Type"] == "AWS::Serverless::Function"


def _is_layer(resource: dict[str, object]) -> bool:
    return resource["Type"] == "AWS::Serverless::LayerVersion"


if __name__ == "__main__":
    folders = artifacts()
    for name, folder in sorted(folders.items(), key=lambda each: -size(each[1])):
        print(f"{size(folder) / MEBIBYTE:8.2f} MiB  {name}")
    if not all(has_bytecode(folder) for folder in folders.values()):
        print(NO_BYTECODE)
