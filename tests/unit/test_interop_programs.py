"""What becomes of a test whose XMPP clients are not there."""

from __future__ import annotations

import shutil

import pytest
from _pytest.outcomes import Failed, Skipped

from tests.bridge.interop.programs import need

APT = "sudo apt-get update && sudo apt-get install -y --no-install-recommends"


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The programs of a machine, on which no CI runs."""
    found = {"apt-get", "tmux"}
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name in found else None)
    monkeypatch.delenv("CI", raising=False)
    return found


def test_what_is_there_is_used(there: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for ci in ("", "true"):
        monkeypatch.setenv("CI", ci)
        need("tmux", "apt-get")


@pytest.mark.usefixtures("there")
def test_a_test_is_skipped_with_the_command_that_installs_what_it_lacks() -> None:
    with pytest.raises(Skipped) as caught:
        need("profanity", "tmux", "go-sendxmpp")
    assert str(caught.value).endswith(f"install them with: {APT} profanity go-sendxmpp")


@pytest.mark.usefixtures("there")
def test_under_ci_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Failed, match=f"{APT} profanity$"):
        need("profanity")


def test_where_there_is_no_apt_the_programs_are_named_alone(there: set[str]) -> None:
    there.remove("apt-get")
    with pytest.raises(Skipped, match=r"are not there; install profanity\.$"):
        need("profanity")
