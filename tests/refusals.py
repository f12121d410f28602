"""What is refused without a statement: each is taken out of a running stack, and a scenario played that needs it."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Condition

from tests import scenarios
from tests.ground import Scenario
from tests.privilege import Lab, Name

AT_ONCE = 2
"""Statements that are out at the same time. With more, further instances of functions start for little waiting."""
TRIES = 3
"""How often a scenario is played until something is refused: another each time, where there are others."""
IN_ORDER = "FanoutFunction"
"""It reads streams: while it is refused something, all other changes wait behind those that it cannot announce."""
Trial = tuple[Name, list[Scenario]]
"""A statement, and the scenarios to play without it."""


def refused_without(lab: Lab, names: Iterable[Name]) -> set[Name]:
    """Those of the statements without which something is refused."""
    trials = Trials(lab, names)
    with ThreadPoolExecutor(AT_ONCE) as lanes:
        for lane in [lanes.submit(trials.work) for _ in range(AT_ONCE)]:
            lane.result()
    return trials.refused


class Trials:
    """What is yet to be tried, and what is being tried. Two statements are out at once only where the scenario of
    neither needs the other.
    """

    def __init__(self, lab: Lab, names: Iterable[Name]) -> None:
        needing = {name: lab.needing(name) for name in names}
        self.refused: set[Name] = set()
        self._lab = lab
        self._needs = {each: {name for name, found in needing.items() if each in found} for each in scenarios.ALL}
        self._left: list[Trial] = [(name, (found * TRIES)[:TRIES]) for name, found in needing.items() if found]
        self._active: dict[Name, Scenario] = {}
        self._changed = Condition()

    def work(self) -> None:
        """Try one after the other until none is left."""
        while trial := self._next():
            name, (scenario, *others) = trial
            refused = False
            try:
                refused = self._lab.is_refused_without(name, scenario)
            finally:
                with self._changed:
                    del self._active[name]
                    if refused:
                        self.refused.add(name)
                    elif others:
                        self._left.append((name, others))
                    self._changed.notify_all()

    def _next(self) -> Trial | None:
        with self._changed:
            while self._left or self._active:
                for trial in self._left:
                    if self._fits(trial[0], trial[1][0]):
                        self._left.remove(trial)
                        self._active[trial[0]] = trial[1][0]
                        return trial
                self._changed.wait()
        return None

    def _fits(self, name: Name, scenario: Scenario) -> bool:
        """Whether a statement may be out while those of the active trials are."""
        both = [(name, scenario), *self._active.items()]
        if self._active and any(role == IN_ORDER or played in scenarios.ALONE for (role, _), played in both):
            return False
        return all(
            name not in self._needs[played] and other not in self._needs[scenario]
            for other, played in self._active.items()
        )
