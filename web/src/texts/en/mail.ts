/** Mail, appointments and files with a contact, and what a search finds. */

const plural = new Intl.PluralRules("en");
const number = new Intl.NumberFormat("en");

function count(value: number, one: string, other: string): string {
  return `${number.format(value)} ${plural.select(value) === "one" ? one : other}`;
}

/** "every day", "every 2 days" */
function every(interval: number, unit: string): string {
  return interval === 1 ? `every ${unit}` : `every ${number.format(interval)} ${unit}s`;
}

export const mail = {
  unindexed: {
    message: "No mail is indexed for your domain yet. Once it is, your messages with this contact appear here.",
    appointment: "No mail is indexed for your domain yet. Once it is, appointments with this contact appear here.",
    attachment: "No mail is indexed for your domain yet. Once it is, attachments you exchanged appear here.",
  },
  none: {
    message: (name: string) => `No messages with ${name}.`,
    appointment: (name: string) => `No appointments with ${name}.`,
    attachment: (name: string) => `No attachments exchanged with ${name}.`,
  },
  /** Behind `none`, for an alias. */
  stranger: (name: string) => `You are not a member of ${name}: what others exchange with it is not shown to you.`,
  sent: "Sent",
  received: "Received",
  untitled: "No subject",
  unnamed: "No name",
  people: (names: string) => `with ${names}`,
  files: (value: number) => count(value, "file", "files"),
  coming: "Coming",
  past: "Past",
  allDay: "All day",
  cancelled: "Cancelled",
  unsettled: "Tentative",
  answers: {
    "needs-action": "You have not answered",
    accepted: "You accepted",
    declined: "You declined",
    tentative: "You may come",
  },
  theirAnswers: {
    "needs-action": (name: string) => `${name} has not answered`,
    accepted: (name: string) => `${name} accepted`,
    declined: (name: string) => `${name} declined`,
    tentative: (name: string) => `${name} may come`,
  },
  rule: {
    daily: (interval: number) => every(interval, "day"),
    weekly: (interval: number) => every(interval, "week"),
    weeklyOn: (interval: number, days: string) => `${every(interval, "week")} on ${days}`,
    monthly: (interval: number) => every(interval, "month"),
    monthlyOnDay: (interval: number, day: number) => `${every(interval, "month")} on day ${day}`,
    /** `place`: 1 to 5, or -1 for the last. */
    monthlyOn: (interval: number, place: number, weekday: string) =>
      `${every(interval, "month")} on the ${["last", "", "first", "second", "third", "fourth", "fifth"][place + 1]} ${weekday}`,
    yearly: (interval: number) => every(interval, "year"),
    repeated: "repeated",
    until: (date: string) => `until ${date}`,
    times: (value: number) => count(value, "time", "times"),
  },
  types: {
    document: "Document",
    image: "Image",
    sheet: "Spreadsheet",
    slides: "Presentation",
    archive: "Archive",
    audio: "Audio",
    video: "Video",
    calendar: "Calendar",
    other: "File",
  },
  from: (subject: string) => `from ${subject}`,
  inChat: "from the chat",
  download: "Download",
  downloadOf: (name: string) => `Download ${name}`,
  downloading: "Preparing the download…",
  open: "Open",
  openOf: (name: string) => `Open ${name}`,
  gone: "This file is not there any more.",
  mail: {
    back: "Back",
    label: "Message",
    loading: "Loading the message…",
    gone: "This message is not there any more.",
    /** Of all people in a header, those that are named. */
    named: (value: number, all: number) => `Show ${number.format(value)} of ${number.format(all)}`,
    headers: { sender: "From", to: "To", cc: "Cc", at: "Date" },
    empty: "This message has no text.",
    cut: "The message is longer than what is shown here.",
    files: "Attachments",
    moreFiles: (value: number) => `and ${count(value, "file", "files")} more: the tab Attachments has them all.`,
    link: "Open in webmail",
  },
  search: {
    loading: "Searching…",
    none: (words: string) => `Nothing found for “${words}”.`,
    noneYet: (words: string) => `Nothing found for “${words}” so far.`,
    found: (value: number) => count(value, "result", "results"),
    foundYet: (value: number) => `${count(value, "result", "results")} so far`,
    searchedTo: (date: string) => `Searched back to ${date}.`,
    further: "Search further back",
    wrong: "Search for one to eight words with letters or digits.",
    kinds: { chat: "Chat message", message: "Message", appointment: "Appointment", attachment: "Attachment" },
  },
};
