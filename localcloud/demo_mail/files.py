"""Small files of many types, each as programs of its kind write and open it, made by hand from a name and a text."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from random import Random
from xml.sax.saxutils import escape

TYPES = {
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".ics": "text/calendar",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
COLUMNS = ("Berth", "Ship calls", "Hours", "Amount")
WHITE, GRID, BAR = bytes(5), bytes([0xFF] * 5), bytes([0xAA, 0x55, 0x55, 0x55])
"""Pixels of a bar's place, four in a byte: behind it, on every 30th line, and of the bar itself."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def make(name: str, text: str) -> bytes:
    """A file of the type that its name tells, with something of ``text`` in it. The same for the same arguments."""
    return _MAKERS[PurePosixPath(name).suffix](PurePosixPath(name).stem, text)


def rows(title: str) -> list[tuple[str | int, ...]]:
    """A table for a title: its heading, then some lines."""
    chance = Random(title)
    lines = [
        (f"Berth {number}", chance.randint(1, 40), chance.randint(5, 300), chance.randint(90, 9000))
        for number in range(1, chance.randint(8, 30))
    ]
    return [COLUMNS, *lines]


def csv(title: str, _text: str = "") -> bytes:
    """Separated by semicolons, with a byte order mark: as spreadsheets write it in half of Europe."""
    return "".join(";".join(map(str, row)) + "\r\n" for row in rows(title)).encode("utf-8-sig")


def txt(title: str, text: str) -> bytes:
    return f"{title}\n{'=' * len(title)}\n\n{text.strip()}\n".encode()


def pdf(title: str, text: str) -> bytes:
    """One page of A4 (ISO 32000-1 §7.5)."""
    lines = [title, "", *text.strip().splitlines()]
    shown = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    content = f"BT /F1 12 Tf 16 TL 60 780 Td\n{shown}ET".encode("cp1252", "replace")
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page + b" /Resources << /Font << /F1 4 0 R >> >> >>",
        font,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    written, places = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(written)


def png(title: str, _text: str = "") -> bytes:
    """A bar chart of four colours (ISO/IEC 15948)."""
    chance = Random(title)
    height = 180
    bars = [chance.randint(20, height - 10) for _ in range(16)]
    lines = []
    for y in range(height, 0, -1):
        ground = GRID if y % 30 == 0 else WHITE
        lines.append(b"\0" + b"".join(BAR + ground[:1] if y <= top else ground for top in bars))
    chunks = [
        _chunk(b"IHDR", struct.pack(">IIBBBBB", 16 * 20, height, 2, 3, 0, 0, 0)),
        _chunk(b"PLTE", bytes.fromhex("ffffff 2f6f9f 9fc5e0 d8d8d8")),
        _chunk(b"IDAT", zlib.compress(b"".join(lines), 9)),
        _chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def xlsx(title: str, _text: str = "") -> bytes:
    """A workbook of one sheet (ECMA-376 part 1, §12)."""
    lines = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows(title))
    sheet = "spreadsheetml.worksheet+xml"
    return _package(
        {"/xl/workbook.xml": "spreadsheetml.sheet.main+xml", "/xl/worksheets/sheet1.xml": sheet},
        {
            "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}">'
            '<sheets><sheet name="Table" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEET}"><sheetData>{lines}</sheetData></worksheet>',
        },
    )


def docx(title: str, text: str) -> bytes:
    """A document of some paragraphs (ECMA-376 part 1, §11)."""
    lines = [title, *text.strip().splitlines()]
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in lines)
    document = f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    return _package({"/word/document.xml": "wordprocessingml.document.main+xml"}, {"word/document.xml": document})


def archive(title: str, text: str) -> bytes:
    """A zip file of three small files."""
    return _zipped({"read me.txt": txt(title, text), "a.csv": csv(f"{title} a"), "b.csv": csv(f"{title} b")})


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _cell(value: str | int) -> str:
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def _package(types: dict[str, str], parts: dict[str, str]) -> bytes:
    """An office document of these parts, whose first content type is that of the main one."""
    listed = "".join(
        f'<Override PartName="{name}" ContentType="application/vnd.openxmlformats-officedocument.{kind}"/>'
        for name, kind in types.items()
    )
    relations = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    first = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">{relations}{listed}</Types>',
        "_rels/.rels": _relation("officeDocument", next(iter(types))[1:]),
    }
    heading = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return _zipped({name: (heading + content).encode() for name, content in (first | parts).items()})


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, content)
    return buffer.getvalue()


_MAKERS: dict[str, Callable[[str, str], bytes]] = {
    ".csv": csv,
    ".docx": docx,
    ".pdf": pdf,
    ".png": png,
    ".txt": txt,
    ".xlsx": xlsx,
    ".zip": archive,
}
