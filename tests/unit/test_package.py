"""Layers and functions are built once for the same content, however many starts build them at once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from localcloud import package

PATIENCE = 30


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a function, in a repository of its own."""
    monkeypatch.setattr(package, "ROOT", tmp_path)
    monkeypatch.setattr(package, "BUILD", tmp_path / "build")
    folder = tmp_path / "functions" / "ping"
    folder.mkdir(parents=True)
    (folder / "app.py").write_text("ANSWER = 1\n")
    return folder


@pytest.mark.usefixtures("source")
def test_two_starts_at_once_build_the_same_and_neither_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    both_are_at_it = Barrier(2, timeout=PATIENCE)

    def together(step: Callable[..., Any]) -> Callable[..., Any]:
        def meet(*arguments: Any, **options: Any) -> Any:
            both_are_at_it.wait()
            return step(*arguments, **options)

        return meet

    monkeypatch.setattr(shutil, "copytree", together(shutil.copytree))
    monkeypatch.setattr(package, "_compile", together(package._compile))
    with ThreadPoolExecutor(2) as starts:
        one, other = starts.map(package.function, ["functions/ping"] * 2)
    assert one == other
    assert [path.name for path in one.rglob("*.py")] == ["app.py"]
    assert list(one.parent.iterdir()) == [one], "nothing half-made is left"


def test_what_has_not_changed_is_not_compiled_again(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = package.function("functions/ping")
    assert list(built.rglob("*.pyc"))
    monkeypatch.setattr(package, "_compile", lambda *_: pytest.fail("compiled again"))
    shutil.copytree(built / "__pycache__", source / "__pycache__")  # what a run from here leaves behind
    assert package.function("functions/ping") == built


def test_what_has_changed_is_built_beside_what_others_may_still_read(source: Path) -> None:
    before = package.function("functions/ping")
    (source / "app.py").write_text("ANSWER = 2\n")
    after = package.function("functions/ping")
    assert (before / "app.py").read_text() == "ANSWER = 1\n"
    assert (after / "app.py").read_text() == "ANSWER = 2\n"


def test_a_build_that_was_replaced_long_ago_is_removed(source: Path) -> None:
    before = package.function("functions/ping")
    os.utime(before, (0, 0))
    (source / "app.py").write_text("ANSWER = 2\n")
    after = package.function("functions/ping")
    assert list(before.parent.iterdir()) == [after]


def test_a_zip_is_the_same_wherever_its_folder_was_built(source: Path) -> None:
    first = package.zipped(package.function("functions/ping"))
    shutil.rmtree(package.BUILD)
    assert package.zipped(package.function("functions/ping")) == first
