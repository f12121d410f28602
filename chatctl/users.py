"""``chatctl user``: the people of a domain."""

from __future__ import annotations

from typing import Annotated

import typer

from chat import credentials, directory, ids
from chat.addresses import Address
from chat.entries import MAX_NAME, MAX_PHONE, MAX_PHONES, MAX_PHOTO, Profile, User
from chat.errors import UnknownContact
from chat.presence import connections_in, derive
from chat.tables import Tables
from chat.tables.directory import Credential
from chatctl import layout
from chatctl.arguments import (
    AddressArgument,
    DomainArgument,
    ask_password,
    check_domain,
    counted,
    deployment,
    password_from_stdin,
)
from chatctl.clock import now
from chatctl.closing import close_connections

app = typer.Typer(no_args_is_help=True, help="Add, show, disable and remove users.")

PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


@app.command()
def add(
    context: typer.Context,
    address: AddressArgument,
    name: Annotated[str, typer.Option(help=f"The person's name, at most {MAX_NAME} characters.")],
    title: Annotated[str, typer.Option(help="What the person does.")] = "",
    department: Annotated[str, typer.Option(help="Where the person works.")] = "",
    phone: Annotated[
        list[str] | None,
        typer.Option(help=f"A phone number, at most {MAX_PHONE} characters; up to {MAX_PHONES} times."),
    ] = None,
    photo: Annotated[str, typer.Option(help=f"https address of a photo, at most {MAX_PHOTO} characters.")] = "",
    password: Annotated[
        str | None, typer.Option(help="The password; other users of this machine can see a command line.")
    ] = None,
    password_prompt: Annotated[bool, typer.Option("--password-prompt", help="Ask for the password, twice.")] = False,
    password_stdin: PasswordStdin = False,
) -> None:
    """Add a user. Without a password the user is a contact like all others, but cannot log in yet."""
    if (password is not None) + password_prompt + password_stdin > 1:
        raise typer.BadParameter("give one of --password, --password-prompt and --password-stdin")
    where = deployment(context)
    profile = directory.check_profile(Profile(name, title, department, tuple(phone or ()), photo))
    check_domain(where.tables, address.domain)
    if password_prompt:
        password = ask_password()
    elif password_stdin:
        password = password_from_stdin()
    credential = None if password is None else _credential(password)
    directory.add_users(where.tables, address.domain, [directory.NewUser(address, profile, credential)], now())
    note = "" if credential else f"; to let the user log in: chatctl user password {address}"
    typer.echo(f"Added {address}{note}")


@app.command("list")
def list_users(context: typer.Context, domain: DomainArgument) -> None:
    """List the users of a domain."""
    tables = deployment(context).tables
    check_domain(tables, domain)
    rows = [
        [str(user.address), user.profile.name, user.profile.title, user.profile.department, _state(user)]
        for user in directory.users(tables, domain)
    ]
    typer.echo(layout.table(["ADDRESS", "NAME", "TITLE", "DEPARTMENT", "STATE"], rows))


@app.command()
def show(context: typer.Context, address: AddressArgument) -> None:
    """Show everything about a user but the password."""
    tables = deployment(context).tables
    user = _existing(tables, address)
    credential = tables.directory.credential(address)
    connections = connections_in(tables.connections.of(address), now())
    aliases = ", ".join(str(Address(local, address.domain)) for local in sorted(user.aliases))
    presence = f"{derive(connections)}, {counted(len(connections), 'connection')}"
    typer.echo(
        layout.facts(
            [
                ("Address", str(user.address)),
                ("Name", user.profile.name),
                ("Title", user.profile.title),
                ("Department", user.profile.department),
                ("Phones", ", ".join(user.profile.phones)),
                ("Photo", user.profile.photo),
                ("Aliases", aliases),
                ("State", _state(user)),
                ("Password", f"set {ids.iso(credential.since)}" if credential else "none, cannot log in"),
                ("Presence", presence),
            ]
        )
    )


@app.command()
def disable(context: typer.Context, address: AddressArgument) -> None:
    """Shut a user out: no log-in, no longer a contact, open connections closed. Nothing is lost."""
    where = deployment(context)
    connections = directory.disable_user(where.tables, address, True, now())
    closed = close_connections(where.management, connections)
    typer.echo(f"Disabled {address}; {counted(closed, 'connection')} closed")


@app.command()
def enable(context: typer.Context, address: AddressArgument) -> None:
    """Let a disabled user in again, with the same password."""
    directory.disable_user(deployment(context).tables, address, False, now())
    typer.echo(f"Enabled {address}")


@app.command()
def remove(
    context: typer.Context,
    address: AddressArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a user: profile, password, inbox and memberships. Others keep their history with the user."""
    where = deployment(context)
    user = _existing(where.tables, address)
    if not yes:
        typer.confirm(f"Remove {address} ({user.profile.name}) for good?", abort=True)
    removal = directory.remove_user(where.tables, address, now())
    closed = close_connections(where.management, removal.connections)
    typer.echo(f"Removed {address}; others keep their history with the user")
    typer.echo(
        layout.facts(
            [
                ("Aliases left", ", ".join(removal.aliases) or "none"),
                ("Inbox rows", str(removal.inbox_rows)),
                ("Connections closed", str(closed)),
            ]
        )
    )


@app.command()
def password(context: typer.Context, address: AddressArgument, password_stdin: PasswordStdin = False) -> None:
    """Set a user's password; asks for it twice. Log-ins with the old one are over."""
    tables = deployment(context).tables
    _existing(tables, address)
    directory.set_password(tables, address, _credential(password_from_stdin() if password_stdin else ask_password()))
    typer.echo(f"{address} has a new password")


@app.command()
def unblock(context: typer.Context, address: AddressArgument) -> None:
    """Forget a user's wrong log-ins, so that the next one need not wait."""
    tables = deployment(context).tables
    _existing(tables, address)
    tables.connections.forget_attempts(str(address))
    typer.echo(f"{address} may log in without waiting")


def _credential(text: str) -> Credential:
    credentials.check_password(text)
    return credentials.derive(text, now())


def _existing(tables: Tables, address: Address) -> User:
    user = tables.directory.user(address)
    if user is None or user.removed:
        raise UnknownContact(f"{address} is not a user")
    return user


def _state(user: User) -> str:
    return "disabled" if user.disabled else "active"
