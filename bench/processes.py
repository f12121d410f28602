"""What a process uses, from ``/proc``, and stopping one that a measurement started."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_STOP_SECONDS = 20


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads; its precision is 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident(pid: int) -> int:
    """Bytes of memory that a process has of its own: resident, and not shared with others."""
    fields = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in fields.splitlines() if line.startswith("RssAnon:"))
    return int(line.split()[1]) * 1024


def stop(process: subprocess.Popen[str]) -> None:
    """End a process that ends with its standard input, or on SIGTERM; else kill it."""
    if process.stdin is not None:
        process.stdin.close()
    else:
        process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
