"""The authorizer of ``$connect``: a ticket, used once, lets a user or a bridge node in.

API Gateway answers a refusal with 403 whatever the reason; the reason is in the log.
"""

from typing import Any

from chat.aws import metrics, runtime, secret
from chat import metrics as declared
from chat import sessions
from chat.errors import ChatError, TicketForged

runtime.tables()


@metrics.written
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Allow with ``address`` or ``node`` in the context that every later event carries, or deny."""
    runtime.correlate(event, context)
    token = (event.get("queryStringParameters") or {}).get("ticket", "")
    try:
        if not token:
            raise TicketForged("there is no ticket")
        ticket = sessions.use_ticket(runtime.tables(), secret.signer(), token, runtime.now())
    except ChatError as error:
        metrics.note(declared.LOG_INS_REFUSED, of=declared.WEB)
        metrics.note_outcome(error.code)
        runtime.logger.info("refused", extra={"code": error.code})
        return _answer("Deny", event["methodArn"], {})
    runtime.logger.info("allowed", extra={"kind": "user" if ticket.address else "node"})
    who = {"address": str(ticket.address)} if ticket.address else {"node": str(ticket.node)}
    return _answer("Allow", event["methodArn"], who)


def _answer(effect: str, resource: str, context: dict[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": next(iter(context.values()), "nobody"), "policyDocument": policy, "context": context}
