"""``chatctl domain sign-on``: the JWTs with which a domain's webmail signs its users on."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Annotated

import typer

from chat import signon, signon_settings
from chat.errors import SignOnRefused, SignOnUnavailable
from chat.jwks import KeySets
from chat.tables.directory import SignOnSettings
from chatctl import layout
from chatctl.arguments import DomainArgument, check_domain, deployment
from chatctl.clock import now

app = typer.Typer(no_args_is_help=True, help="Let a webmail sign its users on with JWTs: set, show, check, remove.")

FINGERPRINT = 16
"""Hexadecimal digits of a key's SHA-256: enough to tell keys apart."""


@app.command("set")
def set_sign_on(
    context: typer.Context,
    domain: DomainArgument,
    issuer: Annotated[str, typer.Option(help="What the tokens must have as iss: the name of the webmail.")],
    audience: Annotated[str, typer.Option(help="What the tokens must have as aud: the name of this chat.")],
    key_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The key that the webmail signs with, too (HS256, HS384, HS512):"
            f" {signon_settings.MIN_KEY} bytes at least. A line end behind a text does not count.",
        ),
    ] = None,
    jwks_url: Annotated[
        str | None,
        typer.Option("--jwks-url", metavar="URL", help="The https address of the webmail's public keys (RFC 7517)."),
    ] = None,
) -> None:
    """Let the users of a domain log in with the webmail's JWTs. What was set before is replaced."""
    if (key_file is None) == (jwks_url is None):
        raise typer.BadParameter("give either --key-file or --jwks-url")
    where = deployment(context)
    key = b"" if key_file is None else _key(key_file.read_bytes())
    settings = SignOnSettings(issuer, audience, key, jwks_url or "")
    signon_settings.set_up(where.tables, domain, settings)
    typer.echo(f"{domain} has single sign-on")
    typer.echo(_facts(settings))


@app.command()
def show(context: typer.Context, domain: DomainArgument) -> None:
    """Show how the JWTs of a domain are checked; of a shared key the fingerprint, never the key."""
    typer.echo(_facts(signon_settings.of(deployment(context).tables, domain)))


@app.command()
def remove(context: typer.Context, domain: DomainArgument) -> None:
    """Accept no JWT of a domain any more. Sessions that began with one go on until they expire."""
    signon_settings.remove(deployment(context).tables, domain)
    typer.echo(f"{domain} has no single sign-on any more")


@app.command()
def check(
    context: typer.Context,
    domain: DomainArgument,
    jwt_file: Annotated[Path, typer.Option(metavar="FILE", help="A JWT of the webmail; - is standard input.")],
) -> None:
    """Tell whom a JWT would log in now, or for what reason nobody. Nobody is logged in by that."""
    tables = deployment(context).tables
    check_domain(tables, domain)
    content = typer.get_binary_stream("stdin").read() if str(jwt_file) == "-" else jwt_file.read_bytes()
    token = content.decode("latin-1").strip()  # whatever is not ASCII is refused for that
    try:
        claimed = signon.claimed_address(token)
        if claimed.domain != domain:
            message = f"the JWT is for {claimed}, expected an address of {domain}"
            raise SignOnRefused(message, reason=str(signon.Reason.ADDRESS))
        address = signon.identify(tables, token, KeySets(time.monotonic), now())
    except (SignOnRefused, SignOnUnavailable) as error:
        typer.echo(f"Refused, {error.details['reason']}: {error.message}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{address} would be logged in")


def _key(content: bytes) -> bytes:
    """The key in a file: its bytes, or of a file of text the text without the line end behind it."""
    text = content.removesuffix(b"\n").removesuffix(b"\r")
    return text if text.isascii() and text.decode().isprintable() else content


def _facts(settings: SignOnSettings) -> str:
    digest = hashlib.sha256(settings.key).hexdigest()[:FINGERPRINT]
    return layout.facts(
        [
            ("Issuer", settings.issuer),
            ("Audience", settings.audience),
            ("Shared key", f"{len(settings.key)} bytes, SHA-256 {digest}…" if settings.key else ""),
            ("Key set", settings.jwks_url),
            ("Algorithms", ", ".join(signon.algorithms(settings))),
        ]
    )
