"""Find a Chromium for tests, figures and pictures of the page, or install Debian's.

Runs on a bare Python: with the standard library alone, but for starting it.

Usage: chromium.py

CHROMIUM=/path names one that is not found by itself; CHROMIUM_SANDBOX=0 starts it without its sandbox, as for root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHELL = "chromium-headless-shell"
"""Chromium without what draws its own windows: a page costs it less than half of the work."""
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
COMMANDS = (["apt-get", "update"], ["apt-get", "install", "-y", SHELL])
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MAX_SAID = 200
"""Characters of Chromium's own words in a sentence of ours."""
VERSION_SECONDS = 30
"""Seconds that one may take to tell its version."""


def main() -> None:
    if not is_enough(find()) and not os.environ.get("CHROMIUM") and can_install():
        install()
    if not find():
        sys.exit(advice()) if is_required() else print(advice())


def is_enough(path: str | None) -> bool:
    """Whether nothing has to be installed: CI is worth the quickest one, where another is found."""
    return path is not None and (not is_required() or os.path.basename(path) == SHELL)


def find() -> str | None:
    """The path of a Chromium that works: the one that CHROMIUM names, else the machine's."""
    named = os.environ.get("CHROMIUM")
    return next((path for path in map(shutil.which, [named] if named else NAMES) if path and works(path)), None)


def works(path: str) -> bool:
    """Whether a program can be started; some systems have one that only tells what to install."""
    try:
        told = subprocess.run([path, "--version"], capture_output=True, timeout=VERSION_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.returncode == 0


def advice() -> str:
    """One sentence for whoever has no Chromium."""
    if named := os.environ.get("CHROMIUM"):
        return f"{named} is no Chromium that works; set CHROMIUM to the path of one, or unset it."
    if shutil.which("apt-get"):
        install = f"sudo {' '.join(COMMANDS[0])} && sudo {' '.join(COMMANDS[1])}"
        return f"The browser tests need Chromium; install it with: {install}"
    return "The browser tests need Chromium; install it or Chrome, and set CHROMIUM=/path if it is not found."


ADVICE = advice()


@contextmanager
def running(path: str) -> Iterator[Browser]:
    """This Chromium, driven by Playwright and without a window; closed at the end.

    Raises:
        Problem: it does not start.
    """
    from playwright.sync_api import Error, sync_playwright  # not there on a bare Python

    from localcloud.problem import Problem

    with sync_playwright() as playwright:
        sandbox = os.geteuid() != 0 and os.environ.get("CHROMIUM_SANDBOX") != "0"
        try:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS, chromium_sandbox=sandbox)
        except Error as error:
            raise Problem(explain(path, error.message, sandbox)) from error
        try:
            yield browser
        finally:
            browser.close()


def explain(path: str, output: str, sandbox: bool) -> str:
    """One sentence for a Chromium that does not start, with its own words."""
    lines = [line.strip() for line in output.splitlines() if line.strip() and "<launching>" not in line]
    telling = (
        [line for line in lines if "sandbox" in line.lower()] + [line for line in lines if "[err]" in line] + lines
    )
    said = telling[0][:MAX_SAID] if telling else "it says nothing"
    way_out = "; without its sandbox it may: CHROMIUM_SANDBOX=0" if sandbox else ""
    return f"{path} does not start ({said}){way_out}."


def is_required() -> bool:
    """Whether tests fail without it, which elsewhere are skipped."""
    return os.environ.get("CI") == "true"


def can_install() -> bool:
    """Whether packages can be installed here without asking anybody."""
    return shutil.which("apt-get") is not None and (os.geteuid() == 0 or shutil.which("sudo") is not None)


def install() -> None:
    """Install Debian's package, or say why that fails."""
    print("Installing Chromium for the browser tests …", flush=True)
    prefix = ["env", "DEBIAN_FRONTEND=noninteractive"]
    if os.geteuid() != 0:
        prefix = ["sudo", "--non-interactive", *prefix]
    for command in COMMANDS:
        result = subprocess.run([*prefix, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if result.returncode:
            print(f"{' '.join(command)}: {(result.stderr.strip().splitlines() or ['no message'])[-1]}", file=sys.stderr)
            return


if __name__ == "__main__":
    main()
