"""``chatctl alias`` and ``chatctl domain``: what users belong to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from chat import aliases as graph
from chat import directory
from chat.addresses import Address
from chat.entries import MAX_MEMBERS, MAX_NAME
from chat.tables import Tables
from chatctl import layout
from chatctl.arguments import AddressArgument, DomainArgument, check_domain, counted, deployment

app = typer.Typer(no_args_is_help=True, help="List, set and remove aliases: addresses that stand for several users.")
domain_app = typer.Typer(no_args_is_help=True, help="Create domains, and let their webmail sign users on.")


@domain_app.command()
def create(context: typer.Context, domain: DomainArgument) -> None:
    """Create a domain, empty at first."""
    directory.create_domain(deployment(context).tables, domain)
    typer.echo(f"Created {domain}")


@app.command("list")
def list_aliases(context: typer.Context, domain: DomainArgument) -> None:
    """List the aliases of a domain, with their members and how many users each reaches."""
    tables = deployment(context).tables
    check_domain(tables, domain)
    rows = [
        [str(alias.address), alias.name, str(len(alias.reach)), " ".join(map(str, alias.members))]
        for alias in directory.active_aliases(tables, domain)
    ]
    typer.echo(layout.table(["ADDRESS", "NAME", "USERS", "MEMBERS"], rows))


@app.command("set")
def set_alias(
    context: typer.Context,
    address: AddressArgument,
    name: Annotated[str, typer.Option(help=f"What people see, at most {MAX_NAME} characters.")],
    member: Annotated[
        list[Address],
        typer.Option(
            parser=Address.parse,
            metavar="ADDRESS",
            help=f"A user or alias of the domain; once for each member. An alias reaches {MAX_MEMBERS} users at most.",
        ),
    ],
) -> None:
    """Create an alias, or give it a new name and exactly these members."""
    tables = deployment(context).tables
    ignored = directory.save_alias(tables, address, name, member)
    inside, _ = graph.of_domain(address.domain, member)
    typer.echo(f"{address} has {counted(len(inside), 'member')}")
    if ignored:
        typer.echo(ignored_text(address.domain, ignored), err=True)
    nobody = unknown_members(tables, address.domain, inside)
    if nobody:
        typer.echo(unknown_text(nobody), err=True)


@app.command()
def remove(context: typer.Context, address: AddressArgument) -> None:
    """Remove an alias, also from aliases that contain it. Its members keep reading its history."""
    directory.remove_alias(deployment(context).tables, address)
    typer.echo(f"Removed {address}")


def unknown_members(tables: Tables, domain: str, members: Iterable[Address]) -> list[Address]:
    """The members that are neither user nor alias now; a message reaches them once they are added."""
    wanted = list(dict.fromkeys(members))
    found = tables.directory.users_named(domain, [each.local for each in wanted])
    known = {user.address for user in found.values() if not user.removed}
    known |= {alias.address for alias in directory.active_aliases(tables, domain)}
    return [each for each in wanted if each not in known]


def ignored_text(domain: str, members: Iterable[Address]) -> str:
    """A warning about members outside the domain."""
    return f"ignored, because outside {domain}: {', '.join(map(str, members))}"


def unknown_text(members: Iterable[Address]) -> str:
    """A warning about members that are nobody."""
    return f"neither user nor alias, so nobody is reached there: {', '.join(map(str, members))}"
