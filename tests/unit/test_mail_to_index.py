"""The script by which a mail server puts copies into the bucket, with a program in place of the AWS CLI."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from localcloud.endpoints import ROOT

RAW = b"From: a@b.example\r\n\r\n\xff\x00 as it is"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with an ``aws`` that keeps what it is given, and fails where there is a file ``broken`` beside it."""
    aws = tmp_path / "aws"
    aws.write_text(
        '#!/bin/sh\ncd "$(dirname "$0")"\nprintf "%s\\0" "$@" > arguments\ncat > body\n[ ! -e broken ] || exit 1\n'
    )
    aws.chmod(0o755)
    return tmp_path


def put(programs: Path, sender: str, recipient: str) -> int:
    """Run the script as Postfix does; its exit code."""
    environment = {"PATH": f"{programs}:{os.environ['PATH']}"}
    command = [str(ROOT / "scripts" / "mail-to-index"), "company-mail", sender, recipient]
    return subprocess.run(command, input=RAW, env=environment).returncode


def arguments(programs: Path) -> list[str]:
    return (programs / "arguments").read_text().split("\0")[:-1]


def metadata(programs: Path) -> dict[str, str]:
    found = arguments(programs)
    kept: dict[str, str] = json.loads(found[found.index("--metadata") + 1])
    return kept


def test_the_mail_goes_into_the_bucket_as_it_is_with_its_envelope(programs: Path) -> None:
    assert put(programs, "alice@example.com", "bob=example.com@mailindex.invalid") == 0
    assert (programs / "body").read_bytes() == RAW
    assert arguments(programs)[:2] == ["s3", "cp"]
    assert arguments(programs)[-2:][0] == "-"
    assert arguments(programs)[-1].startswith("s3://company-mail/incoming/postfix/")
    assert metadata(programs) == {"envelope-from": "alice@example.com", "envelope-to": "bob@example.com"}


def test_a_copy_of_every_mail_knows_no_recipient(programs: Path) -> None:
    put(programs, "", "copy@mailindex.invalid")
    assert metadata(programs) == {"envelope-from": "", "envelope-to": ""}


def test_nothing_in_an_address_can_add_to_the_metadata(programs: Path) -> None:
    put(programs, '"x\\","envelope-to":"eve@example.com","a":"@example.com', 'b"b=example.com@mailindex.invalid')
    assert metadata(programs).keys() == {"envelope-from", "envelope-to"}
    assert metadata(programs) == {"envelope-from": "", "envelope-to": ""}


@pytest.mark.parametrize("local", ["o'brien", "r&d", "a=b", "x!y", "a*b", "$HOME", "`id`", "{x}"])
def test_an_address_stays_as_it_is(programs: Path, local: str) -> None:
    put(programs, f"{local}@example.com", f"{local}=example.com@mailindex.invalid")
    assert metadata(programs) == {"envelope-from": f"{local}@example.com", "envelope-to": f"{local}@example.com"}


@pytest.mark.parametrize("local", ["jörg", "a,b", "a b", 'a"b', "a\\b", "a\nb"])
def test_an_address_that_does_not_fit_is_left_out(programs: Path, local: str) -> None:
    put(programs, f"{local}@example.com", f"{local}=example.com@mailindex.invalid")
    assert metadata(programs) == {"envelope-from": "", "envelope-to": ""}


def test_what_fails_is_tried_again_by_the_mail_server(programs: Path) -> None:
    (programs / "broken").touch()
    assert put(programs, "a@example.com", "copy@mailindex.invalid") == 75
