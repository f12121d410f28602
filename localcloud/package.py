"""Layers and functions as Lambda gets them, for this machine's Python or for Lambda's, with compiled bytecode."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from localcloud.endpoints import LOCAL, ROOT
from localcloud.problem import Problem

BUILD = LOCAL / "build"
LAMBDA_PYTHON = "3.14"
"""The version of the runtime that template.yaml names."""
_GLIBC = ("2_34", "2_28", "2_17")
"""Wheels that run on Lambda's Amazon Linux 2023, which has glibc 2.34: the newest first."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_KEPT_SECONDS = 3600
"""For how long a build is kept that newer sources have replaced: who began before may still read it."""


@dataclass(frozen=True, slots=True)
class Target:
    """What code is built for."""

    name: str
    python: str | None
    """An interpreter of the version that will run the code. Bytecode of another version is of no use, so none is made
    where there is none."""
    wheels: tuple[str, ...] = ()
    """pip's options that choose wheels for another machine."""


HERE = Target("here", sys.executable)
LAMBDA = Target(
    "lambda",
    shutil.which(f"python{LAMBDA_PYTHON}"),
    (
        "--only-binary=:all:",
        "--implementation=cp",
        f"--python-version={LAMBDA_PYTHON}",
        *(f"--platform=manylinux_{glibc}_aarch64" for glibc in _GLIBC),
    ),
)


def layer(content_uri: str, target: Target = HERE) -> Path:
    """The folder with the content of one layer."""
    name = content_uri.rpartition("/")[2]
    return chat_layer(target) if name == "chat" else libraries_layer(name, target)


def libraries_layer(name: str, target: Target = HERE) -> Path:
    """The libraries of ``layers/<name>``; kept until its requirements or the Python change.

    Raises:
        Problem: pip cannot install them; for Lambda also where one has no wheel for its Python and machine.
    """
    return libraries(f"layers/{name}", ROOT / "layers" / name / "requirements.txt", target)


def libraries(name: str, requirements: Path, target: Target) -> Path:
    """The folder with what a file of requirements names, below ``python``; kept under ``name``.

    Raises:
        Problem: as above.
    """
    builds = BUILD / target.name / name
    folder = builds / _mark(requirements.read_bytes(), target)
    if folder.exists():
        return folder
    with _making(builds) as made:
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        install += ["--no-compile", "--require-hashes", *target.wheels]
        install += ["--target", str(made / "python"), "-r", str(requirements)]
        result = subprocess.run(install, stderr=subprocess.PIPE, text=True)
        if result.returncode:
            raise Problem(f"{name} cannot be built: {result.stderr.strip().splitlines()[-1]}")
        shutil.rmtree(made / "python" / "bin", ignore_errors=True)
        _compile(made, target)
        _keep(made, folder)
    return folder


def chat_layer(target: Target = HERE) -> Path:
    """The domain library of ``layers/chat``."""
    return _copied("layers/chat", "python", target)


def function(code_uri: str, target: Target = HERE) -> Path:
    """The folder with the code of one function."""
    return _copied(code_uri, ".", target)


def zipped(folder: Path) -> bytes:
    """A folder as a zip file that is the same whenever its content is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                info = zipfile.ZipInfo(str(path.relative_to(folder)), _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                archive.writestr(info, path.read_bytes())
    return buffer.getvalue()


def _copied(source: str, below: str, target: Target) -> Path:
    builds = BUILD / target.name / source
    with _making(builds) as made:
        shutil.copytree(ROOT / source, made / below, ignore=shutil.ignore_patterns("__pycache__"))
        folder = builds / _mark(zipped(made), target)
        if not folder.exists():
            _compile(made, target)
            _keep(made, folder)
    return folder


def _mark(content: bytes, target: Target) -> str:
    """The name of what is built from a content, with this Python."""
    return hashlib.sha256(content + f"{target} {sys.version}".encode()).hexdigest()[:16]


@contextmanager
def _making(builds: Path) -> Iterator[Path]:
    """A folder that is yet to be made, in which nobody else builds."""
    builds.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=builds, ignore_cleanup_errors=True) as own:
        yield Path(own) / "whole"


def _keep(made: Path, folder: Path) -> None:
    """Give a build its name, now that it is whole. Where another start was first, its build stays."""
    try:
        made.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    for other in folder.parent.iterdir():
        with suppress(FileNotFoundError):  # what other starts are making comes and goes
            if other != folder and other.stat().st_mtime < time.time() - _KEPT_SECONDS:
                shutil.rmtree(other, ignore_errors=True)


def _compile(folder: Path, target: Target) -> None:
    """Compile to bytecode that is not checked against file times, which a zip does not keep."""
    if target.python:
        compiling = [target.python, "-m", "compileall", "-qq", "--invalidation-mode", "unchecked-hash"]
        subprocess.run([*compiling, "-s", str(folder), str(folder)])
