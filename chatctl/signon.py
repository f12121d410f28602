"""``chatctl domain sign-on``: the JWTs with which a domain's webmail signs its users on."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from pathlib import Path
from typing import Annotated

import typer

from chat import signon, signon_settings
from chat.errors import ChatError, SignOnRefused, SignOnUnavailable
from chat.jwks import KeySets
from chat.tables.directory import SignOnSettings
from chatctl import layout
from chatctl.arguments import DomainArgument, check_domain, deployment
from chatctl.clock import now

app = typer.Typer(no_args_is_help=True, help="Let a webmail sign its users on with JWTs: set, show, check, remove.")

NEW_KEY = 64
"""Random bytes of a new key, spelled in 86 characters: enough for HS512."""
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
            f" {signon_settings.MIN_KEY} bytes at least. The bytes are the key as they are, nothing is decoded;"
            " only of a single line of ASCII text the line end is left out.",
        ),
    ] = None,
    new_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Make a random key that does for all three, and write it as a line of text to this new file, which"
            " its owner alone may read. Give its text to the webmail as it is.",
        ),
    ] = None,
    jwks_url: Annotated[
        str | None,
        typer.Option("--jwks-url", metavar="URL", help="The https address of the webmail's public keys (RFC 7517)."),
    ] = None,
) -> None:
    """Let the users of a domain log in with the webmail's JWTs. What was set before is replaced.

    Whoever signs vouches for the address in a token, since that user is logged in. So the webmail signs for the user
    alone who is logged in there, with an address that is that user's own. The claim email_verified need not be there,
    but must not be false.
    """
    if [key_file, new_key, jwks_url].count(None) != 2:
        raise typer.BadParameter("give one of --key-file, --new-key and --jwks-url")
    where = deployment(context)
    if new_key is not None:
        _write_new_key(new_key)
    file = key_file or new_key
    settings = SignOnSettings(issuer, audience, _key(file.read_bytes()) if file else b"", jwks_url or "")
    try:
        signon_settings.set_up(where.tables, domain, settings, local=where.is_local)
    except ChatError:  # nothing was set
        if new_key is not None:
            new_key.unlink()
        raise
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
    where = deployment(context)
    check_domain(where.tables, domain)
    content = typer.get_binary_stream("stdin").read() if str(jwt_file) == "-" else jwt_file.read_bytes()
    token = content.decode("latin-1").strip()  # whatever is not ASCII is refused for that
    try:
        claimed = signon.claimed_address(token)
        if claimed.domain != domain:
            message = f"the JWT is for {claimed}, expected an address of {domain}"
            raise SignOnRefused(message, reason=str(signon.Reason.ADDRESS))
        address = signon.identify(where.tables, token, KeySets(time.monotonic, local=where.is_local), now())
    except (SignOnRefused, SignOnUnavailable) as error:
        cause = f": {error.cause}" if isinstance(error, SignOnUnavailable) else ""
        typer.echo(f"Refused, {error.details['reason']}: {error.message}{cause}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{address} would be logged in")


def _key(content: bytes) -> bytes:
    """The key in a file: its bytes, or of a file of text the text without the line end behind it."""
    text = content.removesuffix(b"\n").removesuffix(b"\r")
    return text if text.isascii() and text.decode().isprintable() else content


def _write_new_key(file: Path) -> None:
    """Raises OSError where the file is there already or cannot be written."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        print(secrets.token_urlsafe(NEW_KEY), file=opened)


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
