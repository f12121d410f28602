"""The protocol document and the schemas are current."""

from __future__ import annotations

import pytest

from scripts import protocol


@pytest.mark.parametrize("path", [protocol.DOCUMENT, protocol.SCHEMA], ids=lambda path: path.name)
def test_the_generated_file_is_current(path) -> None:  # type: ignore[no-untyped-def]
    made = protocol.document() if path == protocol.DOCUMENT else protocol.schema()
    assert path.read_text() == made, "make protocol generates it anew"
