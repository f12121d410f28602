"""Find the XMPP clients that the bridge is tested with, or install them: Debian's, and those written in JavaScript.

Usage: python -m scripts.xmpp_clients
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from scripts import node
from scripts.chromium import is_required

PROGRAMS = ("profanity", "go-sendxmpp", "tmux")
"""Programs, which Debian's packages are named after."""
INTEROP = node.ROOT / "tests" / "bridge" / "interop"
UPDATE = ["apt-get", "update"]
INSTALL = ["apt-get", "install", "-y", "--no-install-recommends"]


def main() -> None:
    node.install(os.environ | {"PATH": node.path(), "npm_config_update_notifier": "false"}, INTEROP)
    if not missing() or (can_install() and install(missing())):
        return
    sys.exit(advice()) if is_required() else print(advice())


def missing(programs: tuple[str, ...] = PROGRAMS) -> list[str]:
    """The programs that are not there."""
    return [each for each in programs if shutil.which(each) is None]


def advice(programs: tuple[str, ...] = PROGRAMS) -> str:
    """One sentence for whoever lacks some of them."""
    lacking = " ".join(missing(programs))
    if shutil.which("apt-get"):
        install = f"sudo {' '.join(UPDATE)} && sudo {' '.join(INSTALL)} {lacking}"
        return f"Some tests need XMPP clients that are not there; install them with: {install}"
    return f"Some tests need XMPP clients that are not there; install {lacking}."


def can_install() -> bool:
    """Whether packages can be installed here without asking anybody."""
    return shutil.which("apt-get") is not None and (os.geteuid() == 0 or shutil.which("sudo") is not None)


def install(programs: list[str]) -> bool:
    """Install Debian's packages; whether all are there then."""
    print(f"Installing {', '.join(programs)} for tests of the XMPP bridge …", flush=True)
    prefix = ["env", "DEBIAN_FRONTEND=noninteractive"]
    if os.geteuid() != 0:
        prefix = ["sudo", "--non-interactive", *prefix]
    for command in (UPDATE, [*INSTALL, *programs]):
        result = subprocess.run([*prefix, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if result.returncode:
            print(f"{' '.join(command)}: {(result.stderr.strip().splitlines() or ['no message'])[-1]}", file=sys.stderr)
            return False
    return not missing()


if __name__ == "__main__":
    main()
