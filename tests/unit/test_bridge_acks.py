"""The counters of stream management (XEP-0198)."""

from __future__ import annotations

import pytest

from bridge import acks
from bridge.acks import ASK_EVERY, MAX_UNACKED, MAX_UNACKED_BYTES, Acks, Sent, TooHigh, TooMany
from bridge.features import count_of

LAST = (1 << 32) - 1


def sending(*texts: str) -> Acks:
    made = Acks()
    for text in texts:
        made.send(Sent(text))
    return made


def near_the_end(monkeypatch: pytest.MonkeyPatch) -> Acks:
    """A session whose counters wrap around with the next stanza but one."""
    monkeypatch.setattr(acks, "_MODULUS", 4)
    made = sending("1", "2", "3")
    made.acknowledge(3)
    for _ in range(3):
        made.handle()
    return made


def test_what_is_not_acknowledged_waits() -> None:
    made = sending("a", "b", "c")
    assert [each.text for each in made.acknowledge(2)] == ["a", "b"]
    assert [each.text for each in made.unacknowledged()] == ["c"]


def test_the_same_acknowledgement_again_is_no_news() -> None:
    made = sending("a", "b")
    made.acknowledge(1)
    assert made.acknowledge(1) == []


@pytest.mark.parametrize("count", [3, 1000, LAST])
def test_more_than_was_sent_cannot_be_acknowledged(count: int) -> None:
    made = sending("a", "b")
    with pytest.raises(TooHigh):
        made.acknowledge(count)
    assert len(list(made.unacknowledged())) == 2


def test_an_acknowledgement_cannot_be_taken_back() -> None:
    made = sending("a", "b")
    made.acknowledge(2)
    with pytest.raises(TooHigh):
        made.acknowledge(1)


def test_counters_wrap_around(monkeypatch: pytest.MonkeyPatch) -> None:
    made = near_the_end(monkeypatch)
    made.send(Sent("4"))
    made.send(Sent("5"))
    assert made.sent == 1
    assert [each.text for each in made.acknowledge(0)] == ["4"]
    assert [each.text for each in made.acknowledge(1)] == ["5"]
    made.handle()
    assert made.handled == 0


def test_they_wrap_where_the_standard_says() -> None:
    assert acks._MODULUS == 2**32


def test_so_many_stanzas_wait_at_most() -> None:
    made = sending(*["x"] * MAX_UNACKED)
    with pytest.raises(TooMany):
        made.send(Sent("x"))


def test_so_many_characters_wait_at_most() -> None:
    made = sending("x" * (MAX_UNACKED_BYTES + 1))
    with pytest.raises(TooMany):
        made.send(Sent("x"))


def test_what_was_acknowledged_makes_room() -> None:
    made = sending("x" * (MAX_UNACKED_BYTES + 1))
    made.acknowledge(1)
    made.send(Sent("x"))
    assert made.sent == 2


def test_the_client_is_asked_now_and_then_and_for_each_message() -> None:
    made = Acks()
    asked = [made.send(Sent("presence")) for _ in range(ASK_EVERY)]
    assert asked == [False] * (ASK_EVERY - 1) + [True]
    made.asked()
    assert made.send(Sent("message", archived="id"))


@pytest.mark.parametrize("text", [None, "", "-1", "1.0", " 1", "²", "1" * 11, "0x1"])
def test_a_counter_is_a_number(text: str | None) -> None:
    assert count_of(text) is None


@pytest.mark.parametrize("count", [0, 7, LAST])
def test_a_counter_has_32_bits(count: int) -> None:
    assert count_of(str(count)) == count
