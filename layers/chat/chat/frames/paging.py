"""How many entries go into one frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chat.frames.base import PAGE_BYTES, Frame


def fit(entries: Sequence[Frame], room: int = PAGE_BYTES) -> int:
    """How many of ``entries``, from the first, fit into ``room`` bytes; one at least, where there is one."""
    return _fit((len(entry.model_dump_json(exclude_none=True).encode()) for entry in entries), room)


def fit_texts(texts: Sequence[str]) -> int:
    """How many of ``texts``, which need no escaping, fit into one frame."""
    return _fit((len(text) + 2 for text in texts), PAGE_BYTES)


def _fit(sizes: Iterable[int], room: int) -> int:
    total = count = 0
    for size in sizes:
        total += size + 1
        if total > room and count:
            break
        count += 1
    return count
