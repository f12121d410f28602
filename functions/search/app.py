"""The route ``search``: chat messages, mail, appointments and attachments by words."""

from collections.abc import Sequence

from chat.aws import runtime
from chat.aws.socket import Call, route, serve
from chat import cursors
from chat import search as domain
from chat.frames.communications import HitFrame, Search, SearchReply
from chat.frames.paging import fit

runtime.tables()


@route(Search)
def search(call: Call, request: Search) -> SearchReply:
    caller = call.caller
    contact = caller.colleague(request.contact)
    binding = (str(caller.address), "search", str(contact), request.words)
    position = cursors.decode(request.cursor, *binding)
    found = domain.page(call.tables, caller, contact, request.words, position, call.now, _fitting)
    return SearchReply(
        hits=_frames(found.hits),
        searched_to=found.searched_to,
        cursor=cursors.encode(found.position, *binding) if found.position else None,
    )


def _fitting(hits: Sequence[domain.Hit]) -> int:
    return fit(_frames(hits))


def _frames(hits: Sequence[domain.Hit]) -> list[HitFrame]:
    return [HitFrame.model_validate(each) for each in hits]


handler = serve(search)
