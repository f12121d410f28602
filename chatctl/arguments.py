"""Arguments and options that several commands share, and the deployment that a command works on."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from chat.addresses import Address, domain_name
from chat.errors import UnknownDomain
from chat.tables import Tables
from chatctl.deployment import Deployment, Place

AddressArgument = Annotated[
    Address, typer.Argument(parser=Address.parse, metavar="ADDRESS", help="local@domain, such as alice@example.com.")
]
DomainArgument = Annotated[
    str, typer.Argument(parser=domain_name, metavar="DOMAIN", help="The domain, such as example.com.")
]
DomainOption = Annotated[
    str, typer.Option("--domain", parser=domain_name, metavar="DOMAIN", help="The domain that all lines belong to.")
]


def deployment(context: typer.Context) -> Deployment:
    """The deployment that the command line names, or that it was called with."""
    if isinstance(context.obj, Place):
        context.obj = context.obj.find()
    found: Deployment = context.obj
    return found


def check_domain(tables: Tables, domain: str) -> None:
    """Raises UnknownDomain where the domain has not been created."""
    if tables.directory.version(domain) is None:
        raise UnknownDomain(f"the domain {domain} has not been created; create it with: chatctl domain create {domain}")


def ask_password() -> str:
    """A password, typed twice without showing."""
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def password_from_stdin() -> str:
    """The first line of standard input, without its end."""
    return sys.stdin.readline().rstrip("\r\n")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """``1 row``, ``2 rows``, ``no rows``."""
    return f"{number or 'no'} {noun if number == 1 else plural or noun + 's'}"
