from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import aliases
from chat.addresses import Address
from chat.entries import MAX_MEMBERS
from chat.errors import AliasCycle, DirectoryError

NAMES = [Address(f"alias{number}", "company.example") for number in range(6)]
USERS = [Address(f"user{number}", "company.example") for number in range(5)]
graphs = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES + USERS), max_size=4).map(tuple), max_size=6
)
Graph = dict[Address, tuple[Address, ...]]


def closure(graph: Graph, start: Address) -> set[Address]:
    """Everything that can be come to from ``start`` in one step or more."""
    found: set[Address] = set()
    ahead = list(graph[start])
    while ahead:
        each = ahead.pop()
        if each not in found:
            found.add(each)
            ahead += graph.get(each, ())
    return found


@given(graphs)
def test_an_alias_reaches_all_users_it_leads_to_and_cycles_are_refused(graph: Graph) -> None:
    closures = {name: closure(graph, name) for name in graph}
    if any(name in found for name, found in closures.items()):
        with pytest.raises(AliasCycle):
            aliases.reach(graph)
    else:
        expected = {name: {each.local for each in found if each not in graph} for name, found in closures.items()}
        assert aliases.reach(graph) == expected


def test_the_way_round_a_cycle_is_shown() -> None:
    first, second, *_ = NAMES
    with pytest.raises(AliasCycle, match=f"{first} → {second} → {first}"):
        aliases.reach({first: (second,), second: (first,)})


def test_an_alias_within_itself_is_a_cycle() -> None:
    with pytest.raises(AliasCycle):
        aliases.reach({NAMES[0]: (NAMES[0],)})


def test_an_alias_may_reach_a_thousand_users() -> None:
    users = tuple(Address(f"u{number}", "company.example") for number in range(MAX_MEMBERS))
    assert len(aliases.reach({NAMES[0]: users})[NAMES[0]]) == MAX_MEMBERS


def test_an_alias_that_reaches_more_is_refused() -> None:
    users = tuple(Address(f"u{number}", "company.example") for number in range(MAX_MEMBERS + 1))
    with pytest.raises(DirectoryError, match="reaches 1001 users, allowed are 1000"):
        aliases.reach({NAMES[0]: users[:600], NAMES[1]: (NAMES[0], *users[600:])})


@given(st.lists(st.sampled_from([*USERS, Address("user0", "elsewhere.example"), Address("x", "elsewhere.example")])))
def test_members_are_kept_once_in_order_and_outsiders_told_apart(members: list[Address]) -> None:
    inside, outside = aliases.of_domain("company.example", members)
    assert set(inside) | set(outside) == set(members)
    assert len(inside) + len(outside) == len(set(members))
    assert {each.domain for each in inside} <= {"company.example"}
    assert [*inside] == sorted(inside, key=members.index)
