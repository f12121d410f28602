from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chat import directory
from chat.directory import NewUser
from chat.entries import Profile
from chatctl.clock import now
from tests.unit.chatctl_stage import Chatctl
from tests.webmail import AUDIENCE, ISSUER, SHARED_KEY, claims, key_server, shared, signing_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NAMES = ("--issuer", ISSUER, "--audience", AUDIENCE)
URL = "https://webmail.example/keys.json"


@pytest.fixture
def chatctl(dynamodb: DynamoDBClient, tmp_path: Path) -> Chatctl:
    made = Chatctl.on_new_domain(dynamodb, tmp_path)
    directory.add_users(made.tables, made.domain, [NewUser(made.address("alice"), Profile("Alice"))], now())
    return made


def file(chatctl: Chatctl, content: bytes | str) -> str:
    """A file with this content."""
    path = chatctl.folder / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def set_key(chatctl: Chatctl, content: bytes = SHARED_KEY) -> str:
    return chatctl.done("domain", "sign-on", "set", chatctl.domain, *NAMES, "--key-file", file(chatctl, content))


def check(chatctl: Chatctl, token: str) -> str:
    """The sentence with which a token is refused."""
    return chatctl.refused("domain", "sign-on", "check", chatctl.domain, "--jwt-file", file(chatctl, token))


def stored(chatctl: Chatctl) -> bytes:
    settings = chatctl.tables.directory.sign_on(chatctl.domain)
    assert settings
    return settings.key


def test_a_shared_key_comes_from_a_file_and_is_never_shown(chatctl: Chatctl) -> None:
    told = set_key(chatctl)
    shown = chatctl.done("domain", "sign-on", "show", chatctl.domain)
    assert told == f"{chatctl.domain} has single sign-on\n{shown}"
    assert shown.splitlines() == [
        f"Issuer      {ISSUER}",
        f"Audience    {AUDIENCE}",
        f"Shared key  {len(SHARED_KEY)} bytes, SHA-256 {hashlib.sha256(SHARED_KEY).hexdigest()[:16]}…",
        "Algorithms  HS256, HS384, HS512",
    ]
    assert stored(chatctl) == SHARED_KEY


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_line_end_behind_a_key_of_text_does_not_count(chatctl: Chatctl, end: bytes) -> None:
    set_key(chatctl, SHARED_KEY + end)
    assert stored(chatctl) == SHARED_KEY


@pytest.mark.parametrize(
    "key", [bytes(range(200, 240)) + b"\n", bytes(range(32)) + b"\r\n", b"two lines of text\nin one key, no less\n"]
)
def test_a_key_that_is_not_one_line_is_taken_as_it_is(chatctl: Chatctl, key: bytes) -> None:
    set_key(chatctl, key)
    assert stored(chatctl) == key


def set_new_key(chatctl: Chatctl, path: Path) -> tuple[str, ...]:
    return ("domain", "sign-on", "set", chatctl.domain, *NAMES, "--new-key", str(path))


def test_a_new_key_is_random_text_in_a_file_of_its_owner(chatctl: Chatctl) -> None:
    keys = []
    for path in (chatctl.folder / "one", chatctl.folder / "two"):
        told = chatctl.done(*set_new_key(chatctl, path))
        keys.append(stored(chatctl))
        assert path.read_bytes() == keys[-1] + b"\n"
        assert path.stat().st_mode & 0o777 == 0o600
        assert keys[-1].decode() not in told
    assert [len(key) for key in keys] == [86, 86]
    assert keys[0] != keys[1]


def test_a_new_key_overwrites_no_file(chatctl: Chatctl) -> None:
    set_key(chatctl)
    path = Path(file(chatctl, b"dear"))
    assert chatctl.refused(*set_new_key(chatctl, path)) == f"{path}: File exists"
    assert path.read_bytes() == b"dear"
    assert stored(chatctl) == SHARED_KEY


def test_a_new_key_that_could_not_be_set_is_not_left_behind(chatctl: Chatctl) -> None:
    path = chatctl.folder / "key"
    command = ("domain", "sign-on", "set", "nowhere.example", *NAMES, "--new-key", str(path))
    assert "has not been created" in chatctl.refused(*command)
    assert not path.exists()


def test_on_aws_a_key_set_comes_from_the_internet_alone(chatctl: Chatctl) -> None:
    chatctl.is_local = False
    for url in ("http://127.0.0.1/keys", "https://localhost/keys", "https://10.0.0.1/keys"):
        said = chatctl.refused("domain", "sign-on", "set", chatctl.domain, *NAMES, "--jwks-url", url)
        assert "not an https URL" in said or "not the URL of a host on the internet" in said


def test_a_key_set_is_shown_with_its_url(chatctl: Chatctl) -> None:
    told = chatctl.done("domain", "sign-on", "set", chatctl.domain, *NAMES, "--jwks-url", URL)
    assert f"Key set     {URL}" in told
    assert "RS256" in told
    assert "Shared key" not in told


def test_neither_or_both_kinds_of_key_are_a_usage_error(chatctl: Chatctl) -> None:
    new = str(chatctl.folder / "new")
    for keys in (
        (),
        ("--key-file", file(chatctl, SHARED_KEY), "--jwks-url", URL),
        ("--new-key", new, "--jwks-url", URL),
    ):
        assert chatctl.run("domain", "sign-on", "set", chatctl.domain, *NAMES, *keys).exit_code == 2


def test_what_cannot_be_set_is_said(chatctl: Chatctl) -> None:
    run = ("domain", "sign-on", "set")
    assert "32 to 1024" in chatctl.refused(*run, chatctl.domain, *NAMES, "--key-file", file(chatctl, b"short"))
    assert "No such file" in chatctl.refused(*run, chatctl.domain, *NAMES, "--key-file", "/nowhere/key")
    assert "not an https URL" in chatctl.refused(*run, chatctl.domain, *NAMES, "--jwks-url", "http://webmail.example")
    assert "has not been created" in chatctl.refused(*run, "nowhere.example", *NAMES, "--jwks-url", URL)


def test_it_can_be_removed(chatctl: Chatctl) -> None:
    set_key(chatctl)
    assert "no single sign-on" in chatctl.done("domain", "sign-on", "remove", chatctl.domain)
    for command in ("remove", "show"):
        said = chatctl.refused("domain", "sign-on", command, chatctl.domain)
        assert said == f"Single sign-on is not set up for {chatctl.domain}"


@pytest.mark.parametrize("from_stdin", [True, False])
def test_a_good_token_tells_whom_it_logs_in(chatctl: Chatctl, from_stdin: bool) -> None:
    set_key(chatctl)
    token = shared(claims(f"alice@{chatctl.domain}", now())) + "\n"
    option = "-" if from_stdin else file(chatctl, token)
    told = chatctl.done("domain", "sign-on", "check", chatctl.domain, "--jwt-file", option, input=token)
    assert told == f"alice@{chatctl.domain} would be logged in\n"


def test_a_token_that_is_refused_tells_its_reason(chatctl: Chatctl) -> None:
    set_key(chatctl)
    alice = f"alice@{chatctl.domain}"
    assert check(chatctl, shared(claims(alice, now(), iss="x"))).startswith(
        'Refused, issuer: iss is "x", expected "https'
    )
    assert check(chatctl, shared(claims(alice, 0))).startswith("Refused, expired: exp is 60")
    assert check(chatctl, shared(claims(f"bob@{chatctl.domain}", now()))).startswith("Refused, no_such_user: bob@")
    assert check(chatctl, "é\xff").startswith("Refused, malformed: the jwt has")


def test_a_token_of_another_domain_is_refused(chatctl: Chatctl) -> None:
    set_key(chatctl)
    said = check(chatctl, shared(claims("alice@other.example", now())))
    assert said == f"Refused, address: the JWT is for alice@other.example, expected an address of {chatctl.domain}"


def test_a_token_is_checked_with_the_key_set_as_it_is_now(chatctl: Chatctl) -> None:
    token = signing_key("one").sign(claims(f"alice@{chatctl.domain}", now()))
    with key_server(signing_key("one")) as server:
        chatctl.done("domain", "sign-on", "set", chatctl.domain, *NAMES, "--jwks-url", server.url)
        told = chatctl.done("domain", "sign-on", "check", chatctl.domain, "--jwt-file", file(chatctl, token))
        assert told.endswith("would be logged in\n")
        server.status = 500
        said = check(chatctl, token)
        assert said.startswith("Refused, keys_unavailable: the key set of the domain cannot be had now")
        assert "the answer is HTTP 500" in said
