"""Find a Chromium for tests, figures and pictures of the page, or install Debian's.

Runs on a bare Python: with the standard library alone, but for starting it.

Usage: chromium.py
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

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
COMMANDS = (["apt-get", "update"], ["apt-get", "install", "-y", "chromium"])
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ADVICE = (
    f"The browser tests need Chromium; install it with: sudo {' '.join(COMMANDS[0])} && sudo {' '.join(COMMANDS[1])}"
)


def main() -> None:
    if find() or (can_install() and install()):
        return
    sys.exit(ADVICE) if is_required() else print(ADVICE)


def find() -> str | None:
    """The path of the machine's Chromium."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def running(path: str) -> Iterator[Browser]:
    """This Chromium, driven by Playwright and without a window; closed at the end."""
    from playwright.sync_api import sync_playwright  # not there on a bare Python

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS, chromium_sandbox=os.geteuid() != 0)
        try:
            yield browser
        finally:
            browser.close()


def is_required() -> bool:
    """Whether tests fail without it, which elsewhere are skipped."""
    return os.environ.get("CI") == "true"


def can_install() -> bool:
    """Whether packages can be installed here without asking anybody."""
    return shutil.which("apt-get") is not None and (os.geteuid() == 0 or shutil.which("sudo") is not None)


def install() -> bool:
    """Install Debian's package; whether it is there then."""
    print("Installing Chromium for the browser tests …", flush=True)
    prefix = ["env", "DEBIAN_FRONTEND=noninteractive"]
    if os.geteuid() != 0:
        prefix = ["sudo", "--non-interactive", *prefix]
    for command in COMMANDS:
        result = subprocess.run([*prefix, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if result.returncode:
            print(f"{' '.join(command)}: {(result.stderr.strip().splitlines() or ['no message'])[-1]}", file=sys.stderr)
            return False
    return find() is not None


if __name__ == "__main__":
    main()
