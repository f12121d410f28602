"""The rows of the Connections table about log-ins: used tickets, and tries that count against an address or a network.

| pattern           | operation  | key                              | cost         |
|-------------------|------------|----------------------------------|--------------|
| a ticket is used  | PutItem    | TICKET/<id>, TICKET              | 1 write unit |
| a log-in is tried | UpdateItem | ATTEMPT/<address or IP>, ATTEMPT | 1 write unit |
| it was right      | DeleteItem | ATTEMPT/<address or IP>, ATTEMPT | 1 write unit |
"""

from __future__ import annotations

from chat.store import ConditionFailed, Expression, Key, Store


class AttemptRows:
    """Reads and writes short-lived facts about log-ins."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self.name = name

    def use_ticket(self, ticket_id: str, expires: int) -> bool:
        """Note a ticket as used; whether this was the first time."""
        key = Key(self.name, f"TICKET/{ticket_id}", "TICKET")
        try:
            self._store.put(key, {"expires_at": expires}, condition=Expression("attribute_not_exists(pk)"))
        except ConditionFailed:
            return False
        return True

    def try_login(self, who: str, free: int, longest: int, now: int, window: int) -> int:
        """Count a try to log in; 0 if it may be made, else the seconds to wait.

        The first ``free`` tries within ``window`` seconds of the first that was not taken back are let through. After
        them, each one that is let through doubles the wait until the next, up to ``longest`` seconds. When the window
        and a wait are over, all is forgotten. Each step is conditional, so that any number of tries at once passes no
        more than the rule allows.
        """
        key = self._attempt_key(who)
        seconds = now // 1000
        kept = seconds + window + longest
        counted = Expression(
            "ADD tries :one SET window_until = if_not_exists(window_until, :end), expires_at = :kept",
            values={":one": 1, ":end": seconds + window, ":kept": kept},
        )
        fresh = Expression(
            "(attribute_not_exists(blocked_until) OR blocked_until <= :now)"
            " AND (attribute_not_exists(window_until) OR window_until > :now)",
            values={":now": seconds},
        )
        try:
            tries: int = self._store.update(key, counted, condition=fresh)["tries"]
        except ConditionFailed as failed:
            item = failed.item or {}
            wait = int(item.get("blocked_until", seconds)) - seconds
            if wait > 0 or item.get("window_until", seconds + 1) > seconds:
                return max(wait, 1)
            self._forget_window(key, seconds)
            return self.try_login(who, free, longest, now, window)
        if tries <= free:
            return 0
        wait = min(longest, 1 << min(tries - free - 1, 20))
        blocked = Expression(
            "SET blocked_until = :until, expires_at = :kept", values={":until": seconds + wait, ":kept": kept}
        )
        try:
            self._store.update(key, blocked, condition=fresh)
        except ConditionFailed as failed:
            return int((failed.item or {}).get("blocked_until", seconds + 1)) - seconds
        return 0

    def take_back(self, who: str) -> None:
        """Take back a try that was counted, and the wait it began; with the only one, its window too."""
        key = self._attempt_key(who)
        try:
            self._store.delete(key, condition=Expression("tries <= :one", values={":one": 1}))
        except ConditionFailed:
            self._take_back_one(key)

    def forget_attempts(self, who: str) -> None:
        """Let somebody try again at once."""
        self._store.delete(self._attempt_key(who))

    def _take_back_one(self, key: Key) -> None:
        less = Expression("ADD tries :less REMOVE blocked_until", values={":less": -1})
        try:
            self._store.update(key, less, condition=Expression("attribute_exists(tries)"))
        except ConditionFailed:
            return  # all tries have been forgotten meanwhile

    def _forget_window(self, key: Key, seconds: int) -> None:
        over = "window_until <= :now AND (attribute_not_exists(blocked_until) OR blocked_until <= :now)"
        try:
            self._store.delete(key, condition=Expression(over, values={":now": seconds}))
        except ConditionFailed:
            return  # another try was quicker

    def _attempt_key(self, who: str) -> Key:
        return Key(self.name, f"ATTEMPT/{who}", "ATTEMPT")
