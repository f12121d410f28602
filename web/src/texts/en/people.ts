const plural = new Intl.PluralRules("en");
const number = new Intl.NumberFormat("en");

function count(value: number, one: string, other: string): string {
  return `${number.format(value)} ${plural.select(value) === "one" ? one : other}`;
}

export const people = {
  navigation: {
    search: "Chat with…",
    clear: "Clear the search",
    aliases: "Aliases",
    people: "People",
    contacts: "Contacts",
    writing: "writing…",
    unread: (value: number) => count(value, "unread message", "unread messages"),
    unreadOver: (value: number) => `more than ${number.format(value)} unread messages`,
    found: (value: number) => count(value, "contact found", "contacts found"),
    arriving: (value: number) => `${count(value, "contact", "contacts")} so far…`,
    loading: "Loading contacts…",
    none: "There are no contacts on your domain yet.",
    nothing: (query: string) => `No contact matches “${query}”.`,
  },
  contact: {
    toolbar: "Contact",
    chat: "Chat",
    nobody: "Select a contact to see its details.",
    unknown: "This contact is not on your domain any more.",
    loading: "Loading details…",
    presence: "Presence",
    title: "Title",
    department: "Department",
    phones: "Phone",
    address: "Address",
    copy: "Copy the address",
    copied: "Address copied",
    notCopied: "The browser does not allow copying here.",
    aliases: "Aliases",
    alias: "Alias",
    members: "Members",
    you: "you",
    comma: ", ",
    more: (value: number) => `and ${number.format(value)} more`,
    all: (value: number) => `Show all ${number.format(value)}`,
    member: "You are a member: you read everything that is sent to this alias.",
    stranger: "You are not a member: here you see only what you wrote yourself, and what was answered to you.",
  },
  preview: {
    tabs: "With this contact",
    chat: "Chat",
    message: "Messages",
    appointment: "Appointments",
    attachment: "Attachments",
    search: (name: string) => `Search chat and mail with ${name}`,
    results: "Search results",
    missing: "This part of the page could not be loaded.",
    nobody: "Select a contact to see your conversations, messages, appointments and attachments.",
    loading: "Loading…",
    earlier: "Show earlier",
  },
  conversations: {
    toolbar: "Conversation",
    list: "Conversations, newest first",
    open: "Open",
    none: "No conversations yet",
    begin: "Say hello: the first message begins one.",
    messages: (value: number, complete: boolean) =>
      complete ? count(value, "message", "messages") : `${number.format(value)}+ messages`,
    web: "Through webmail",
    xmpp: "Through an XMPP client",
  },
  problem: {
    retry: "Try again",
    offline: "This is not available while you are Offline.",
    unreachable: "The server cannot be reached.",
    busy: "The server is busy.",
    other: "That did not work.",
  },
};
