from __future__ import annotations

from pathlib import Path

import pytest

from chatctl.csvfile import BadFile, Columns, read

COLUMNS = Columns(("address", "name"), ("title", "password"))


def write(folder: Path, content: bytes | str) -> Path:
    path = folder / "people.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_lines_keep_their_numbers_and_lose_outer_white_space(tmp_path: Path) -> None:
    content = read(write(tmp_path, "Address , NAME\n\n a@b , Zoë \n,,\n,\n\nc@d,C\n"), COLUMNS)
    assert [(line.number, line.fields) for line in content.lines] == [
        (3, {"address": "a@b", "name": "Zoë"}),
        (7, {"address": "c@d", "name": "C"}),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_any_line_end_with_and_without_byte_order_mark(tmp_path: Path, mark: bytes, end: str) -> None:
    content = read(write(tmp_path, mark + f"address,name{end}a@b,Zoë{end}".encode()), COLUMNS)
    assert [line.fields for line in content.lines] == [{"address": "a@b", "name": "Zoë"}]


def test_a_password_keeps_its_white_space(tmp_path: Path) -> None:
    content = read(write(tmp_path, "address,name,password\na@b,A, two words \n"), COLUMNS)
    assert content.lines[0].fields["password"] == " two words "


def test_a_field_over_several_lines_counts_from_its_first(tmp_path: Path) -> None:
    content = read(write(tmp_path, 'address,name\na@b,"A\nB"\nc@d,C\n'), COLUMNS)
    assert [line.number for line in content.lines] == [2, 4]


def test_a_line_with_another_number_of_fields_is_bad_and_the_next_is_good(tmp_path: Path) -> None:
    content = read(write(tmp_path, "address,name\na@b\na@b,A,B\nc@d,C\n"), COLUMNS)
    assert [(bad.number, bad.reason) for bad in content.bad] == [
        (2, "has 1 fields, the header has 2"),
        (3, "has 3 fields, the header has 2"),
    ]
    assert [line.number for line in content.lines] == [4]


def test_a_line_that_is_not_csv_is_bad_and_the_next_is_good(tmp_path: Path) -> None:
    content = read(write(tmp_path, 'address,name\n"a"@b,A\nc@d,C\n'), COLUMNS)
    assert [bad.number for bad in content.bad] == [2]
    assert [line.number for line in content.lines] == [3]


def test_a_quote_that_is_never_closed_is_told_where_it_opens(tmp_path: Path) -> None:
    content = read(write(tmp_path, 'address,name\na@b,A\nc@d,"C\ne@f,E\n'), COLUMNS)
    assert [bad.number for bad in content.bad] == [3]
    assert [line.number for line in content.lines] == [2]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty; its first line has to name the columns: address, name, title, password"),
        ("\n\n", "is empty"),
        ("address,title\n", "has no column name"),
        ("address;name\n", "separated by commas"),
        ("address,name,nmae\n", "unknown column 'nmae'"),
        ("address,name,name\n", "a column twice"),
        ('"address,name\n', "the header is not CSV"),
        ("address,name\na@b,Zoë\n".encode("latin-1"), "is not UTF-8: line 2 has the byte 0xEB"),
        ("address,name\n".encode("utf-16"), "is not UTF-8: line 1"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path: Path, content: bytes | str, said: str) -> None:
    with pytest.raises(BadFile) as refused:
        read(write(tmp_path, content), COLUMNS)
    assert said in str(refused.value)
