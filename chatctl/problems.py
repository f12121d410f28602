"""What can go wrong, as one sentence for whoever typed the command; never a stack trace."""

from __future__ import annotations

from typing import Any
from urllib.error import URLError

import typer
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
)
from typer.core import TyperGroup
from websockets.exceptions import WebSocketException

from chat.errors import ChatError
from chat.store import StoreBusy
from chatctl.client import NoAnswer, Refused
from chatctl.csvfile import BadFile
from chatctl.deployment import BadDeployment, NothingNamed
from localcloud.problem import Problem

EXPECTED = (
    BadDeployment,
    BadFile,
    BotoCoreError,
    ChatError,
    ClientError,
    NoAnswer,
    OSError,
    Problem,
    Refused,
    StoreBusy,
    WebSocketException,
)
"""Errors that a command can meet without a mistake in this program."""
USAGE = 2
"""The exit code of a command line that cannot be carried out as it stands."""


def reason(error: Exception) -> str:
    """What an expected error says to people, on one line."""
    match error:
        case ChatError() | Refused():
            text = error.message
        case EndpointConnectionError():
            text = f"nothing answers at {error.kwargs['endpoint_url']}; is the cloud running?"
        case NoCredentialsError():
            text = "there are no AWS credentials; set AWS_PROFILE, or log in with aws sso login"
        case NoRegionError():
            text = "there is no AWS region; set it with --region or AWS_DEFAULT_REGION"
        case ClientError():
            text = f"AWS refused {error.operation_name}: {error.response['Error'].get('Message') or _code(error)}"
        case URLError():
            text = f"the HTTP API does not answer: {error.reason}"
        case OSError(filename=str(name), strerror=str(what)):
            text = f"{name}: {what}"
        case _:
            text = str(error)
    return " ".join(text.split()) or type(error).__name__


def sentence(error: Exception) -> str:
    """The same with a capital, unless it begins with an address or a path."""
    text = reason(error)
    return text[0].upper() + text[1:] if text.split()[0].isalpha() else text


class OneSentence(TyperGroup):
    """Commands whose expected errors end in one sentence on stderr and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except NothingNamed as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(USAGE) from error
        except EXPECTED as error:
            typer.echo(sentence(error), err=True)
            raise typer.Exit(1) from error


def _code(error: ClientError) -> str:
    return error.response["Error"].get("Code", "no reason given")
