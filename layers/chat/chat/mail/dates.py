"""When a message was sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

from chat.mail.headers import Fields

_EARLIEST = 347_155_200_000
"""1981, in ms: there was no mail by RFC 822 before, but there are computers whose clock begins in 1970 or 1980."""
_DAY = 86_400_000
_MAX_HOPS = 100


def sent(fields: Fields, received: int) -> int:
    """When a message was sent, in ms since the epoch: what its Date says, unless that cannot be.

    Then it is when the first server took it, by the oldest Received field, and without one ``received``, when it came
    to us. So a message has the same time whichever way it comes. Clocks may be wrong by a day.
    """
    latest = received + _DAY
    hops = (parse(value.rpartition(";")[2]) for value in reversed(fields.all("received")[-_MAX_HOPS:]))
    came = next((hop for hop in hops if hop is not None and hop <= latest), received)
    date = parse(fields.first("date"))
    return came if date is None or date > came + _DAY else date


def parse(text: str) -> int | None:
    """The time that a date of RFC 5322 §3.3 names, or one that is nearly so, in ms since the epoch."""
    try:
        parsed = parsedate_tz(text[:200])
        if parsed is None:
            moment = datetime.fromisoformat(text[:200].strip())
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        else:
            moment = datetime(*parsed[:6], tzinfo=UTC) - timedelta(seconds=parsed[9] or 0)
        time = int(moment.timestamp() * 1000)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return time if time >= _EARLIEST else None
