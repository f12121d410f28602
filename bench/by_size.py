"""Figures of what acts cost in the store at several sizes of what is there: the most, and whether it stays the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from bench.figures import Figure
from bench.meter import Meter, Usage
from bench.stack import Stack

Office = TypeVar("Office")
Size = TypeVar("Size")

_KINDS: dict[str, Callable[[Usage], float]] = {
    "write units": lambda usage: usage.writes,
    "read units": lambda usage: usage.reads,
    "calls": lambda usage: usage.calls,
}


def compare(
    stack: Stack,
    sizes: Sequence[Size],
    furnish: Callable[[Stack, Meter, Size], Office],
    acts: Mapping[str, Callable[[Office], tuple[Usage, Usage]]],
    limits: Mapping[tuple[str, str], float],
    *,
    source: str = "",
) -> Iterator[Figure]:
    """Two or three figures for each act, which tells what it has used and what the reference has.

    ``limits`` are by act and kind of figure; ``source`` says in brackets whose they are.
    """
    stack.stop_fan_out()
    meter = Meter(stack.cloud.url)
    used: dict[str, list[tuple[Usage, Usage]]] = {}
    for size in sizes:
        office = furnish(stack, meter, size)
        for name, act in acts.items():
            used.setdefault(name, []).append(act(office))
    for name, pairs in used.items():
        for kind, value in _KINDS.items():
            ours, plain = [value(usage) for usage, _ in pairs], [value(usage) for _, usage in pairs]
            if not any(ours) and not any(plain):
                continue
            limit = limits.get((name, kind))
            target = f"≤ {limit}, flat{source}" if limit else "flat"
            held = flat(ours) and (limit is None or max(ours) <= limit)
            measured = {str(size): cost for size, cost in zip(sizes, ours, strict=True)}
            yield Figure(name, kind, max(ours), plain[-1], target, held, measured)


def flat(costs: list[float]) -> bool:
    """Whether the cost is the same from the second size on; the first does not fill a page and may cost less."""
    return costs[0] <= costs[1] and len(set(costs[1:])) == 1
