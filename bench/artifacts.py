"""What is deployed, by its size: functions, layers, the page, and what the bridge's image adds to its base.

Each is measured zipped, as it travels, and unzipped, as it lies where it runs. Functions and layers are what
``make build`` makes; a function is unzipped beside its layers, which is what Lambda limits. Where there is no Python of
the runtime's version they have no bytecode, and are smaller by it.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from bench.figures import Figure
from bench.stack import Stack, say
from localcloud import package
from localcloud.endpoints import ROOT
from localcloud.site import DIST
from scripts import artifact

KIBIBYTE = 1024
ZIPPED, UNZIPPED = 50 * 1024.0, 250 * 1024.0
"""KiB that Lambda takes: of an upload, and of a function with its layers (AWS, "Lambda quotas")."""
MAX_FUNCTION = 16.0
"""KiB of a function's own code, zipped: a function is one screen, the rest is the domain library's."""
MAX_LAYER = 12.5 * 1024
"""KiB of a layer, zipped: a quarter of what may be uploaded, so that a layer has room for the libraries that its
libraries will need one day."""
MAX_LOADED = 50 * 1024.0
"""KiB of a function with its layers, unzipped: a fifth of what Lambda takes, which it fetches before it starts. It has
room for bytecode and for a library like the largest; a second one deserves a thought."""
MAX_PAGE = 256.0
"""KiB of the whole page with every language, icons and styles, zipped: four times what its scripts may be."""
MAX_BRIDGE = 40 * 1024.0
"""KiB that the image adds to its base, zipped. Every task fetches it before it starts; it has room for half as much
again."""
PYTHON = "3.13"
"""The version of the bridge's base image."""
IMAGE = package.Target(
    "image",
    None,
    (
        "--only-binary=:all:",
        "--implementation=cp",
        f"--python-version={PYTHON}",
        *(each for each in package.LAMBDA.wheels if each.startswith("--platform")),
    ),
)
"""arm64, without bytecode: its build compiles it, and a pull brings it along."""


def measure(_: Stack) -> Iterator[Figure]:
    """Two figures for each artifact, with its three largest parts."""
    template = yaml_parse((ROOT / "template.yaml").read_text())
    resources: dict[str, Any] = template["Resources"]
    common = [each["Ref"] for each in template["Globals"]["Function"]["Layers"]]
    kinds = {name: each["Type"] for name, each in resources.items()}
    say("artifacts: building functions and layers for Lambda, and the bridge's libraries")
    layers = {name: [artifact.build(name)] for name, kind in kinds.items() if kind == "AWS::Serverless::LayerVersion"}
    for name in (name for name, kind in kinds.items() if kind == "AWS::Serverless::Function"):
        own = artifact.build(name)
        used = common + [each["Ref"] for each in resources[name]["Properties"].get("Layers", [])]
        yield _zipped(name, [own], ZIPPED, MAX_FUNCTION)
        yield _unzipped(f"{name} with its layers", [own, *(part for each in used for part in layers[each])], MAX_LOADED)
    for name, parts in layers.items():
        yield _zipped(name, parts, ZIPPED, MAX_LAYER)
        yield _unzipped(name, parts, MAX_LOADED)
    yield _zipped("page", [DIST], 0, MAX_PAGE)
    yield _unzipped("page", [DIST], 4 * MAX_PAGE, limit=0)
    bridge = [package.libraries("bridge", ROOT / "requirements" / "bridge.txt", IMAGE)]
    bridge += [ROOT / "layers" / "chat", ROOT / "xmpp-bridge" / "bridge"]
    yield _zipped("bridge on its base image", bridge, 0, MAX_BRIDGE)
    yield _unzipped("bridge on its base image", bridge, 4 * MAX_BRIDGE, limit=0)


def _zipped(name: str, folders: list[Path], limit: float, most: float) -> Figure:
    return _figure(f"{name}, zipped", sum(map(_zipped_size, folders)), limit, most, folders)


def _unzipped(name: str, folders: list[Path], most: float, limit: float = UNZIPPED) -> Figure:
    size = sum(sum(sizes(folder).values()) for folder in folders)
    return _figure(f"{name}, unzipped", size, limit, most, folders)


def _figure(name: str, size: int, limit: float, most: float, folders: list[Path]) -> Figure:
    parts = sum(map(sizes, folders), Counter[str]())
    largest = {part: bytes_ / KIBIBYTE for part, bytes_ in parts.most_common(3)}
    note = ", ".join(f"{part} {kibibytes:,.0f}" for part, kibibytes in largest.items() if len(parts) > 1)
    return Figure(name, "KiB", size / KIBIBYTE, limit, f"≤ {most:,.0f} (own)", size <= most * KIBIBYTE, largest, note)


def _files(folder: Path) -> list[Path]:
    """The files that are deployed of a folder: what a run from here has compiled for itself is not."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in found if folder.is_relative_to(package.BUILD) or "__pycache__" not in path.parts]


@cache
def sizes(folder: Path) -> Counter[str]:
    """Bytes, unzipped, of each package of a layer, or of each file and folder of what is none."""
    top = folder / "python" if (folder / "python").is_dir() else folder
    found = Counter[str]()
    for path in _files(folder):
        part = path.relative_to(top).parts[0]
        found[re.sub(r"\.py$|-[\d.]+(post\d+)?\.dist-info$", "", part)] += path.stat().st_size
    return found


def _zipped_size(folder: Path) -> int:
    """Bytes of a folder as SAM zips it."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _files(folder):
            archive.write(path, path.relative_to(folder))
    return len(buffer.getvalue())
