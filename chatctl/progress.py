"""A progress bar for work that takes a while, where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Advance = Callable[[int], None]
"""Called with the number of lines that were done."""


@contextmanager
def progress(what: str, total: int) -> Iterator[Advance]:
    """Show how much of ``total`` is done, on stderr and only if that is a terminal."""
    if not sys.stderr.isatty() or not total:
        yield lambda _count: None
        return
    from rich.console import Console  # 60 ms that only a terminal pays
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)
