"""The route ``communications``: mail, appointments and attachments that involve a contact."""

from collections.abc import Sequence

from chat import communications as domain
from chat import cursors
from chat.aws import runtime
from chat.aws.socket import Call, route, serve
from chat.frames.communications import CommunicationFrame, Communications, CommunicationsReply
from chat.frames.paging import fit
from chat.tables.communications import Communication

runtime.tables()


@route(Communications)
def communications(call: Call, request: Communications) -> CommunicationsReply:
    caller = call.caller
    contact = caller.colleague(request.contact)
    binding = (str(caller.address), "communications", str(contact), request.kind)
    position = cursors.decode(request.cursor, *binding)
    page = domain.page(call.tables, caller, contact, request.kind, position, call.now, _fitting)
    return CommunicationsReply(
        indexed=page.indexed,
        communications=_frames(page.communications),
        cursor=cursors.encode(page.next, *binding) if page.next else None,
    )


def _fitting(found: Sequence[Communication]) -> int:
    return fit(_frames(found))


def _frames(found: Sequence[Communication]) -> list[CommunicationFrame]:
    return [CommunicationFrame.model_validate(each) for each in found]


handler = serve(communications)
