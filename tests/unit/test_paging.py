from __future__ import annotations

import pytest

from chat.frames.base import PAGE_BYTES, Error
from chat.frames.paging import fit, fit_texts


def entry(size: int) -> Error:
    """A frame part of about that many bytes."""
    return Error(code="", message="x" * size)


@pytest.mark.parametrize(
    ("sizes", "count"),
    [([], 0), ([10], 1), ([PAGE_BYTES * 2], 1), ([PAGE_BYTES * 2, 1], 1), ([10] * 5, 5), ([PAGE_BYTES // 2] * 3, 1)],
)
def test_as_many_entries_as_fit_and_one_at_least(sizes: list[int], count: int) -> None:
    assert fit([entry(size) for size in sizes]) == count


def test_texts_fit_by_their_length() -> None:
    names = ["x" * 97] * 1000
    assert fit_texts(names) == PAGE_BYTES // 100
