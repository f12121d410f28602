"""What ``make build`` has built is what Lambda can run: arm64, its own Python, all modules, within the limit."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from localcloud.endpoints import ROOT
from localcloud.package import LAMBDA, LAMBDA_PYTHON
from scripts.built import BUILT, artifacts, has_bytecode, size

LIMIT = 250 * 1024 * 1024
"""Bytes, unzipped, of a function with its layers: AWS, "Lambda quotas"."""
AARCH64 = 183
"""The machine in an ELF header: EM_AARCH64."""
TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
FUNCTIONS = sorted(name for name, each in TEMPLATE["Resources"].items() if each["Type"] == "AWS::Serverless::Function")
LAYERS = sorted(name for name, each in TEMPLATE["Resources"].items() if each["Type"] == "AWS::Serverless::LayerVersion")
PINNED = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?:.*python_full_version < '(?P<before>[\d.]+)')?", re.M)
"""A library in a lock file, and the Python from which on it is not needed: pip asks the Python that it runs on."""


@pytest.fixture(scope="module")
def built() -> dict[str, Path]:
    return artifacts()


def parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def layers_of(function: str) -> list[str]:
    common = TEMPLATE["Globals"]["Function"]["Layers"]
    own = TEMPLATE["Resources"][function]["Properties"].get("Layers", [])
    return [each["Ref"] for each in common + own]


def test_every_function_and_layer_is_built(built: dict[str, Path]) -> None:
    assert sorted(built) == sorted(FUNCTIONS + LAYERS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_its_source(built: dict[str, Path], name: str) -> None:
    source = ROOT / TEMPLATE["Resources"][name]["Properties"]["CodeUri"]
    wanted = {path.name: path.read_text() for path in source.glob("*.py")}
    assert {path.name: path.read_text() for path in built[name].glob("*.py")} == wanted
    assert "app.py" in wanted


def test_the_domain_library_is_whole(built: dict[str, Path]) -> None:
    source, copy = ROOT / "layers" / "chat", built["ChatLayer"] / "python"
    assert {path.relative_to(copy) for path in copy.rglob("*.py")} == {
        path.relative_to(source) for path in source.rglob("*.py")
    }


@pytest.mark.parametrize(("name", "folder"), [("DependenciesLayer", "dependencies"), ("MailLayer", "mail")])
def test_a_layer_has_every_pinned_library(built: dict[str, Path], name: str, folder: str) -> None:
    lock = (ROOT / "layers" / folder / "requirements.txt").read_text()
    pinned = {f"{each['name'].replace('-', '_')}-{each['version']}": each["before"] for each in PINNED.finditer(lock)}
    needed = {each for each, before in pinned.items() if before is None or parts(LAMBDA_PYTHON) < parts(before)}
    found = {path.stem.lower() for path in built[name].rglob("*.dist-info")}
    assert needed <= found <= set(pinned)


def test_compiled_libraries_are_for_arm64_and_the_runtime(built: dict[str, Path]) -> None:
    libraries = [path for name in LAYERS for path in built[name].rglob("*.so*")]
    assert libraries
    for library in libraries:
        header = library.read_bytes()[:20]
        assert header[:4] == b"\x7fELF"
        assert int.from_bytes(header[18:20], "little") == AARCH64, library
        tag = re.search(r"\.cpython-(\d+)", library.name)
        assert tag is None or tag[1] == LAMBDA_PYTHON.replace(".", ""), library


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_with_its_layers_is_below_the_limit(built: dict[str, Path], name: str) -> None:
    assert sum(size(built[each]) for each in [name, *layers_of(name)]) < LIMIT


def test_bytecode_is_of_the_runtime_or_not_there(built: dict[str, Path]) -> None:
    wanted = f".cpython-{LAMBDA_PYTHON.replace('.', '')}.pyc"
    for folder in built.values():
        assert all(path.name.endswith(wanted) for path in folder.rglob("*.pyc"))
        assert has_bytecode(folder) == (LAMBDA.python is not None)


def test_the_templates_of_the_parts_are_with_it() -> None:
    template = yaml_parse((BUILT / "template.yaml").read_text())
    nested = [each for each in template["Resources"].values() if each["Type"] == "AWS::CloudFormation::Stack"]
    assert all((BUILT / each["Properties"]["TemplateURL"]).is_file() for each in nested)
    assert len(nested) == 3
