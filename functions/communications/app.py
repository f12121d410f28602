"""The routes ``communications``, ``mail`` and ``download``: mail, appointments and files that involve a contact."""

import os
from collections.abc import Sequence
from functools import partial

from chat.aws import clients, runtime
from chat.aws.socket import Call, route, serve
from chat import communications as domain
from chat import cursors
from chat.aws.mail import MailLibrary
from chat.errors import UnknownItem
from chat.frames import reading
from chat.frames.communications import (
    CommunicationFrame,
    Communications,
    CommunicationsReply,
    Download,
    DownloadReply,
    Mail,
    MailReply,
)
from chat.frames.paging import fit
from chat.tables.communications import Communication

runtime.tables()
library = MailLibrary(partial(clients.client, "s3"), os.environ["MAIL_BUCKET"])


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


@route(Mail)
def mail(call: Call, request: Mail) -> MailReply:
    caller = call.caller
    contact = caller.colleague(request.contact)
    found, files = domain.mail(call.tables, caller, contact, request.id)
    document = library.get_text(contact.domain, found.id, found.text or "")
    if document is None:
        raise UnknownItem("the text of this mail is not there any more")
    return reading.reply(found, document, files, os.environ["MAIL_LINK"])


@route(Download)
def download(call: Call, request: Download) -> DownloadReply:
    caller = call.caller
    contact = caller.colleague(request.contact)
    file = domain.file(call.tables, caller, contact, request.id)
    url = file.url or library.file_url(contact.domain, file.sha256 or "", file.title, file.content_type or "")
    if url is None:
        raise UnknownItem("the content of this file is not there any more")
    return DownloadReply(url=url, name=file.title)


def _fitting(found: Sequence[Communication]) -> int:
    return fit(_frames(found))


def _frames(found: Sequence[Communication]) -> list[CommunicationFrame]:
    return [CommunicationFrame.model_validate(each) for each in found]


handler = serve(communications, mail, download)
