"""The virtual environment: made anew where it is not whole, and the command that it has for chatctl."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import setup


def python(folder: Path, script: str) -> Path:
    """A Python that does what a script says."""
    path = folder / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(("script", "whole"), [("exit 0", True), ("exit 1", False)])
def test_an_environment_without_pip_is_not_whole(tmp_path: Path, script: str, whole: bool) -> None:
    assert setup.has_pip(python(tmp_path, script)) is whole
    assert not setup.has_pip(tmp_path / "nothing")


def test_an_environment_whose_making_was_interrupted_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (requirements := tmp_path / "requirements.txt").touch()
    folder = tmp_path / "venv"
    (left := python(folder, "exit 1")).chmod(0o755)
    monkeypatch.setattr(sys, "argv", ["setup.py", str(folder), str(requirements)])
    setup.main()
    assert setup.has_pip(left)
    assert (folder / ".ready").exists()


@pytest.mark.parametrize("name", ["a folder", "it's", "f" * 200])
def test_chatctl_starts_in_any_folder(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    package = root / "chatctl"
    package.mkdir(parents=True)
    (package / "main.py").write_text("import sys\ndef run(): print(sys.argv[1:])\n")
    (interpreter := root / "python").symlink_to(sys.executable)
    (elsewhere := tmp_path / "elsewhere").mkdir()
    (elsewhere / "chatctl.py").write_text("1 / 0")  # whatever lies in the folder where it is called
    command = root / "start"
    command.write_text(setup.launcher(interpreter, root))
    command.chmod(0o755)
    result = subprocess.run(
        [command, "user", "a b"], cwd=elsewhere, env=os.environ, stdout=subprocess.PIPE, text=True, check=True
    )
    assert result.stdout == "['user', 'a b']\n"
