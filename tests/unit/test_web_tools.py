"""What the web page is built and tested with: Node.js, npm and Chromium, the machine's or installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from scripts import chromium, node


@pytest.mark.parametrize(
    ("version", "npm", "good"),
    [
        ((20, 19, 0), (10, 8, 2), True),
        ((20, 18, 3), (10, 8, 2), False),
        ((21, 7, 0), (10, 5, 0), False),
        ((22, 11, 0), (10, 9, 0), False),
        ((22, 12, 0), (10, 9, 0), True),
        ((24, 1, 0), (11, 3, 0), True),
        ((24, 1, 0), (9, 9, 9), False),
        ((24, 1, 0), (), False),
        ((), (), False),
    ],
)
def test_what_is_too_old_is_not_used(version: tuple[int, ...], npm: tuple[int, ...], good: bool) -> None:
    assert node.is_new_enough(version, npm) is good


def test_versions_are_read_from_what_programs_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "node", "echo v22.12.1")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert node.version("node") == (22, 12, 1)
    assert node.version("npm") == ()


@pytest.mark.parametrize(
    ("npm_said", "expected"),
    [
        (
            "npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error errno ENOTFOUND\n"
            "npm error network request to https://registry.example/lit failed",
            "The npm registry cannot be reached (ENOTFOUND): network request to https://registry.example/lit failed",
        ),
        (
            "npm warn old\nnpm ERR! code EUSAGE\nnpm ERR! `npm ci` can only install packages in sync\nnpm ERR! more",
            "The packages of web/ could not be installed: `npm ci` can only install packages in sync",
        ),
        ("", "The packages of web/ could not be installed: no message"),
    ],
)
def test_packages_that_cannot_be_installed_are_explained(npm_said: str, expected: str) -> None:
    assert node.explain(npm_said) == expected


def test_what_is_newer_than_what_was_made_of_it_is_seen(tmp_path: Path) -> None:
    made, source = tmp_path / "made", tmp_path / "source"
    source.touch()
    assert node.is_older(made, source)
    made.touch()
    assert not node.is_older(made, source)


def test_chromium_is_found_under_any_of_its_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.find() is None
    program(tmp_path, "google-chrome", "exit 0")
    assert chromium.find() == str(tmp_path / "google-chrome")


@pytest.mark.parametrize("required", [True, False])
def test_without_chromium_the_command_that_installs_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], required: bool
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", "true" if required else "")
    if required:
        with pytest.raises(SystemExit, match="sudo apt-get update && sudo apt-get install -y chromium"):
            chromium.main()
    else:
        chromium.main()
        assert "sudo apt-get update && sudo apt-get install -y chromium" in capsys.readouterr().out


@pytest.mark.parametrize(("user", "prefix"), [(0, []), (1000, ["sudo", "--non-interactive"])])
def test_chromium_is_installed_without_questions(monkeypatch: pytest.MonkeyPatch, user: int, prefix: list[str]) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        return subprocess.CompletedProcess(command, 0, stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    chromium.install()
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    assert ran == [[*quiet, "update"], [*quiet, "install", "-y", "chromium"]]


def program(folder: Path, name: str, script: str) -> None:
    """Put a program into a folder."""
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
