"""What the page server answers: the files of the built page, ``/config.json``, and the headers of ``web/headers.json``.

The opener policy there is ``same-origin``: chat windows are of the page's own origin, so they keep their opener, and no
page of another origin that opens one, or that a link leads to, holds a handle on it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from localcloud.endpoints import ROOT

DIST = ROOT / "web" / "dist"
HEADERS = ROOT / "web" / "headers.json"
CONFIG = "/config.json"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_EMBEDDABLE = re.compile(r"/(chat\.js|worker\.js|config\.json|(assets|icons)/.*)")
"""What a page of another origin loads, when it embeds the chat by a script tag, icons of notifications among it."""
_HASHED = re.compile(r"/assets/.*-(?=[\w-]*[A-Z0-9])[\w-]{8}\.\w+(\.map)?")
"""What has another name whenever it has other content: Vite's eight characters, which look like no word."""
_COMPRESSIBLE = re.compile(r"text/|image/svg|application/(json|manifest)")
_WORTH_COMPRESSING = 1000
_ACCEPTS_GZIP = re.compile(r"(^|[,\s])gzip\s*($|,|;\s*q=(1|0\.0*[1-9]))")


@dataclass(frozen=True)
class Answer:
    """An HTTP response. ``body`` is what GET gets; HEAD gets the rest."""

    status: HTTPStatus
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Content:
    """A file as it is sent, both ways."""

    plain: bytes
    gzipped: bytes | None
    tag: str

    @classmethod
    def of(cls, plain: bytes, kind: str) -> Content:
        compress = len(plain) >= _WORTH_COMPRESSING and _COMPRESSIBLE.match(kind)
        # Weak, because one tag stands for both encodings (RFC 9110 §8.8.1).
        tag = f'W/"{hashlib.sha256(plain).hexdigest()[:16]}"'
        return cls(plain, gzip.compress(plain, mtime=0) if compress else None, tag)


class Site:
    """The built page in ``folder``, for the backend with these addresses; ``config`` adds to ``/config.json``."""

    def __init__(self, folder: Path, api: str, websocket: str, **config: Any) -> None:
        self.folder = folder.resolve()
        self._config = json.dumps({"api": api} | config).encode()
        self._headers = headers(api, websocket)

    def answer(self, method: str, target: str, request: Mapping[str, str]) -> Answer:
        """The response to a request for a path with a query; ``request`` are its headers."""
        if method not in ("GET", "HEAD"):
            return self.refuse(HTTPStatus.METHOD_NOT_ALLOWED)
        path = unquote(target.partition("?")[0])
        path = "/index.html" if path == "/" else path
        kind = content_type(path)
        content = Content.of(self._config, kind) if path == CONFIG else self._read(path, kind)
        if content is None:
            return self.refuse(HTTPStatus.NOT_FOUND)
        found = self._headers["all"] | self._headers["embeddable" if is_embeddable(path) else "page"]
        found |= {
            "Cache-Control": cache_control(path),
            "ETag": content.tag,
        }
        if content.gzipped:
            found["Vary"] = "Accept-Encoding"
        if content.tag in re.split(r"\s*,\s*", request.get("If-None-Match", "")):
            return Answer(HTTPStatus.NOT_MODIFIED, found)
        found["Content-Type"] = kind
        if content.gzipped and _ACCEPTS_GZIP.search(request.get("Accept-Encoding", "")):
            return Answer(HTTPStatus.OK, found | {"Content-Encoding": "gzip"}, content.gzipped)
        return Answer(HTTPStatus.OK, found, content.plain)

    def refuse(self, status: HTTPStatus) -> Answer:
        """The response to a request that gets nothing."""
        found = self._headers["all"] | self._headers["page"]
        found |= {"Cache-Control": "no-cache", "Content-Type": _TYPES[".txt"]}
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            found["Allow"] = "GET, HEAD"
        return Answer(status, found, f"{status.phrase}\n".encode())

    def _read(self, path: str, kind: str) -> Content | None:
        """A file inside the folder; none that is hidden, or that a link or ``..`` leads out to."""
        if not path.startswith("/") or path.endswith("/") or "\\" in path or "\0" in path or "/." in path:
            return None
        try:
            file = (self.folder / path[1:]).resolve(strict=True)
            state = file.stat()
            if not file.is_relative_to(self.folder) or not file.is_file():
                return None
            return _load(file, kind, state.st_mtime_ns, state.st_size)
        except OSError:
            return None


def content_type(path: str) -> str:
    """The media type of a file, by its name."""
    return _TYPES.get(Path(path).suffix, "application/octet-stream")


def cache_control(path: str) -> str:
    """How long browsers keep a file of the page, by its path from ``/`` on."""
    return "public, max-age=31536000, immutable" if _HASHED.fullmatch(path) else "no-cache"


def is_embeddable(path: str) -> bool:
    """Whether a page of another origin loads it."""
    return _EMBEDDABLE.fullmatch(path) is not None


def headers(api: str, websocket: str) -> dict[str, dict[str, str]]:
    """The headers of ``web/headers.json``, by what they are for, with the origins of the backend."""
    origins = {"{api}": _origin(api), "{websocket}": _origin(websocket)}

    def fill(value: str | list[str]) -> str:
        text = value if isinstance(value, str) else "; ".join(value)
        for name, origin in origins.items():
            text = text.replace(name, origin)
        return text

    groups: dict[str, dict[str, str | list[str]]] = json.loads(HEADERS.read_text())
    return {group: {name: fill(value) for name, value in of.items()} for group, of in groups.items()}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@lru_cache(maxsize=256)
def _load(file: Path, kind: str, changed: int, size: int) -> Content:  # noqa: ARG001  # a changed file is another
    return Content.of(file.read_bytes(), kind)
