from __future__ import annotations

import pytest

from chat import credentials, directory, sessions
from chat.addresses import Address
from chat.directory import NewUser
from chat.entries import Profile
from chat.errors import (
    SessionExpired,
    SessionForged,
    TicketExpired,
    TicketForged,
    TicketUsed,
    TooManyAttempts,
    WrongCredentials,
)
from chat.tables.directory import Credential
from chat.tokens import Signer
from tests.unit.world import HOUR, NOW, PASSWORD, SECOND, World

SIGNER = Signer(["key"])


@pytest.fixture
def alice(world: World, credential: Credential) -> Address:
    address = world.address("alice")
    directory.add_users(world.tables, world.domain, [NewUser(address, Profile("Alice"), credential)], NOW)
    return address


def ip(world: World) -> str:
    """An IP address of the test alone."""
    return f"192.0.2.{world.domain}"


def log_in(world: World, address: Address, password: str = PASSWORD, now: int = NOW) -> str:
    return sessions.log_in(world.tables, SIGNER, address, password, ip(world), now)


def fail(world: World, address: Address, times: int, now: int = NOW) -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            log_in(world, address, "wrong", now)


def test_the_right_password_gives_a_session(world: World, alice: Address) -> None:
    assert SIGNER.read_session(log_in(world, alice), NOW).address == alice


@pytest.mark.parametrize("password", ["wrong", "", PASSWORD.upper()])
def test_a_wrong_password_gives_none(world: World, alice: Address, password: str) -> None:
    with pytest.raises(WrongCredentials):
        log_in(world, alice, password)


def test_nobody_unknown_a_wrong_password_and_a_disabled_user_get_the_same_answer(world: World, alice: Address) -> None:
    answers = []
    for address, password in ((alice, "wrong"), (world.address("nobody"), PASSWORD)):
        with pytest.raises(WrongCredentials) as refused:
            log_in(world, address, password)
        answers.append(refused.value.message)
    directory.disable_user(world.tables, alice, True, NOW)
    with pytest.raises(WrongCredentials) as refused:
        log_in(world, alice)
    assert {*answers, refused.value.message} == {"wrong address or password"}


def test_a_user_without_a_password_cannot_log_in(world: World) -> None:
    world.add("bob")
    with pytest.raises(WrongCredentials):
        log_in(world, world.address("bob"), "")


def test_a_removed_user_cannot_log_in(world: World, alice: Address) -> None:
    directory.remove_user(world.tables, alice, NOW)
    with pytest.raises(WrongCredentials):
        log_in(world, alice)


def test_after_wrong_passwords_even_the_right_one_has_to_wait(world: World, alice: Address) -> None:
    fail(world, alice, sessions.FREE_PER_ADDRESS + 1)
    with pytest.raises(TooManyAttempts) as refused:
        log_in(world, alice)
    assert refused.value.details == {"retry_after": 1}


def test_after_the_wait_the_right_password_is_let_in(world: World, alice: Address) -> None:
    fail(world, alice, sessions.FREE_PER_ADDRESS + 1)
    assert log_in(world, alice, now=NOW + SECOND)


def test_the_right_password_makes_the_wrong_ones_forgotten(world: World, alice: Address) -> None:
    fail(world, alice, sessions.FREE_PER_ADDRESS)
    log_in(world, alice)
    fail(world, alice, sessions.FREE_PER_ADDRESS)
    assert log_in(world, alice)


def test_an_administrator_can_end_the_wait(world: World, alice: Address) -> None:
    fail(world, alice, sessions.FREE_PER_ADDRESS + 1)
    world.tables.connections.forget_attempts(str(alice))
    assert log_in(world, alice)


def test_guessing_many_addresses_from_one_ip_is_slowed(world: World) -> None:
    for number in range(sessions.FREE_PER_IP + 1):
        fail(world, world.address(f"nobody{number}"), 1)
    with pytest.raises(TooManyAttempts):
        log_in(world, world.address("nobody"))


def test_colleagues_behind_one_ip_who_log_in_right_are_not_slowed(world: World, alice: Address) -> None:
    for number in range(sessions.FREE_PER_IP):
        fail(world, world.address(f"nobody{number}"), 1)
    for _ in range(3):
        assert log_in(world, alice)


def test_an_ip_that_has_to_wait_cannot_make_an_address_wait(world: World, alice: Address) -> None:
    for number in range(sessions.FREE_PER_IP + 1):
        fail(world, world.address(f"nobody{number}"), 1)
    for _ in range(sessions.FREE_PER_ADDRESS + 2):
        with pytest.raises(TooManyAttempts):
            log_in(world, alice, "wrong")
    assert sessions.log_in(world.tables, SIGNER, alice, PASSWORD, "198.51.100.1", NOW)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2001:db8:0:7::1", "2001:DB8:0:7:ffff::2", True),
        ("2001:db8:0:7::1", "2001:db8:0:8::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("unknown", "else", False),
    ],
)
def test_ipv6_addresses_of_one_network_are_one_origin(
    world: World, monkeypatch: pytest.MonkeyPatch, one: str, other: str, together: bool
) -> None:
    monkeypatch.setattr(sessions, "FREE_PER_IP", 0)
    with pytest.raises(WrongCredentials):
        sessions.check_password(world.tables, world.address("nobody"), "wrong", one, NOW)
    with pytest.raises(TooManyAttempts if together else WrongCredentials):
        sessions.check_password(world.tables, world.address("somebody"), "wrong", other, NOW)


def test_a_right_password_takes_back_what_was_counted_for_its_network(
    world: World, alice: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "FREE_PER_IP", 0)
    for _ in range(2):
        assert sessions.log_in(world.tables, SIGNER, alice, PASSWORD, "2001:db8::1", NOW)


def test_a_session_gives_a_ticket(world: World, alice: Address) -> None:
    ticket = sessions.issue_ticket(world.tables, SIGNER, log_in(world, alice), NOW)
    assert sessions.use_ticket(world.tables, SIGNER, ticket, NOW).address == alice


def test_a_forged_session_gives_no_ticket(world: World, alice: Address) -> None:
    with pytest.raises(SessionForged):
        sessions.issue_ticket(world.tables, SIGNER, Signer(["other"]).session(alice, NOW), NOW)


def test_an_old_session_gives_no_ticket(world: World, alice: Address) -> None:
    with pytest.raises(SessionExpired):
        sessions.issue_ticket(world.tables, SIGNER, log_in(world, alice), NOW + 13 * HOUR)


def test_a_new_password_ends_the_sessions_of_the_old(world: World, alice: Address) -> None:
    token = log_in(world, alice)
    directory.set_password(world.tables, alice, credentials.derive("another horse", NOW + 1, 4096))
    with pytest.raises(SessionExpired):
        sessions.issue_ticket(world.tables, SIGNER, token, NOW + SECOND)


def test_disabling_a_user_ends_the_sessions(world: World, alice: Address) -> None:
    token = log_in(world, alice)
    directory.disable_user(world.tables, alice, True, NOW)
    with pytest.raises(SessionExpired):
        sessions.issue_ticket(world.tables, SIGNER, token, NOW)


def test_removing_a_user_ends_the_sessions(world: World, alice: Address) -> None:
    token = log_in(world, alice)
    directory.remove_user(world.tables, alice, NOW)
    with pytest.raises(SessionExpired):
        sessions.issue_ticket(world.tables, SIGNER, token, NOW)


def test_a_session_does_not_outlive_its_owner_when_the_address_is_given_to_somebody_new(
    world: World, alice: Address
) -> None:
    token = log_in(world, alice)
    directory.remove_user(world.tables, alice, NOW)
    world.add("alice", now=NOW + HOUR)
    with pytest.raises(SessionExpired):
        sessions.issue_ticket(world.tables, SIGNER, token, NOW + HOUR)


def test_a_user_without_a_password_may_have_a_session(world: World) -> None:
    world.add("bob")
    token = SIGNER.session(world.address("bob"), NOW)
    assert sessions.issue_ticket(world.tables, SIGNER, token, NOW)


def test_a_ticket_is_used_once(world: World, alice: Address) -> None:
    ticket = SIGNER.ticket(alice, NOW)
    sessions.use_ticket(world.tables, SIGNER, ticket, NOW)
    with pytest.raises(TicketUsed):
        sessions.use_ticket(world.tables, SIGNER, ticket, NOW)


def test_a_used_ticket_is_remembered_for_longer_than_it_lasts(world: World, alice: Address) -> None:
    world.client.calls.clear()
    sessions.use_ticket(world.tables, SIGNER, SIGNER.ticket(alice, NOW + 60 * SECOND), NOW)
    [(_, request)] = world.client.calls
    assert int(request["Item"]["expires_at"]["N"]) > (NOW + 120 * SECOND) // SECOND


def test_an_old_ticket_opens_nothing(world: World, alice: Address) -> None:
    with pytest.raises(TicketExpired):
        sessions.use_ticket(world.tables, SIGNER, SIGNER.ticket(alice, NOW), NOW + 61 * SECOND)


def test_a_forged_ticket_opens_nothing(world: World, alice: Address) -> None:
    with pytest.raises(TicketForged):
        sessions.use_ticket(world.tables, SIGNER, Signer(["other"]).ticket(alice, NOW), NOW)


# ---- what SCRAM needs: the parts of a password's check ----


def test_the_verifiers_of_a_user_are_those_of_its_password(
    world: World, alice: Address, credential: Credential
) -> None:
    assert sessions.verifiers(world.tables, alice) == credential


@pytest.mark.parametrize("who", ["unknown", "disabled", "removed"])
def test_who_cannot_log_in_has_no_verifiers(world: World, alice: Address, who: str) -> None:
    if who == "disabled":
        directory.disable_user(world.tables, alice, True, NOW)
    if who == "removed":
        directory.remove_user(world.tables, alice, NOW)
    asked = world.address("nobody") if who == "unknown" else alice
    assert sessions.verifiers(world.tables, asked) is None


def test_tries_that_did_not_succeed_are_slowed_down_whoever_makes_them(world: World, alice: Address) -> None:
    for _ in range(sessions.FREE_PER_ADDRESS):
        sessions.count_try(world.tables, alice, ip(world), NOW)
    sessions.count_try(world.tables, alice, ip(world), NOW)  # let through, and begins the wait
    with pytest.raises(TooManyAttempts):
        sessions.count_try(world.tables, alice, ip(world), NOW)
    with pytest.raises(TooManyAttempts):
        log_in(world, alice)


def test_a_try_that_succeeded_is_forgotten_for_the_address_and_taken_back_from_the_network(
    world: World, alice: Address
) -> None:
    for _ in range(2 * sessions.FREE_PER_IP):
        sessions.count_try(world.tables, alice, ip(world), NOW)
        sessions.succeeded(world.tables, alice, ip(world))
    assert log_in(world, alice)
