"""``chatctl import``: users and aliases from CSV files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chatctl import alias_import, csvfile, user_import
from chatctl.arguments import DomainOption, deployment
from chatctl.clock import now
from chatctl.progress import progress
from chatctl.report import Report

app = typer.Typer(no_args_is_help=True, help="Import users and aliases from CSV files.")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file in UTF-8 with a header line.")]


@app.command("users")
def import_users(context: typer.Context, file: FileArgument, domain: DomainOption) -> None:
    """Add and update the users of a CSV file.

    Columns, in any order: address, name, title, department, phones (separated by semicolons), photo, password. The
    first two must be there; what there is no column for stays as it is.

    The password is used for users who are new; those who are there keep theirs. Without one, a new user cannot log in
    yet.

    A file may be imported again: lines that change nothing write nothing. Users who are not in the file are left alone.
    Lines that cannot be used are told by number, all others are used; the exit code is 1 if there were such.
    """
    tables = deployment(context).tables
    content = csvfile.read(file, user_import.COLUMNS)
    report = Report(bad=content.bad)
    with progress("Importing users", len(content.lines)) as advance:
        user_import.import_users(tables, domain, content.lines, report, advance, now())
    _tell(report)


@app.command("aliases")
def import_aliases(context: typer.Context, file: FileArgument, domain: DomainOption) -> None:
    """Add and update the aliases of a CSV file.

    Columns, in any order: address, name, members (addresses of users and aliases of the domain, separated by semicolons
    or spaces). An alias may stand before those that it contains. The members in the file replace those before.

    A file may be imported again: lines that change nothing write nothing. Aliases that are not in the file are left
    alone. Lines that cannot be used are told by number, all others are used; the exit code is 1 if there were such.
    """
    tables = deployment(context).tables
    content = csvfile.read(file, alias_import.COLUMNS)
    report = Report(bad=content.bad)
    with progress("Importing aliases", len(content.lines)) as advance:
        alias_import.import_aliases(tables, domain, content.lines, report, advance)
    _tell(report)


def _tell(report: Report) -> None:
    """Print what became of the lines; exits with 1 where some were bad."""
    for warning in sorted(report.warnings):
        typer.echo(f"line {warning.number}: {warning.reason}", err=True)
    for bad in sorted(report.bad):
        typer.echo(f"line {bad.number}: not used: {bad.reason}", err=True)
    typer.echo(report.summary)
    if report.bad:
        raise typer.Exit(1)
