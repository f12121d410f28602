"""``make image-steps``: what ``xmpp-bridge/Dockerfile`` does, in a clean virtual environment instead of a container.

The steps are read from the Dockerfile itself: COPY copies, RUN runs, ENV holds from then on. Then the entry point
starts against a local cloud of its own, the health check asks it, and SIGTERM ends it. Base image, user, and what the
engine forbids a container are left to an engine, and the Python is this machine's.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from localcloud.bridge import Bridge, Ports
from localcloud.cloud import free_port
from localcloud.endpoints import ROOT
from localcloud.problem import Problem
from localcloud.run import running
from localcloud.seed import PEOPLE

DOCKERFILE = ROOT / "xmpp-bridge" / "Dockerfile"
INSIDE = ("/build", "/bridge")
"""Folders of the image that the steps fill."""
LEFT_OUT = {"FROM", "USER", "EXPOSE"}
OF_THE_BUILDER = ("PIP_", "HOME", "SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
"""How variables are called that reach steps from outside: where packages come from, and by which way."""


@dataclass
class Image:
    """What the steps have made below ``root``, with ``root/python`` for the Python of the base image."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)
    work: Path = Path()
    entrypoint: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def placed(self, text: str) -> str:
        """A word of a command, a path or a value as it is here."""
        if text == "python":
            return str(self.root / "python" / "bin" / "python")
        return f"{self.root}{text}" if text.startswith(INSIDE) else text

    def command(self, text: str) -> list[str]:
        """A command in the form of a list (Dockerfile reference, "Shell and exec form")."""
        words: list[str] = json.loads(text)
        return [self.placed(each) for each in words]

    def files(self) -> set[Path]:
        return {path for path in (self.root / "bridge").rglob("*") if path.is_file()}


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Each instruction of a Dockerfile and what follows it, on one line."""
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, _, rest = line.partition(" ")
        yield name, rest.strip()


def take(name: str, rest: str, image: Image) -> None:
    """Take one step.

    Raises:
        Problem: it fails, or is of a kind that this does not know.
    """
    match name:
        case "ENV":
            pairs = (each.partition("=") for each in shlex.split(rest))
            image.variables |= {key: image.placed(value) for key, _, value in pairs}
        case "WORKDIR":
            image.work = Path(image.placed(rest))
            image.work.mkdir(parents=True, exist_ok=True)
        case "COPY":
            _copy(rest, image)
        case "RUN":
            outside = {key: value for key, value in os.environ.items() if key.upper().startswith(OF_THE_BUILDER)}
            if subprocess.run(image.command(rest), cwd=image.work, env=outside | image.variables).returncode:
                raise Problem(f"A step fails: {name} {rest}")
        case "ENTRYPOINT":
            image.entrypoint = image.command(rest)
        case "HEALTHCHECK":
            image.health = image.command(rest.partition("CMD ")[2])
        case "STOPSIGNAL" if rest == "SIGTERM":  # as localcloud.bridge stops it
            pass
        case _ if name not in LEFT_OUT:
            raise Problem(f"There is no such step here: {name} {rest}")


def _copy(rest: str, image: Image) -> None:
    if rest.startswith("--from"):  # from the stage before, which filled the same folders
        return
    source, to = rest.split()
    if (ROOT / source).is_dir():
        shutil.copytree(ROOT / source, image.placed(to), ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(ROOT / source, image.work / to)


def build(root: Path) -> Image:
    """The image by its steps.

    Raises:
        Problem: one fails.
    """
    image = Image(root)
    venv.create(root / "python", with_pip=True)
    for name, rest in instructions(DOCKERFILE.read_text()):
        print(f"{name} {rest[:100]}", flush=True)
        take(name, rest, image)
    return image


def start(image: Image, folder: Path) -> None:
    """Start the entry point on a local cloud, ask for its health, and stop it.

    Raises:
        Problem: it does not start, is not well, does not stop, or has written into the image.
    """
    before = image.files()
    with running(folder, free_port()) as stack:
        settings = image.variables | _own(folder)
        bridge = Bridge(stack, folder / "node", PEOPLE, Ports.free(), command=image.entrypoint, **settings)
        bridge.start()
        try:
            asked = subprocess.run(image.health, env=image.variables | {"BRIDGE_HEALTH_PORT": str(bridge.health_port)})
            if asked.returncode:
                raise Problem("The health check of the image says that it is not well.")
        finally:
            bridge.stop()
    if written := image.files() - before:
        raise Problem(f"The bridge has written into its image: {', '.join(map(str, sorted(written)[:3]))}")


def _own(folder: Path) -> dict[str, str]:
    """What this machine's node has instead of the container's."""
    return {"BRIDGE_BIND": "127.0.0.1", "BRIDGE_CERTIFICATES": str(folder / "node" / "certificates")}


if __name__ == "__main__":
    try:
        with TemporaryDirectory(prefix="image-") as made:
            start(build(Path(made) / "image"), Path(made))
        print("Every step of the image was taken; the bridge started from it, was well, and stopped.")
    except Problem as problem:
        sys.exit(str(problem))
