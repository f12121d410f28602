"""Make a virtual environment with pinned packages. Runs on a bare Python, so it uses the standard library alone.

Usage: setup.py FOLDER REQUIREMENTS [STAMP]

STAMP is the file in the folder that says that it is done (.ready).
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  # whoever runs an older one gets this sentence
        sys.exit(f"Python 3.11 or newer is needed; {sys.executable} is {sys.version.split()[0]}. Set PYTHON=…")
    folder, requirements = Path(sys.argv[1]), Path(sys.argv[2])
    stamp = sys.argv[3] if len(sys.argv) > 3 else ".ready"
    python = folder / "bin" / "python"
    try:
        if not has_pip(python):
            print(f"Making the virtual environment {folder} …", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        print(f"Installing the packages of {requirements} …", flush=True)
        install: list[str | Path] = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        result = subprocess.run([*install, "--require-hashes", "-r", requirements], stderr=subprocess.PIPE, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"The virtual environment {folder} cannot be made ({error}); on Debian: apt-get install python3-venv")
    if result.returncode:
        sys.exit(explain(result.stderr))
    chatctl = folder / "bin" / "chatctl"
    chatctl.write_text(launcher(python.absolute(), ROOT))
    chatctl.chmod(0o755)
    (folder / stamp).touch()


def has_pip(python: Path) -> bool:
    """Whether a virtual environment is whole: pip comes last, so one whose making was interrupted has none."""
    if not python.exists():
        return False
    told = subprocess.run([python, "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return told.returncode == 0


def launcher(python: Path, root: Path) -> str:
    """The script that starts chatctl; by sh, because a path with a space or a long one cannot stand behind ``#!``."""
    path = [str(root), str(root / "layers" / "chat")]
    code = f"import sys; sys.path[:0] = {path!r}; from chatctl.main import run; run()"
    return f'#!/bin/sh\nexec {shlex.quote(str(python))} -P -c {shlex.quote(code)} "$@"\n'


def explain(output: str) -> str:
    """One sentence for what pip could not do, with its own last line."""
    last = next((line for line in reversed(output.strip().splitlines()) if line.strip()), "no message")
    compilers = [os.environ.get("CC", "cc"), "gcc", "clang"]
    if "Failed to build" in output or "error: command" in output or "gcc" in output:
        if not any(shutil.which(each) for each in compilers):
            return (
                "A package has no ready-made build for this machine and there is no C compiler; install gcc and retry."
            )
        return f"A package could not be compiled: {last}"
    return f"The packages could not be installed: {last}"


if __name__ == "__main__":
    main()
