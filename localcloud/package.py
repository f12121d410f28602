"""Layers and functions as zip files, with compiled bytecode, as Lambda gets them."""

from __future__ import annotations

import compileall
import hashlib
import io
import py_compile
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from localcloud.endpoints import LOCAL, ROOT
from localcloud.problem import Problem

BUILD = LOCAL / "build"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def layer(content_uri: str) -> bytes:
    """The code of one layer."""
    name = content_uri.rpartition("/")[2]
    return chat_layer() if name == "chat" else libraries_layer(name)


def libraries_layer(name: str) -> bytes:
    """The libraries of ``layers/<name>``, built for this machine; kept until its requirements change."""
    requirements = ROOT / "layers" / name / "requirements.txt"
    mark = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = BUILD / f"{name}-{mark}"
    if not (folder / ".complete").exists():
        for old in BUILD.glob(f"{name}-*"):
            shutil.rmtree(old)
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        install += ["--no-compile", "--require-hashes", "--target", str(folder / "python"), "-r", str(requirements)]
        result = subprocess.run(install, stderr=subprocess.PIPE, text=True)
        if result.returncode:
            raise Problem(f"The layer {name} cannot be built: {result.stderr.strip().splitlines()[-1]}")
        shutil.rmtree(folder / "python" / "bin", ignore_errors=True)
        _compile(folder)
        (folder / ".complete").touch()
    return _zip(folder)


def chat_layer() -> bytes:
    """The domain library of ``layers/chat``."""
    folder = BUILD / "chat"
    shutil.rmtree(folder, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "layers" / "chat" / "chat", folder / "python" / "chat", ignore=ignored)
    _compile(folder)
    return _zip(folder)


def function(code_uri: str) -> bytes:
    """The code of one function."""
    folder = BUILD / code_uri
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / code_uri, folder, ignore=shutil.ignore_patterns("__pycache__"))
    _compile(folder)
    return _zip(folder)


def _compile(folder: Path) -> None:
    """Compile to bytecode that is not checked against file times, which a zip does not keep."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(folder, quiet=2, invalidation_mode=mode, stripdir=folder, workers=1)


def _zip(folder: Path) -> bytes:
    """The folder as a zip file that is the same whenever its content is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.name != ".complete":
                info = zipfile.ZipInfo(str(path.relative_to(folder)), _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                archive.writestr(info, path.read_bytes())
    return buffer.getvalue()
