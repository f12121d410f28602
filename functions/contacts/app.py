"""The routes ``contacts`` and ``contact``: who is in the domain."""

from collections.abc import Sequence

from chat.aws import runtime
from chat.aws.socket import Call, route, serve
from chat import contacts as domain
from chat import cursors
from chat.callers import Caller
from chat.entries import Alias, User
from chat.frames.contacts import Contact, ContactDetails, ContactReply, Contacts, ContactsReply, ContactSummary
from chat.frames.paging import fit, fit_texts

runtime.tables()


@route(Contacts)
def contacts(call: Call, request: Contacts) -> ContactsReply:
    caller = call.caller
    binding = (str(caller.address), "contacts")
    position = cursors.decode(request.cursor, *binding)
    version = domain.version(call.tables, caller)
    if request.version == version and position is None:
        return ContactsReply(version=version, unchanged=True, contacts=[])

    def fitting(entries: Sequence[User | Alias]) -> int:
        return fit([_summary(caller, entry) for entry in entries])

    page = domain.listing(call.tables, caller.address.domain, position, fitting)
    return ContactsReply(
        version=version,
        contacts=[_summary(caller, entry) for entry in page.contacts],
        cursor=cursors.encode(page.position, *binding) if page.position else None,
    )


@route(Contact)
def contact(call: Call, request: Contact) -> ContactReply:
    caller = call.caller
    entry = domain.contact(call.tables, caller, caller.colleague(request.contact))
    return ContactReply(contact=_details(call, entry))


def _summary(caller: Caller, entry: User | Alias) -> ContactSummary:
    if isinstance(entry, Alias):
        return ContactSummary(
            kind="alias", address=str(entry.address), name=entry.name, member=domain.is_member(caller, entry)
        )
    profile = entry.profile
    return ContactSummary(
        kind="user",
        address=str(entry.address),
        name=profile.name,
        title=profile.title or None,
        department=profile.department or None,
    )


def _details(call: Call, entry: User | Alias) -> ContactDetails:
    summary = _summary(call.caller, entry).model_dump()
    if isinstance(entry, Alias):
        members = [str(address) for address in entry.reached()]
        shown = fit_texts(members)
        return ContactDetails(**summary, members=members[:shown], more_members=len(members) - shown or None)
    aliases = [str(address) for address in domain.aliases_of(call.tables, entry)]
    profile = entry.profile
    return ContactDetails(**summary, phones=list(profile.phones), photo=profile.photo or None, aliases=aliases)


handler = serve(contacts, contact)
