from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chat import credentials, directory
from chat.entries import Profile
from chatctl import user_import
from tests.unit.chatctl_stage import PASSWORD, Chatctl, lines

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HEADER = "address,name,title,department,phones,photo,password\n"
STAFF = (
    HEADER
    + f"alice@@,Alice Archer,Head of Sales,Sales,+1 555 0100; +1 555 0101,https://example.com/a.jpg,{PASSWORD}\n"
    + "bob@@,Bob Baker,,,,,\n"
)


@pytest.fixture
def chatctl(dynamodb: DynamoDBClient, tmp_path: Path) -> Chatctl:
    return Chatctl.on_new_domain(dynamodb, tmp_path)


def test_users_come_with_all_their_details(chatctl: Chatctl) -> None:
    result = chatctl.imported("users", STAFF)
    assert result.stdout == "2 added, 0 changed, 0 unchanged, 0 bad\n"
    alice, bob = chatctl.user("alice"), chatctl.user("bob")
    assert alice
    assert bob
    assert alice.profile == Profile(
        "Alice Archer", "Head of Sales", "Sales", ("+1 555 0100", "+1 555 0101"), "https://example.com/a.jpg"
    )
    assert bob.profile == Profile("Bob Baker")


def test_who_has_a_password_can_log_in(chatctl: Chatctl) -> None:
    chatctl.imported("users", STAFF)
    table = chatctl.tables.directory
    assert credentials.matches(PASSWORD, table.credential(chatctl.address("alice")))
    assert table.credential(chatctl.address("bob")) is None


def test_the_same_file_again_writes_nothing(chatctl: Chatctl) -> None:
    chatctl.imported("users", STAFF)
    version = chatctl.version()
    assert chatctl.imported("users", STAFF).stdout == "0 added, 0 changed, 2 unchanged, 0 bad\n"
    assert chatctl.version() == version


def test_only_what_changed_is_written(chatctl: Chatctl) -> None:
    chatctl.imported("users", STAFF)
    result = chatctl.imported("users", STAFF.replace("Bob Baker,", "Bob Baker,Clerk"))
    assert result.stdout == "0 added, 1 changed, 1 unchanged, 0 bad\n"
    bob = chatctl.user("bob")
    assert bob
    assert bob.profile.title == "Clerk"


def test_a_password_in_the_file_is_not_given_to_who_is_there(chatctl: Chatctl) -> None:
    chatctl.imported("users", STAFF)
    chatctl.imported("users", STAFF.replace(PASSWORD, "another one").replace("Alice Archer", "Alice Abel"))
    assert credentials.matches(PASSWORD, chatctl.tables.directory.credential(chatctl.address("alice")))


def test_what_there_is_no_column_for_stays(chatctl: Chatctl) -> None:
    chatctl.imported("users", STAFF)
    chatctl.imported("users", "name,address\nAlice Abel,alice@@\n")
    alice = chatctl.user("alice")
    assert alice
    assert (alice.profile.name, alice.profile.title, len(alice.profile.phones)) == ("Alice Abel", "Head of Sales", 2)


def test_a_disabled_user_stays_disabled(chatctl: Chatctl) -> None:
    chatctl.imported("users", STAFF)
    chatctl.done("user", "disable", "alice@@")
    chatctl.imported("users", STAFF.replace("Archer", "Abel"))
    alice = chatctl.user("alice")
    assert alice
    assert alice.disabled


def test_a_removed_user_is_new(chatctl: Chatctl) -> None:
    chatctl.imported("users", STAFF)
    chatctl.done("user", "remove", "bob@@", "--yes")
    assert chatctl.imported("users", STAFF).stdout.startswith("1 added, 0 changed, 1 unchanged")


def test_bad_lines_are_told_by_number_and_the_good_ones_kept(chatctl: Chatctl) -> None:
    chatctl.imported("users", STAFF)
    chatctl.done("alias", "set", "team@@", "--name", "Team", "--member", "alice@@")
    result = chatctl.imported(
        "users",
        HEADER
        + "carol@@,Carol Cooper,,,,,\n"
        + "dave@elsewhere.example,Dave,,,,,\n"
        + "team@@,Team,,,,,\n"
        + "no address,Nobody,,,,,\n"
        + "CAROL@@,Carol again,,,,,\n"
        + "erin@@,,,,,,\n"
        + "frank@@,Frank,,,1;2;3;4;5;6,,\n"
        + "grace@@,Grace,,,,http://example.com/g.jpg,\n"
        + "heidi@@,Heidi,,,,,short\n"
        + "ivan@@,Ivan,,,,,eight\u0007bells\n"
        + "judy@@,Judy\n"
        + "karl@@,Karl Keller,,,,,\n",
        exit_code=1,
    )
    domain = chatctl.domain
    assert lines(result) == [
        f"line 3: not used: dave@elsewhere.example is not of {domain}",
        f"line 4: not used: team@{domain} is an alias",
        "line 5: not used: 'no address' is not an address: it has no @",
        f"line 6: not used: carol@{domain} stands in line 2 already",
        "line 7: not used: name is empty",
        "line 8: not used: phones has 6 entries, allowed are 5",
        "line 9: not used: photo is not an https address",
        "line 10: not used: password has 5 characters, allowed are 8 to 256",
        "line 11: not used: password has characters that SASLprep (RFC 4013) forbids",
        "line 12: not used: has 2 fields, the header has 7",
    ]
    assert result.stdout == "2 added, 0 changed, 0 unchanged, 10 bad\n"
    assert chatctl.user("carol")
    assert chatctl.user("karl")
    assert chatctl.user("ivan") is None


def test_many_users_take_few_transactions(chatctl: Chatctl) -> None:
    number = 2 * user_import.ADDED_TOGETHER + 1
    before = chatctl.version() or 0
    people = "".join(f"user{each}@@,User {each}\n" for each in range(number))
    assert chatctl.imported("users", f"address,name\n{people}").stdout.startswith(f"{number} added")
    assert (chatctl.version() or 0) - before == 3
    assert chatctl.imported("users", f"address,name\n{people.replace('User', 'Ms')}").stdout.startswith(
        f"0 added, {number} changed"
    )
    assert sum(1 for _ in directory.users(chatctl.tables, chatctl.domain)) == number


def test_who_is_added_by_somebody_else_meanwhile_spoils_no_other_line(chatctl: Chatctl) -> None:
    chatctl.imported("users", STAFF)
    find_users = directory.users
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(directory, "users", lambda *_: iter(()))  # as it was before somebody else came
        result = chatctl.imported("users", f"{STAFF}carol@@,Carol,,,,,\n", exit_code=1)
    assert [line.split(": ")[0] for line in lines(result)] == ["line 2", "line 3"]
    assert result.stdout == "1 added, 0 changed, 0 unchanged, 2 bad\n"
    assert len(list(find_users(chatctl.tables, chatctl.domain))) == 3


def test_a_domain_has_to_be_created_first(chatctl: Chatctl) -> None:
    file = chatctl.folder / "users.csv"
    file.write_text(STAFF)
    said = chatctl.refused("import", "users", str(file), "--domain", "nowhere.example")
    assert said.startswith("The domain nowhere.example has not been created")


def test_a_file_that_is_not_there_is_said_in_one_sentence(chatctl: Chatctl) -> None:
    said = chatctl.refused("import", "users", str(chatctl.folder / "nothing.csv"), "--domain", chatctl.domain)
    assert said.endswith("nothing.csv: No such file or directory")
