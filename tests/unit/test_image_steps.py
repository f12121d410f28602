"""The steps of the bridge's image, as ``make image-steps`` reads them from the Dockerfile."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.problem import Problem
from scripts.image_steps import DOCKERFILE, Image, instructions, take


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return Image(tmp_path)


def test_a_step_may_go_over_lines_and_comments_are_none() -> None:
    text = '# a comment\n\nRUN ["python", "-m", \\\n     "pip"]\nUSER 10001\n'
    assert list(instructions(text)) == [("RUN", '["python", "-m",       "pip"]'), ("USER", "10001")]


def test_a_step_that_nobody_here_can_take_is_told(image: Image) -> None:
    with pytest.raises(Problem, match="no such step here: VOLUME"):
        take("VOLUME", "/data", image)


def test_what_a_container_gets_is_read_from_its_steps(image: Image) -> None:
    for name, rest in instructions(DOCKERFILE.read_text()):
        if name not in ("RUN", "COPY"):
            take(name, rest, image)
    python = f"{image.root}/python/bin/python"
    assert image.entrypoint == [python, "-m", "bridge"]
    assert image.health == [python, "-m", "bridge.health"]
    assert image.variables["PYTHONPATH"] == f"{image.root}/bridge"
    assert image.work == image.root / "bridge"


def test_a_step_sees_the_variables_before_it_and_where_packages_come_from(
    image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "an index")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    take("WORKDIR", "/build", image)
    take("ENV", "COLOUR=red", image)
    take("RUN", '["/bin/sh", "-c", "env > seen"]', image)
    seen = (image.root / "build" / "seen").read_text()
    assert "COLOUR=red" in seen
    assert "PIP_INDEX_URL=" in seen
    assert "mine" not in seen


def test_a_step_that_fails_is_named(image: Image) -> None:
    take("WORKDIR", "/build", image)
    with pytest.raises(Problem, match="A step fails: RUN"):
        take("RUN", '["/bin/false"]', image)
