/** Bytes, members and messages in figures. */
const figure = new Intl.NumberFormat("en");

export const chat = {
  window: {
    alias: "Alias",
    members: (count: number) => (count === 1 ? "1 member" : `${figure.format(count)} members`),
    offline: (name: string) =>
      `You are Offline in webmail. You receive nothing here, and ${name} shows as Unavailable.`,
    goAvailable: "Go Available",
  },
  list: {
    label: (name: string) => `Messages with ${name}`,
    loading: "Loading messages…",
    beginning: "Beginning of the history",
    empty: "No messages yet",
    offline: "Messages show when you are Available again.",
    failed: "The messages could not be loaded.",
    retry: "Try again",
    line: "New",
    newest: "To the newest message",
    fresh: (count: number) => (count === 1 ? "1 new message" : `${figure.format(count)} new messages`),
    you: "You",
    came: (name: string, body: string) => `${name}: ${body}`,
  },
  message: {
    xmpp: "Sent with an XMPP client",
    reply: "Reply to sender",
    replyTo: (name: string) => `Reply to sender: chat with ${name}`,
    marks: {
      waiting: "Waits for the connection",
      sending: "Sending",
      stored: "Sent",
      read: "Read",
      failed: "Not sent",
    },
    id: "Message id:",
    retry: "Try again",
    discard: "Discard",
    problems: {
      unreachable: "no answer came.",
      busy: "the chat is busy right now.",
      internal: "the chat has a problem.",
      too_long: "it is too long.",
      bad_text: "it has characters that cannot be sent.",
      gone: "the contact is not there any more.",
      blocked: "one of you has blocked the other.",
      offline: "you are Offline in webmail.",
      clock: "this computer's clock is wrong.",
      other: "the chat refused it.",
    },
  },
  typing: {
    one: (name: string) => `${name} is writing…`,
    two: (first: string, second: string) => `${first} and ${second} are writing…`,
    several: (count: number) => `${figure.format(count)} people are writing…`,
  },
  composer: {
    label: (name: string) => `Message to ${name}`,
    placeholder: "Write a message",
    send: "Send",
    waits: "Not connected. Your message is kept, and sent when the connection is back.",
    offline: "You are Offline in webmail. Become Available to write.",
    gone: (name: string) => `${name} is not a contact any more. The messages stay here.`,
    left: (bytes: number) => `${figure.format(bytes)} bytes left`,
    over: (bytes: number) =>
      `The message is ${figure.format(bytes)} ${bytes === 1 ? "byte" : "bytes"} too long. Shorten it, or send it in two parts.`,
    members: (name: string, count: number) =>
      `Reaches the ${count === 1 ? "one member" : `${figure.format(count)} members`} of ${name}: those online at once, the others when they come back.`,
    others: (name: string, count: number) =>
      `Reaches the ${count === 1 ? "one other member" : `${figure.format(count)} other members`} of ${name}: those online at once, the others when they come back.`,
    all: (name: string) => `Reaches all members of ${name}: those online at once, the others when they come back.`,
    nobody: (name: string) => `${name} has no other members: the message reaches nobody.`,
  },
  transcript: {
    title: (name: string) => `Conversation with ${name}`,
    label: "Messages of the conversation",
    unknown: "This conversation is not there any more.",
    more: "Show more",
    end: "End of the conversation",
    chat: "Chat",
  },
};
