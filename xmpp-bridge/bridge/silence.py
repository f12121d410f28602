"""Noticing a client that has vanished without a word: it is asked after a time of silence, and then given up.

TCP does not tell: a client whose network is gone sends nothing, and one that waits sends nothing either.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE = 0.25
"""For how much longer an answer is waited for, as a share of the silence before the question."""


class Silence:
    """Watches one connection. It costs one timer, and nothing for what is received."""

    __slots__ = ("_ask", "_asked", "_give_up", "_seconds", "_since", "_timer")

    def __init__(self, seconds: float, ask: Callable[[], None], give_up: Callable[[], None]) -> None:
        """``ask`` is called after ``seconds`` in which nothing came, and ``give_up`` if nothing comes after that."""
        self._seconds = seconds
        self._ask = ask
        self._give_up = give_up
        self._since: float | None = None
        self._asked = False
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Watch from now on."""
        if self._timer is None:
            self._look_after(self._seconds)

    def listen(self) -> None:
        """Something is waited for from now on."""
        self._since = asyncio.get_running_loop().time()

    def heard(self) -> None:
        """Something has come. Until ``listen`` the client is not silent: it is we who are busy with it."""
        self._since = None
        self._asked = False

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        silent = 0.0 if self._since is None else asyncio.get_running_loop().time() - self._since
        if self._asked:
            self._give_up()
        elif silent >= self._seconds:
            self._asked = True
            self._ask()
            self._look_after(self._seconds * PATIENCE)
        else:
            self._look_after(self._seconds - silent)

    def _look_after(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)
