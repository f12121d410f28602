"""What a function imports until it could take its first event, and how long each package takes of it.

By ``python -X importtime``, which counts what it costs to count, in the reference as well. A function also makes its
clients of AWS while it is imported: that counts as its own.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator

from bench import functions
from bench.figures import Figure
from bench.functions import Function
from bench.stack import Stack, say
from localcloud.endpoints import ROOT

ROUNDS = 5
LIMIT = 1.3
_LINE = re.compile(r"^import time: +(\d+) \| +\d+ \| +([\w.]+)$", re.MULTILINE)
"""A module, and the microseconds that it took without what it imports itself."""
Packages = dict[str, float]
"""Milliseconds by package."""


def measure(stack: Stack) -> Iterator[Figure]:
    """One figure for each function, with its three largest imports."""
    say("imports: building layers and functions")
    found = functions.built(stack, sorted(path.parent.name for path in ROOT.glob("functions/*/app.py")))
    plain = functions.reference(stack)
    rounds: dict[str, list[Packages]] = {name: [] for name in found}
    reference: list[float] = []
    for number in range(ROUNDS + 1):
        say(f"imports: round {number} of {ROUNDS}")
        taken = {name: milliseconds(function) for name, function in found.items()}
        beside = milliseconds(plain)
        if number:  # round 0 fills the machine's file cache
            reference.append(sum(beside.values()))
            for name, packages in taken.items():
                rounds[name].append(packages)
    middle = statistics.median(reference)
    for name, measured in rounds.items():
        ours = statistics.median(sum(each.values()) for each in measured)
        packages = {each: statistics.median(one.get(each, 0) for one in measured) for each in measured[0]}
        largest = dict(sorted(packages.items(), key=lambda each: -each[1])[:3])
        note = ", ".join(f"{package} {spent:.0f}" for package, spent in largest.items())
        yield Figure(f"imports: {name}", "ms", ours, middle, f"≤ {LIMIT} ×", ours <= LIMIT * middle, largest, note)


def milliseconds(function: Function) -> Packages:
    """What a function's imports take."""
    found: Packages = {}
    for spent, module in _LINE.findall(function.start(None, "-X", "importtime").trace):
        package = module.partition(".")[0]
        found[package] = found.get(package, 0) + int(spent) / 1000
    return found
