"""Debian's Prosody beside the bridge: its own configuration and data in a temporary folder, and gone afterwards.

What is stored is what the bridge stores: every message, in an archive for both sides (``mod_mam``, SQLite). Nothing
limits how fast clients may be. Rosters are empty, so that it has no presence to tell, which the bridge has.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import stop
from bench.xmpp_load import DOMAINS, PASSWORD, Server, user
from chat import credentials
from localcloud.cloud import free_port
from localcloud.problem import Problem

INSTALL = "sudo apt-get install prosody lua-dbi-sqlite3"
ADVICE = f"Prosody, the reference, is not here. On Debian and Ubuntu: {INSTALL}"
_START_SECONDS = 20
_SQLITE = "usr/lib/*/lua/*/dbd/sqlite3.so"
_ITERATIONS = 4096

_CONFIGURATION = """
run_as_root = true
daemonize = false
pidfile = "{folder}/prosody.pid"
data_path = "{folder}/data"
log = {{ info = "{folder}/prosody.log" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{}}
c2s_direct_tls_ports = {{ {port} }}
certificates = "{certificates}"
modules_enabled = {{ "disco", "roster", "saslauth", "tls", "ping", "carbons", "smacks", "csi_simple", "mam" }}
modules_disabled = {{ "s2s" }}
authentication = "internal_hashed"
storage = {{ archive = "sql" }}
sql = {{ driver = "SQLite3", database = "archive.sqlite" }}
default_archive_policy = true
archive_expires_after = "never"
"""


def is_installed() -> bool:
    """Whether Prosody is here, and what it needs for SQLite."""
    return find() is not None and any(Path("/").glob(_SQLITE))


def find() -> str | None:
    return shutil.which("prosody", path="/usr/bin:/usr/local/bin:/usr/sbin")


@contextmanager
def running(folder: Path, certificates: Path, ca_file: Path, users: int) -> Iterator[Server]:
    """Prosody with so many users, with the certificates of their domains in a folder.

    Raises:
        Problem: it does not start.
    """
    home = folder / "prosody"
    home.mkdir()
    port = free_port()
    configuration = home / "prosody.cfg.lua"
    hosts = "".join(f'VirtualHost "{domain}"\n' for domain in DOMAINS)
    configuration.write_text(_CONFIGURATION.format(folder=home, port=port, certificates=certificates) + hosts)
    _add_users(home / "data", users)
    with (home / "output.log").open("wb") as output:
        process = subprocess.Popen(
            [find() or "prosody", "-F", "--config", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
        )
    try:
        _wait(process, port, home)
        yield Server("Prosody", port, process.pid, ca_file)
    finally:
        stop(process)


def _add_users(data: Path, count: int) -> None:
    """Write the files of ``mod_auth_internal_hashed``: one password for all, hashed once."""
    verifier = credentials.derive(PASSWORD, 0, _ITERATIONS).verifiers[credentials.SHA_1]
    salt = "".join(f"\\{byte:03d}" for byte in verifier["salt"])  # as Lua spells bytes
    keys = f'["stored_key"] = "{verifier["stored_key"].hex()}"; ["server_key"] = "{verifier["server_key"].hex()}";'
    account = f'return {{ ["salt"] = "{salt}"; ["iteration_count"] = {_ITERATIONS}; {keys} }};\n'
    for address in map(user, range(count)):
        folder = data / _spelled(address.domain) / "accounts"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{_spelled(address.local)}.dat").write_text(account)


def _spelled(name: str) -> str:
    """A name as Prosody's files have it: all but letters and digits as ``%`` and two hexadecimal digits."""
    return "".join(letter if letter.isalnum() else f"%{ord(letter):02x}" for letter in name)


def _wait(process: subprocess.Popen[str], port: int, home: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                words = "; ".join((home / "output.log").read_text(errors="replace").split("\n")[-4:])
                raise Problem(f"Prosody does not start: {words}") from None
            time.sleep(0.05)
        else:
            return
