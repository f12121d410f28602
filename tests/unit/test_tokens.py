from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.addresses import Address
from chat.errors import SessionExpired, SessionForged, TicketExpired, TicketForged
from chat.tokens import MAX_TOKEN, SESSION_LIFETIME, TICKET_LIFETIME, Session, Signer
from tests.unit.world import NOW

ALICE = Address("alice", "company.example")
SIGNER = Signer(["key"])


def test_a_session_token_says_who_logged_in_and_when() -> None:
    assert SIGNER.read_session(SIGNER.session(ALICE, NOW), NOW + 1) == Session(ALICE, NOW)


def test_a_ticket_says_whose_it_is() -> None:
    ticket = SIGNER.read_ticket(SIGNER.ticket(ALICE, NOW), NOW)
    assert (ticket.address, ticket.node, ticket.at) == (ALICE, None, NOW)


def test_a_node_ticket_says_which_node() -> None:
    ticket = SIGNER.read_ticket(SIGNER.node_ticket("bridge-1", NOW), NOW)
    assert (ticket.address, ticket.node) == (None, "bridge-1")


def test_no_two_tickets_are_the_same() -> None:
    assert len({SIGNER.read_ticket(SIGNER.ticket(ALICE, NOW), NOW).id for _ in range(50)}) == 50


def test_a_session_lasts_a_working_day() -> None:
    assert SIGNER.read_session(SIGNER.session(ALICE, NOW), NOW + SESSION_LIFETIME).address == ALICE


@pytest.mark.parametrize("age", [SESSION_LIFETIME + 1, -TICKET_LIFETIME - 1])
def test_an_older_session_or_one_of_the_future_is_over(age: int) -> None:
    with pytest.raises(SessionExpired):
        SIGNER.read_session(SIGNER.session(ALICE, NOW), NOW + age)


@pytest.mark.parametrize("age", [TICKET_LIFETIME, -TICKET_LIFETIME])
def test_a_ticket_lasts_a_minute(age: int) -> None:
    assert SIGNER.read_ticket(SIGNER.ticket(ALICE, NOW), NOW + age).address == ALICE


@pytest.mark.parametrize("age", [TICKET_LIFETIME + 1, -TICKET_LIFETIME - 1])
def test_an_older_ticket_or_one_of_the_future_is_expired(age: int) -> None:
    with pytest.raises(TicketExpired):
        SIGNER.read_ticket(SIGNER.ticket(ALICE, NOW), NOW + age)


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{43}", fullmatch=True))
def test_any_other_text_is_forged(text: str) -> None:
    with pytest.raises(SessionForged):
        SIGNER.read_session(text, NOW)
    with pytest.raises(TicketForged):
        SIGNER.read_ticket(text, NOW)


@given(st.data())
def test_a_token_with_any_character_changed_is_forged(data: st.DataObject) -> None:
    token = SIGNER.session(ALICE, NOW)
    place = data.draw(st.integers(0, len(token) - 2))  # the last character has bits that base64 ignores
    other = data.draw(st.sampled_from("AZaz09-_.").filter(lambda character: character != token[place]))
    with pytest.raises(SessionForged):
        SIGNER.read_session(token[:place] + other + token[place + 1 :], NOW)


def test_text_longer_than_a_token_is_not_looked_at() -> None:
    with pytest.raises(SessionForged):
        SIGNER.read_session("x" * (MAX_TOKEN + 1), NOW)


def test_a_session_token_is_no_ticket() -> None:
    with pytest.raises(TicketForged):
        SIGNER.read_ticket(SIGNER.session(ALICE, NOW), NOW)


def test_a_ticket_is_no_session_token() -> None:
    with pytest.raises(SessionForged):
        SIGNER.read_session(SIGNER.ticket(ALICE, NOW), NOW)


def test_a_token_of_another_key_is_forged() -> None:
    with pytest.raises(SessionForged):
        SIGNER.read_session(Signer(["other"]).session(ALICE, NOW), NOW)


def test_after_a_rotation_tokens_of_the_older_key_are_accepted() -> None:
    assert Signer(["key", "newest"]).read_session(SIGNER.session(ALICE, NOW), NOW).address == ALICE


def test_after_a_rotation_the_newest_key_signs() -> None:
    assert Signer(["newest"]).read_session(Signer(["key", "newest"]).session(ALICE, NOW), NOW).address == ALICE


def test_after_two_rotations_the_oldest_key_is_no_longer_accepted() -> None:
    with pytest.raises(SessionForged):
        Signer(["newer", "newest"]).read_session(SIGNER.session(ALICE, NOW), NOW)
