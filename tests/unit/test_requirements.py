"""What ships is what was tested: the same versions in the bridge's container, in the functions' layer and here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from localcloud.endpoints import ROOT

PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)
TESTED = ROOT / "requirements" / "dev.txt"


def pins(path: Path) -> set[tuple[str, str]]:
    """The packages of a requirements file with their versions."""
    return {(name, version) for name, version in PIN.findall(path.read_text())}


@pytest.mark.parametrize(
    "path", ["requirements/bridge.txt", "layers/dependencies/requirements.txt", "layers/mail/requirements.txt"]
)
def test_what_ships_has_the_versions_that_are_tested(path: str) -> None:
    shipped = pins(ROOT / path)
    assert shipped
    assert shipped - pins(TESTED) == set(), "make lock brings them together"


def test_the_bridge_has_all_that_the_domain_library_needs() -> None:
    names = {name for name, _ in pins(ROOT / "requirements" / "bridge.txt")}
    assert {name for name, _ in pins(ROOT / "layers" / "dependencies" / "requirements.txt")} - names == set()
