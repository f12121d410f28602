"""What the web page is built and tested with: Node.js, npm and Chromium, the machine's or installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from localcloud.problem import Problem
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


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A page that was built after its sources, with a path that has a space."""
    folder = tmp_path / "my web"
    for name in ("src/page.ts", "src/.page.ts.swp", "dist/index.html", "node_modules/lit.js", "tests/page.test.ts"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    for path in folder.rglob("*"):
        os.utime(path, (1000, 1000))
    os.utime(folder / "dist" / "index.html")
    return folder


@pytest.mark.parametrize("changed", ["src/page.ts", "src"])
def test_a_page_is_built_again_when_a_source_changes_or_is_gone(web: Path, changed: str) -> None:
    page = web / "dist" / "index.html"
    assert node.is_current(page, web)
    later = page.stat().st_mtime + 1
    os.utime(web / changed, (later, later))
    assert not node.is_current(page, web)


@pytest.mark.parametrize("changed", ["src/.page.ts.swp", "dist", "node_modules/lit.js", "tests/page.test.ts"])
def test_a_page_is_not_built_again_for_what_it_is_not_built_from(web: Path, changed: str) -> None:
    page = web / "dist" / "index.html"
    later = page.stat().st_mtime + 1
    os.utime(web / changed, (later, later))
    assert node.is_current(page, web)


def test_a_page_that_is_not_there_is_built(web: Path) -> None:
    (web / "dist" / "index.html").unlink()
    assert not node.is_current(web / "dist" / "index.html", web)


# ---- Chromium ----


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of the PATH, empty, with nothing said about Chromium."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("CHROMIUM", "CI"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_chromium_is_found_under_any_of_its_names(programs: Path) -> None:
    assert chromium.find() is None
    program(programs, "google-chrome", "exit 0")
    assert chromium.find() == str(programs / "google-chrome")


def test_the_shell_is_taken_before_any_other(programs: Path) -> None:
    program(programs, "chromium", "exit 0")
    program(programs, "chromium-headless-shell", "exit 0")
    assert chromium.find() == str(programs / "chromium-headless-shell")


@pytest.mark.parametrize(
    ("found", "ci", "installs"),
    [
        ("", "", True),
        ("chromium", "", False),
        ("chromium", "true", True),
        ("chromium-headless-shell", "true", False),
    ],
)
def test_what_is_there_is_enough_but_for_ci(
    programs: Path, monkeypatch: pytest.MonkeyPatch, found: str, ci: str, installs: bool
) -> None:
    if found:
        program(programs, found, "exit 0")
    asked: list[str] = []

    def install() -> None:
        asked.append(chromium.SHELL)
        program(programs, chromium.SHELL, "exit 0")

    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(chromium, "can_install", lambda: True)
    monkeypatch.setattr(chromium, "install", install)
    chromium.main()
    assert bool(asked) == installs


def test_where_the_shell_cannot_be_installed_another_chromium_is_enough(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(programs, "chromium", "exit 0")
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(chromium, "can_install", lambda: True)
    monkeypatch.setattr(chromium, "install", lambda: None)
    chromium.main()
    assert chromium.find() == str(programs / "chromium")


def test_a_chromium_that_only_tells_what_to_install_is_none(programs: Path) -> None:
    program(programs, "chromium-browser", "echo install the snap; exit 1")
    assert chromium.find() is None
    program(programs, "google-chrome", 'test "$*" = --version')
    assert chromium.find() == str(programs / "google-chrome")


def test_the_chromium_that_is_named_is_taken_and_no_other(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(programs, "chromium", "exit 0")
    program(programs, "mine", "exit 0")
    monkeypatch.setenv("CHROMIUM", str(programs / "mine"))
    assert chromium.find() == str(programs / "mine")
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    assert chromium.find() is None
    assert chromium.advice().startswith("/nowhere/chromium is no Chromium that works")


def test_the_advice_is_for_the_system(programs: Path) -> None:
    assert "apt-get" not in chromium.advice()
    assert "CHROMIUM=/path" in chromium.advice()
    program(programs, "apt-get", "exit 0")
    assert chromium.advice().endswith("sudo apt-get update && sudo apt-get install -y chromium-headless-shell")


@pytest.mark.parametrize(
    ("output", "sandbox", "expected"),
    [
        (
            "BrowserType.launch: closed\n<launching> /c --no-sandbox\n[err] x\n[err] No usable sandbox! Update",
            True,
            "/c does not start ([err] No usable sandbox! Update); without its sandbox it may: CHROMIUM_SANDBOX=0.",
        ),
        (
            "closed\n<launching> /c\n[pid=1][err] no libnss3.so",
            False,
            "/c does not start ([pid=1][err] no libnss3.so).",
        ),
        ("closed\n", False, "/c does not start (closed)."),
        ("", False, "/c does not start (it says nothing)."),
    ],
)
def test_a_chromium_that_does_not_start_is_explained(output: str, sandbox: bool, expected: str) -> None:
    assert chromium.explain("/c", output, sandbox) == expected


def test_what_is_no_chromium_is_a_problem(programs: Path) -> None:
    program(programs, "chromium", "exit 0")
    path = str(programs / "chromium")
    with pytest.raises(Problem, match="chromium does not start"), chromium.running(path):
        pass


@pytest.mark.parametrize("required", [True, False])
def test_without_chromium_the_command_that_installs_it_is_told(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], required: bool
) -> None:
    program(programs, "apt-get", "exit 1")
    monkeypatch.setattr(chromium, "can_install", lambda: False)
    monkeypatch.setenv("CI", "true" if required else "")
    if required:
        with pytest.raises(SystemExit, match="sudo apt-get update && sudo apt-get install -y chromium-headless-shell"):
            chromium.main()
    else:
        chromium.main()
        assert "sudo apt-get update && sudo apt-get install -y chromium-headless-shell" in capsys.readouterr().out


@pytest.mark.parametrize(("user", "prefix"), [(0, []), (1000, ["sudo", "--non-interactive"])])
def test_chromium_is_installed_without_questions(monkeypatch: pytest.MonkeyPatch, user: int, prefix: list[str]) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        return subprocess.CompletedProcess(command, 0, stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(chromium, "find", lambda: None)
    chromium.install()
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    assert ran == [[*quiet, "update"], [*quiet, "install", "-y", "chromium-headless-shell"]]


def program(folder: Path, name: str, script: str) -> None:
    """Put a program into a folder."""
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
