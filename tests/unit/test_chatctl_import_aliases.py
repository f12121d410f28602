from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import aliases as graph
from chat.addresses import Address
from chat.entries import Alias
from chatctl.alias_import import Wanted, members_first
from chatctl.report import Report
from tests.unit.chatctl_stage import Chatctl, lines

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HEADER = "address,name,members\n"


@pytest.fixture
def chatctl(dynamodb: DynamoDBClient, tmp_path: Path) -> Chatctl:
    made = Chatctl.on_new_domain(dynamodb, tmp_path)
    made.imported("users", "address,name\nalice@@,Alice\nbob@@,Bob\ncarol@@,Carol\n")
    return made


def reach(chatctl: Chatctl, local: str) -> set[str]:
    alias = chatctl.alias(local)
    return set(alias.reach) if alias else set()


def test_members_are_separated_by_semicolons_or_spaces(chatctl: Chatctl) -> None:
    result = chatctl.imported("aliases", f"{HEADER}one@@,One,alice@@;bob@@\ntwo@@,Two,bob@@  carol@@ ;\n")
    assert result.stdout == "2 added, 0 changed, 0 unchanged, 0 bad\n"
    assert reach(chatctl, "one") == {"alice", "bob"}
    assert reach(chatctl, "two") == {"bob", "carol"}


def test_an_alias_may_contain_one_that_stands_further_down(chatctl: Chatctl) -> None:
    result = chatctl.imported("aliases", f"{HEADER}all@@,All,inner@@;carol@@\ninner@@,Inner,alice@@;bob@@\n")
    assert result.stderr == ""
    assert reach(chatctl, "all") == {"alice", "bob", "carol"}


def test_the_same_file_again_writes_nothing(chatctl: Chatctl) -> None:
    file = f"{HEADER}all@@,All,inner@@\ninner@@,Inner,alice@@\n"
    chatctl.imported("aliases", file)
    version = chatctl.version()
    assert chatctl.imported("aliases", file).stdout == "0 added, 0 changed, 2 unchanged, 0 bad\n"
    assert chatctl.version() == version


def test_name_and_members_are_replaced(chatctl: Chatctl) -> None:
    chatctl.imported("aliases", f"{HEADER}team@@,Team,alice@@;bob@@\n")
    result = chatctl.imported("aliases", f"{HEADER}team@@,The Team,carol@@\n")
    assert result.stdout == "0 added, 1 changed, 0 unchanged, 0 bad\n"
    assert reach(chatctl, "team") == {"carol"}
    assert "The Team" in chatctl.done("alias", "list", chatctl.domain)


def test_a_cycle_is_told_with_the_line_that_closes_it_and_the_rest_kept(chatctl: Chatctl) -> None:
    result = chatctl.imported(
        "aliases",
        f"{HEADER}one@@,One,two@@;alice@@\ntwo@@,Two,three@@\nthree@@,Three,one@@;bob@@\nother@@,Other,carol@@\n",
        exit_code=1,
    )
    one, two, three = (str(chatctl.address(each)) for each in ("one", "two", "three"))
    assert f"line 4: not used: {three} would contain itself: {three} → {one} → {two} → {three}" in lines(result)
    assert result.stdout == "3 added, 0 changed, 0 unchanged, 1 bad\n"
    assert chatctl.alias("three") is None
    assert chatctl.alias("other")


def test_an_alias_that_contains_itself_is_a_cycle(chatctl: Chatctl) -> None:
    result = chatctl.imported("aliases", f"{HEADER}one@@,One,one@@\n", exit_code=1)
    one = chatctl.address("one")
    assert lines(result) == [f"line 2: not used: {one} would contain itself: {one} → {one}"]


def test_a_cycle_with_what_is_stored_is_told(chatctl: Chatctl) -> None:
    chatctl.imported("aliases", f"{HEADER}outer@@,Outer,inner@@\ninner@@,Inner,alice@@\n")
    result = chatctl.imported("aliases", f"{HEADER}inner@@,Inner,outer@@\n", exit_code=1)
    assert "line 2: not used" in lines(result)[0]
    assert reach(chatctl, "outer") == {"alice"}


def test_a_file_may_turn_round_who_contains_whom(chatctl: Chatctl) -> None:
    chatctl.imported("aliases", f"{HEADER}one@@,One,two@@\ntwo@@,Two,alice@@\n")
    result = chatctl.imported("aliases", f"{HEADER}two@@,Two,one@@\none@@,One,bob@@\n")
    assert result.stdout == "0 added, 2 changed, 0 unchanged, 0 bad\n"
    assert reach(chatctl, "two") == {"bob"}


def test_bad_lines_are_told_by_number_and_the_good_ones_kept(chatctl: Chatctl) -> None:
    result = chatctl.imported(
        "aliases",
        HEADER
        + "team@@,Team,alice@@\n"
        + "alice@@,Alice,bob@@\n"
        + "team@elsewhere.example,Team,bob@@\n"
        + "TEAM@@,Team again,bob@@\n"
        + "empty@@,Empty,\n"
        + "far@@,Far,olivia@elsewhere.example\n"
        + "odd@@,Odd,alice@@;bob\n"
        + "nameless@@,,bob@@\n"
        + "sales@@,Sales,bob@@\n",
        exit_code=1,
    )
    domain = chatctl.domain
    assert lines(result) == [
        f"line 3: not used: alice@{domain} is a user",
        f"line 4: not used: team@elsewhere.example is not of {domain}",
        f"line 5: not used: team@{domain} stands in line 2 already",
        f"line 6: not used: empty@{domain} has no member in {domain}",
        f"line 7: not used: far@{domain} has no member in {domain}",
        "line 8: not used: 'bob' is not an address: it has no @",
        "line 9: not used: name is empty",
    ]
    assert result.stdout == "2 added, 0 changed, 0 unchanged, 7 bad\n"


def test_what_is_odd_is_told_and_the_line_used(chatctl: Chatctl) -> None:
    result = chatctl.imported("aliases", f"{HEADER}team@@,Team,alice@@;ghost@@;olivia@elsewhere.example\n")
    assert lines(result) == [
        f"line 2: ignored, because outside {chatctl.domain}: olivia@elsewhere.example",
        f"line 2: neither user nor alias, so nobody is reached there: ghost@{chatctl.domain}",
    ]
    assert result.stdout.startswith("1 added")


def test_a_new_user_is_reached_by_the_aliases_that_wait_for_it(chatctl: Chatctl) -> None:
    chatctl.imported("aliases", f"{HEADER}team@@,Team,dave@@\n")
    chatctl.imported("users", "address,name\ndave@@,Dave\n")
    dave = chatctl.user("dave")
    assert dave
    assert dave.aliases == {"team"}


NAMES = [Address(local, "example.com") for local in "abcdef"]
DIRECT = st.lists(st.sampled_from(NAMES), max_size=4, unique=True).map(tuple)
GRAPHS = st.dictionaries(st.sampled_from(NAMES), DIRECT)
WITHOUT_CYCLE = GRAPHS.map(
    lambda members: {alias: tuple(each for each in direct if each > alias) for alias, direct in members.items()}
)


@given(stored=WITHOUT_CYCLE, file=GRAPHS)
def test_whatever_a_file_says_no_step_of_its_import_makes_a_cycle(
    stored: dict[Address, tuple[Address, ...]], file: dict[Address, tuple[Address, ...]]
) -> None:
    wanted = {
        address: Wanted(line, address, "Name", direct) for line, (address, direct) in enumerate(file.items(), start=2)
    }
    report = Report()
    aliases = {address: Alias(address, "Name", direct) for address, direct in stored.items()}
    order = members_first(aliases, dict(wanted), report)
    assert sorted([each.line for each in order] + [bad.number for bad in report.bad]) == list(range(2, 2 + len(file)))
    state = dict(stored)
    for each in order:
        state[each.address] = each.members
        graph.reach(state)
