"""``chatctl keys``: the keys that sign session tokens and tickets."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from chatctl import signing_keys
from chatctl.arguments import deployment
from chatctl.clock import now
from chatctl.deployment import BadDeployment

app = typer.Typer(no_args_is_help=True, help="Rotate the keys that sign sessions and tickets.")


@app.callback()
def keys() -> None:
    """Rotate the keys that sign sessions and tickets."""


@app.command()
def rotate(
    context: typer.Context,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="A key has leaked: end all sessions, so that everybody logs in again.")
    ] = False,
) -> None:
    """Have a new key sign; sessions go on, since the present key is accepted until the next rotation.

    It takes 5 minutes, until everything that checks tokens knows the new key. May be stopped and begun again.
    """
    found = deployment(context).keys
    if found is None:
        raise BadDeployment("This stack does not tell where its signing keys are; deploy the template again.")
    if at_once:
        signing_keys.replace(found)
        typer.echo("a new key signs; all sessions end within 5 minutes")
        return
    typer.echo("the new key is being made known, which takes 5 minutes")
    signing_keys.rotate(found, now, time.sleep)
    typer.echo("a new key signs; the one before is accepted, for the 12 hours that its last session lasts")
