"""What a test needs and this machine does not have."""

from __future__ import annotations

from typing import NoReturn

import pytest

from scripts.chromium import is_required


def missing(what: str) -> NoReturn:
    """Skip the test, and say what there should be; where everything must be tested, fail it."""
    if is_required():
        pytest.fail(what, pytrace=False)
    pytest.skip(what)
