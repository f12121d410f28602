"""``make sam-local``: all that ``sam local`` needs to run functions against the tables of a running ``make run``.

    python -m scripts.sam_local --host 172.17.0.1

It fills the sample events in for this moment, into ``.local/sam/events``, and writes the environment of each function
beside them, for ``sam local invoke --env-vars`` (``samconfig.toml`` names it).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from localcloud.cloud import client
from localcloud.endpoints import LOCAL, ROOT, Endpoints
from localcloud.problem import Problem
from scripts.moment import Moment, Values, functions_of, samples

FILLED = LOCAL / "sam"
DOCKER = "172.17.0.1"
"""This machine, as containers on Docker's own network of a Linux see it. An address: with a name, the buckets of S3
would be looked for below it."""

THIS_MACHINE = re.compile(r"\b(127\.0\.0\.1|localhost)\b")


def environments(stack: Endpoints, host: str) -> dict[str, Values]:
    """The environment of each function, by its name in the template; ``host`` is this machine as its container sees it.

    SAM gives a container those of them that the template names. Credentials and region it takes from its own
    environment.
    """
    lambdas = client("lambda", stack.cloud)
    found = {}
    for name, function in sorted(functions_of(stack).items()):
        variables = lambdas.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        found[name] = {variable: THIS_MACHINE.sub(host, value) for variable, value in variables.items()}
    return found


def write_filled(stack: Endpoints, host: str = DOCKER, folder: Path = FILLED) -> Iterator[Path]:
    """Write the environments and the events of this moment."""
    with Moment(stack) as moment:
        moment.prepare()
        content: dict[str, Any] = {"env.json": environments(stack, host)}
        content |= {f"events/{name}.json": moment.fill(event) for name, event in samples().items()}
    for name, value in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, indent=2) + "\n")
        yield path


def main() -> None:
    parser = argparse.ArgumentParser(prog="sam_local", description="Prepare sam local for a running make run.")
    parser.add_argument("--host", default=DOCKER, help=f"this machine as containers see it ({DOCKER})")
    try:
        count = len(list(write_filled(Endpoints.load(), parser.parse_args().host)))
        print(f"{count} files are in {FILLED.relative_to(ROOT)}; tickets among them are good for a minute.")
    except Problem as problem:
        sys.exit(str(problem))
    except FileNotFoundError as missing:
        sys.exit(f"Nothing is running here ({missing}); start it with: make run")


if __name__ == "__main__":
    main()
