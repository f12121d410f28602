"""``chatctl mail``: the mail index (docs/mail.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chat.addresses import Address
from chat.aws.mail import MailLibrary
from chat.mail import forgetting
from chat.mail.forgetting import Forgotten
from chatctl import layout, mailfiles, mailroom
from chatctl.arguments import AddressArgument, check_domain, counted, deployment
from chatctl.deployment import BadDeployment, MailPlace
from chatctl.mailfiles import Format
from chatctl.progress import progress

app = typer.Typer(no_args_is_help=True, help="Put mail into the index, try again what failed, delete and renew it.")

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command("import")
def import_mail(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Maildir folders and mbox files.")],
    format: Annotated[  # noqa: A002  # as the option is called
        Format | None, typer.Option(help="What the paths are; without it, each is looked at.")
    ] = None,
    recipient: Annotated[
        Address | None,
        typer.Option(
            parser=Address.parse,
            metavar="ADDRESS",
            help="Whose mailbox it is: blind copies do not name their recipient.",
        ),
    ] = None,
) -> None:
    """Put the messages of Maildir folders, with all folders below them, and of mbox files into the mail bucket.

    The indexer takes them from there. May be stopped and begun again: what is there already is not put in twice.
    Left out are drafts and deleted messages of a Maildir, by their flags and by the names of its folders.
    Messages that cannot be read from the disk are told, all others are put in; the exit code is 1 if there were such.
    """
    place = _place(context)
    if recipient is not None:
        check_domain(deployment(context).tables, recipient.domain)
    sources = mailfiles.sources(paths, format)
    with progress("Importing mail", sum(each.size for each in sources)) as advance:
        messages = (message for source in sources for message in source.messages())
        done = mailroom.put_in(place, messages, str(recipient or ""), advance)
    for problem in done.problems:
        typer.echo(f"not imported: {problem}", err=True)
    left_out = sum(each.left_out for each in sources)
    beside = f"; {counted(left_out, 'message')} left out as draft, deleted or junk" if left_out else ""
    typer.echo(f"{counted(done.added, 'message')} put in, {done.known} there already{beside}")
    if done.problems:
        raise typer.Exit(1)


@app.command()
def unreadable(context: typer.Context) -> None:
    """List the messages that cannot be indexed, with the reason of each."""
    place = _place(context)
    rows = [
        [f"{each.since:%Y-%m-%d %H:%M}", str(each.size), each.key, each.reason] for each in mailroom.unreadable(place)
    ]
    if rows:
        typer.echo(layout.table(["SINCE", "BYTES", "KEY", "REASON"], rows))
    typer.echo(f"{counted(len(rows), 'message')} cannot be read; {mailroom.given_up(place)} given up after three tries")


@app.command()
def retry(
    context: typer.Context,
    reason: Annotated[
        str, typer.Option(help="Only messages that cannot be read whose reason has this text, whatever its case.")
    ] = "",
) -> None:
    """Try again what could not be read, and what was given up after three tries."""
    place = _place(context)
    chosen = [each for each in mailroom.unreadable(place) if reason.lower() in each.reason.lower()]
    with progress("Putting back", len(chosen)) as advance:
        for each in chosen:
            mailroom.put_back(place, each)
            advance(1)
    again = 0 if reason else mailroom.try_again(place)
    typer.echo(f"{counted(len(chosen) + again, 'message')} will be tried again")


@app.command()
def delete(context: typer.Context, address: AddressArgument, yes: YesOption = False) -> None:
    """Delete all that is indexed of a user's or an alias's mail.

    Others keep what they have of the same messages. Raw messages stay in the bucket, and indexing them again brings the
    entries back unless the user has been removed or disabled. Files that were shared in the chat stay.
    """
    where, place = deployment(context), _place(context)
    check_domain(where.tables, address.domain)
    if not yes:
        typer.confirm(f"Delete all that is indexed of the mail of {address}?", abort=True)
    library, forgotten = MailLibrary(lambda: place.s3, place.bucket), Forgotten()
    contacts = sum(1 for _ in forgetting.correspondences(where.tables, address))
    with progress("Deleting", contacts) as advance:
        forgetting.forget(where.tables, library, address, advance, forgotten)
    typer.echo(f"Deleted what was indexed of the mail of {address}")
    typer.echo(
        layout.facts(
            [
                ("Rows", str(forgotten.rows)),
                ("Texts that nobody else had", str(forgotten.texts)),
                ("Files that nobody else had", str(forgotten.files)),
            ]
        )
    )


@app.command()
def reindex(context: typer.Context, yes: YesOption = False) -> None:
    """Index all raw messages again that are still in the bucket. Entries that are there stay as they are."""
    place = _place(context)
    if not yes:
        typer.confirm("Index all raw messages again?", abort=True)
    typer.echo(f"{counted(mailroom.index_again(place), 'message')} will be indexed again")


def _place(context: typer.Context) -> MailPlace:
    place = deployment(context).mail
    if place is None:
        raise BadDeployment("This stack has no mail index yet; deploy the template again.")
    return place
