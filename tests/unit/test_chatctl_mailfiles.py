from __future__ import annotations

from pathlib import Path

import pytest

from chatctl.csvfile import BadFile
from chatctl.mailfiles import Format, Source, sources


def contents(source: Source) -> list[bytes]:
    return [each.content for each in source.messages()]


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    folders = ("", "/.Sent", "/.Drafts", "/.INBOX.Trash", "/.Trash.2019", "/Spam/old", "/.Spam filter", "/Archive/2025")
    for folder in (f"box{each}" for each in folders):
        for part in ("cur", "new", "tmp"):
            (tmp_path / folder / part).mkdir(parents=True)
    (tmp_path / "box/new/1").write_bytes(b"new")
    (tmp_path / "box/cur/2:2,S").write_bytes(b"read")
    (tmp_path / "box/cur/6:2,DS").write_bytes(b"draft")
    (tmp_path / "box/cur/7:2,ST").write_bytes(b"deleted")
    (tmp_path / "box/tmp/3").write_bytes(b"not delivered")
    (tmp_path / "box/.Sent/cur/4").write_bytes(b"sent")
    (tmp_path / "box/Archive/2025/cur/5").write_bytes(b"archived")
    (tmp_path / "box/.Drafts/cur/8:2,S").write_bytes(b"not sent")
    (tmp_path / "box/.INBOX.Trash/cur/9").write_bytes(b"thrown away")
    (tmp_path / "box/.Trash.2019/cur/9").write_bytes(b"thrown away")
    (tmp_path / "box/Spam/old/cur/9").write_bytes(b"unwanted")
    (tmp_path / "box/.Spam filter/cur/9").write_bytes(b"kept")
    (tmp_path / "box/dovecot.index").write_bytes(b"no mail")
    return tmp_path / "box"


def test_a_maildir_is_read_with_all_folders_below_it(maildir: Path) -> None:
    [source] = sources([maildir], None)
    assert sorted(contents(source)) == [b"archived", b"kept", b"new", b"read", b"sent"]
    assert source.size == sum(map(len, contents(source)))
    assert source.left_out == 6


def test_a_folder_of_drafts_is_taken_where_it_is_named(maildir: Path) -> None:
    assert contents(sources([maildir / ".Drafts"], None)[0]) == [b"not sent"]


def test_a_folder_of_maildirs_is_read_too(maildir: Path) -> None:
    [source] = sources([maildir.parent], None)
    assert len(contents(source)) == 5


def test_what_cannot_be_read_is_told(maildir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    [found] = sources([maildir / ".Sent"], None)[0].messages()
    assert (found.where, found.problem) == (str(maildir / ".Sent/cur/4"), "Permission denied")


def test_an_mbox_is_read_message_by_message(tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.write_bytes(
        b"From a@b.example Thu Oct  1 09:30:00 2026\nSubject: one\n\n>From here\n>>From there\nand From nowhere\n\n"
        b"From c@b.example Thu Oct  1 09:30:00 2026\r\nSubject: two\r\n\r\nFrom the start\r\n"
    )
    [source] = sources([box], None)
    first, second = contents(source)
    assert first == b"Subject: one\n\nFrom here\n>From there\nand From nowhere\n\n"
    assert second == b"Subject: two\r\n\r\nFrom the start\r\n"


def test_an_mbox_without_times_is_read_too(tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.write_bytes(
        b"From a@b.example\nSubject: one\n\nFrom here\n\nFrom now on we meet\n\nFrom \nSubject: two\n\n"
        b"From c@b.example Thu Oct  1 09:30:00 2026\nSubject: three\n"
    )
    assert contents(sources([box], None)[0]) == [
        b"Subject: one\n\nFrom here\n\nFrom now on we meet\n\n",
        b"Subject: two\n\n",
        b"Subject: three\n",
    ]


def test_messages_of_an_mbox_begin_without_an_empty_line_and_with_a_day_alone_too(tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.write_bytes(
        b"From a@b.example Thu Oct  1 09:30:00 2026\nSubject: one\n\n"
        b"From Bob it came at 10:30\n\nFrom 10:30 on\nwe meet\n"
        b"From bob, Monday at 11:00\nNote: nothing\n"
        b"From c@b.example Thu Oct  1 09:30:00 2026\nSubject: two\n\nyes\n\n"
        b"From d@b.example 1 Oct 2026\nSubject: three\n\n"
        b"From MAILER-DAEMON Thu Oct  1 2026\n>From somewhere\nSubject: four\n"
    )
    found = contents(sources([box], None)[0])
    assert [each.count(b"Subject:") for each in found] == [1, 1, 1, 1]
    assert found[0].endswith(b"we meet\nFrom bob, Monday at 11:00\nNote: nothing\n")


def test_a_long_line_of_an_mbox_takes_no_longer_than_others(tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.write_bytes(b"From a@b.example\nSubject: one\n\n" + b"From " + b"x@" * 500_000 + b"\nSubject: x\n")
    assert len(contents(sources([box], None)[0])) == 2


def test_what_stands_before_the_first_message_of_an_mbox_is_told(tmp_path: Path) -> None:
    box = tmp_path / "box"
    box.write_bytes(b"\nA note\n\nFrom a@b.example Thu Oct  1 09:30:00 2026\nSubject: one\n")
    problem, message = sources([box], Format.MBOX)[0].messages()
    assert (problem.problem.split()[0], message.content) == ("6", b"Subject: one\n")


def test_an_empty_mbox_has_no_messages(tmp_path: Path) -> None:
    (tmp_path / "box").touch()
    [source] = sources([tmp_path / "box"], None)
    assert contents(source) == []


@pytest.mark.parametrize(("name", "what"), [("folder", "not a Maildir"), ("file", "not an mbox")])
def test_what_is_neither_is_told(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"Subject: one\n\n")
    with pytest.raises(BadFile, match=what):
        sources([tmp_path / name], None)


def test_a_format_that_is_named_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"Subject: one\n\n")
    [found] = sources([tmp_path / "file"], Format.MBOX)[0].messages()
    assert (found.content, found.problem) == (b"", "12 bytes before a line that begins with From and a space")
