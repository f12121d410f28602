"""``chatctl smoke``: which deployment, which users, and a local cloud of its own where none is running."""

from __future__ import annotations

import shutil
import signal
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from chat.addresses import Address
from chatctl import smoke as smoke_test
from chatctl.arguments import deployment
from chatctl.deployment import BadDeployment, Place, load_endpoints
from localcloud.endpoints import ENDPOINTS, LOCAL
from localcloud.problem import Problem
from localcloud.seed import PASSWORD

ANSWER_SECONDS = 2
"""How long a running local cloud may take to say that it is there."""


def smoke(
    context: typer.Context,
    first: Annotated[str, typer.Option(metavar="ADDRESS", help="A user.")] = "alice@example.com",
    second: Annotated[str, typer.Option(metavar="ADDRESS", help="Another one of the domain.")] = "bob@example.com",
    password: Annotated[
        str | None,
        typer.Option(
            envvar="CHATCTL_PASSWORD",
            help="The password of both; without it, the demo's on a local cloud, and else it is asked for.",
        ),
    ] = None,
    start: Annotated[
        bool, typer.Option("--start", help="Where no local cloud is running, start one, and stop it afterwards.")
    ] = False,
) -> None:
    """Let two users log in, chat and look it up again, and tell how long each step takes.

    What they send stays in their history. A user who is Offline becomes Available for the time of the test.
    """
    one, other = Address.parse(first), Address.parse(second)
    if one == other or one.domain != other.domain:
        raise typer.BadParameter("--first and --second have to be two users of one domain")
    if not start:
        _run(context, (str(one), str(other)), password)
        return
    place = context.obj
    if not isinstance(place, Place) or place.is_named:
        raise typer.BadParameter("--start goes without --endpoints and --stack")
    with _local_cloud(place.running) as endpoints:
        context.obj = Place(endpoints)
        _run(context, (str(one), str(other)), password)


def _run(context: typer.Context, addresses: tuple[str, str], password: str | None) -> None:
    where = deployment(context)
    if password is None:
        password = PASSWORD if where.is_local else typer.prompt("Password of both", hide_input=True)
    try:
        passed = smoke_test.chat(where.http_url, addresses, password, typer.echo)
    except smoke_test.StepFailed as error:
        typer.echo(f"✗ failed: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{passed} steps passed")


@contextmanager
def _local_cloud(running_at: Path) -> Iterator[Path]:
    """The endpoints of the running local cloud, or of one in a folder of its own that runs for this alone.

    The folder is removed at the end, except after a failure: its log may tell why.

    Raises:
        Problem: it cannot run.
    """
    if _answers(running_at):
        yield running_at
        return
    # What builds and runs a local cloud is needed here alone; on AWS it need not even be installed.
    from localcloud.cloud import free_port
    from localcloud.run import running

    LOCAL.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="smoke-", dir=LOCAL))
    failed = False
    try:
        with _stopped_in_order(), running(folder, free_port()):
            yield folder / ENDPOINTS.name
    except (Problem, typer.Exit):
        failed = True
        typer.echo(f"its log is kept: {folder / 'cloud.log'}", err=True)
        raise
    finally:
        if not failed:
            shutil.rmtree(folder, ignore_errors=True)


def _answers(running_at: Path) -> bool:
    try:
        cloud = load_endpoints(running_at).cloud
        with urllib.request.urlopen(f"{cloud}/_ministack/health", timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (OSError, BadDeployment):
        return False


@contextmanager
def _stopped_in_order() -> Iterator[None]:
    """Let SIGTERM end this like Ctrl-C, so that the local cloud is stopped, too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
