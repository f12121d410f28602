"""``chatctl``: administration of company chat, on a local cloud and on AWS alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatctl import aliases, imports, keys, mail, signon, smoke_command, users
from chatctl.deployment import Place
from chatctl.problems import OneSentence

app = typer.Typer(
    cls=OneSentence,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # help and errors as plain text: they go to logs and mails, too
    pretty_exceptions_enable=False,
)
aliases.domain_app.add_typer(signon.app, name="sign-on")
app.add_typer(aliases.domain_app, name="domain")
app.add_typer(users.app, name="user")
app.add_typer(aliases.app, name="alias")
app.add_typer(imports.app, name="import")
app.add_typer(mail.app, name="mail")
app.add_typer(keys.app, name="keys")
app.command("smoke")(smoke_command.smoke)


@app.callback()
def options(
    context: typer.Context,
    endpoints: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The local cloud whose endpoints are in this file; without it, the one that make run has started.",
        ),
    ] = None,
    stack: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The CloudFormation stack on AWS, with the usual AWS credentials."),
    ] = None,
    region: Annotated[
        str | None, typer.Option(metavar="NAME", help="The region of the stack; without it, the one configured.")
    ] = None,
) -> None:
    """Administer company chat.

    Works on the local cloud that make run has started, or with --stack on AWS. These options stand before the command:
    chatctl --stack company-chat user list example.com
    """
    if endpoints is not None and stack is not None:
        raise typer.BadParameter("give --endpoints or --stack, not both")
    if region is not None and stack is None:
        raise typer.BadParameter("--region goes with --stack")
    if context.obj is None:
        context.obj = Place(endpoints, stack, region)


def run() -> None:
    """The entry point of the command."""
    app(prog_name="chatctl")
