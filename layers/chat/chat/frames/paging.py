"""How many entries go into one frame."""

from __future__ import annotations

from collections.abc import Sequence

from chat.frames.base import PAGE_BYTES, Frame


def fit(entries: Sequence[Frame]) -> int:
    """How many of ``entries``, from the first, fit into one frame; one at least, where there is one."""
    size = 0
    for count, entry in enumerate(entries):
        size += len(entry.model_dump_json().encode()) + 1
        if size > PAGE_BYTES and count:
            return count
    return len(entries)
