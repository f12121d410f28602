"""Everything that can be wrong with a request, each with the code that the API documents.

Functions and bridge translate these in one place each (``chat.aws.socket``, ``chat.aws.http``). A message names the
field, the limit and what was given, and never says whether an address of another domain exists.
"""

from __future__ import annotations


class ChatError(Exception):
    """A request that cannot be served. ``code`` is stable, ``message`` is for people, ``details`` for programs."""

    code = "error"
    status = 400
    """The HTTP status where the request came over HTTP."""

    def __init__(self, message: str, **details: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class BadJson(ChatError):
    """The frame is not a JSON object."""

    code = "bad_json"


class JsonTooDeep(ChatError):
    """The frame nests deeper than the parser follows."""

    code = "json_too_deep"


class FrameTooLarge(ChatError):
    """The frame exceeds 32 KB."""

    code = "frame_too_large"
    status = 413


class UnknownAction(ChatError):
    """The frame's ``action`` is not a route."""

    code = "unknown_action"


class MissingField(ChatError):
    """A field that the route needs is not there."""

    code = "missing_field"


class UnknownField(ChatError):
    """A field that the route does not know."""

    code = "unknown_field"


class BadField(ChatError):
    """A field of the wrong type or outside its limits."""

    code = "bad_field"


class BadAddress(ChatError):
    """Not an address: ``local@domain`` within the rules of ``chat.addresses``."""

    code = "bad_address"


class BadText(ChatError):
    """Text with a lone surrogate or a character that XML 1.0 forbids, so that it could not go to an XMPP client."""

    code = "bad_text"


class EmptyBody(ChatError):
    """A message without text."""

    code = "empty_body"


class BodyTooLarge(ChatError):
    """A message body over its limit."""

    code = "body_too_large"
    status = 413


class UnknownRecipient(ChatError):
    """Nobody in the sender's domain can be reached under that address."""

    code = "unknown_recipient"
    status = 404


class UnknownContact(ChatError):
    """The viewer has no such contact."""

    code = "unknown_contact"
    status = 404


class UnknownConversation(ChatError):
    """No message of the thread has that id."""

    code = "unknown_conversation"
    status = 404


class UnknownItem(ChatError):
    """The user has nothing with that id: no message in the archive, or no mail or file with this contact."""

    code = "unknown_item"
    status = 404


class Blocked(ChatError):
    """The recipient has blocked the sender, or the sender the recipient."""

    code = "blocked"
    status = 403


class ClockSkew(ChatError):
    """A new message whose id does not carry the present time. ``server_time`` is given, in ms since the epoch."""

    code = "clock_skew"


class IdTaken(ChatError):
    """Another message has that id already."""

    code = "id_taken"
    status = 409


class BadCursor(ChatError):
    """A cursor that was not given for this question to this user."""

    code = "bad_cursor"


class Offline(ChatError):
    """The user's webmail status is Offline, and the request needs another one."""

    code = "offline"
    status = 409


class NotConnected(ChatError):
    """The connection is no longer registered: reconnect."""

    code = "not_connected"
    status = 409


class TooManyConnections(ChatError):
    """The user has as many connections as one may have."""

    code = "too_many_connections"
    status = 429


class WrongCredentials(ChatError):
    """No such user, wrong password, or a disabled user: the answer is the same."""

    code = "wrong_credentials"
    status = 401


class SignOnRefused(ChatError):
    """A JWT that gives no session. ``reason`` is given: ``malformed``, ``address``, ``not_set_up``, ``algorithm``,
    ``unknown_key``, ``signature``, ``claim_missing``, ``issuer``, ``audience``, ``too_long_lived``, ``expired``,
    ``not_yet_valid`` or ``no_such_user``, which a disabled user is too, and one who had the address before its present
    owner; the message says what was expected and given.
    """

    code = "sign_on_refused"
    status = 401


class SignOnUnavailable(ChatError):
    """The keys to check a JWT with cannot be fetched now; try again. ``reason`` is given: ``keys_unavailable``."""

    code = "sign_on_unavailable"
    status = 503

    def __init__(self, cause: str, **details: str | int) -> None:
        """``cause`` is for logs and administrators: it tells what our network sees, and anybody can ask."""
        super().__init__("the key set of the domain cannot be had now; try again", **details)
        self.cause = cause


class TooManyAttempts(ChatError):
    """Too many log-ins that were refused. ``retry_after`` is given, in seconds."""

    code = "too_many_attempts"
    status = 429


class SessionExpired(ChatError):
    """The session token is too old, or was ended by a new password."""

    code = "session_expired"
    status = 401


class SessionForged(ChatError):
    """The session token is missing or not ours."""

    code = "session_forged"
    status = 401


class TicketExpired(ChatError):
    """The ticket is older than a minute."""

    code = "ticket_expired"
    status = 403


class TicketUsed(ChatError):
    """The ticket has opened a connection before."""

    code = "ticket_used"
    status = 403


class TicketForged(ChatError):
    """The ticket is missing or not ours."""

    code = "ticket_forged"
    status = 403


class DirectoryError(ChatError):
    """A change of the directory that its rules forbid."""

    code = "bad_directory"


class AliasCycle(DirectoryError):
    """An alias that would contain itself."""

    code = "alias_cycle"


class AlreadyExists(DirectoryError):
    """The address or domain is in use."""

    code = "already_exists"
    status = 409


class UnknownDomain(DirectoryError):
    """The domain has not been created."""

    code = "unknown_domain"
    status = 404


class Busy(ChatError):
    """The store is throttled; the same request may be sent again."""

    code = "busy"
    status = 503


class Internal(ChatError):
    """Our own mistake; the log has it."""

    code = "internal"
    status = 500
