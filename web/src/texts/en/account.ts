/** One's own side: logging in, the status, the settings, the connection. */

const seconds = (n: number) => (n === 1 ? "1 second" : `${n} seconds`);
const messages = (n: number) => (n === 1 ? "1 message" : `${n} messages`);

export const account = {
  chat: "Chat",
  back: "Back to the contacts",
  close: "Close",
  starting: "Starting chat…",
  tryAgain: "Try again",
  notStarted: "Chat could not be started, because its settings cannot be fetched.",
  unread: (n: number) => (n === 1 ? "1 unread message" : `${n} unread messages`),
  openUnread: (name: string) => `Open the newest, of ${name}`,
  blocked: "The browser blocked the chat window.",
  openTab: "Open it in a tab",
  panes: { contacts: "Contacts", details: "Details", preview: "Preview" },
  appearances: { available: "Available", away: "Away", busy: "Busy", unavailable: "Unavailable" },
  statuses: { available: "Available", away: "Away", busy: "Busy", offline: "Offline" },
  status: {
    menu: "Status",
    is: (status: string) => `Status: ${status}`,
    unknown: "Status not known yet",
    idle: "Away until you move the pointer or press a key",
    offline:
      "Others see you as unavailable in webmail, nobody’s status is shown to you, and other chat programs stay logged in.",
  },
  offline: {
    banner: "You are Offline in webmail: no messages arrive here, and everybody is shown as Unavailable.",
    end: "Go Available",
  },
  logOut: {
    action: "Log out",
    title: "Log out with unsent messages?",
    body: (n: number) => `${messages(n)} could not be sent yet, and will be lost if you log out now.`,
    stay: "Stay logged in",
    leave: "Log out anyway",
  },
  logIn: {
    title: "Log in to chat",
    address: "Address",
    password: "Password",
    show: "Show password",
    action: "Log in",
    busy: "Logging in…",
    wait: (n: number) => `Log in (in ${n} s)`,
    addressMissing: "Enter your address, such as alice@example.com.",
    passwordMissing: "Enter your password.",
  },
  problems: {
    wrong_credentials: "The address or the password is wrong.",
    bad_address: "This is not an address. It looks like alice@example.com.",
    session_expired: "Your session has ended. Log in again.",
    session_forged: "Your session is not valid any more. Log in again.",
    sign_on_unavailable: "The single sign-on cannot be checked just now. Try again soon.",
    unreachable: "The chat cannot be reached. Check your connection, and try again.",
    busy: "The chat has too much to do just now. Try again soon.",
    sign_on_failed: "The webmail could not sign you on to the chat.",
    other_address: "The webmail signed on somebody else than the person who is logged in there.",
    otherwise: (code: string) => `That did not work (${code}).`,
  },
  tooManyAttempts: (n: number) => `Too many attempts. You can try again in ${seconds(n)}.`,
  tooManyAttemptsOver: "You can try again now.",
  signOn: {
    title: "Signing on…",
    refused: "The sign-on was refused",
    left: "You have logged out of chat.",
    action: "Log in",
    /** `reason` as the server names it, `message` its own sentence. */
    reason: (reason: string, message: string) => [message, `(${reason})`].filter(Boolean).join(" "),
  },
  line: {
    connecting: "Connecting…",
    connected: "Connected",
    waiting: (n: number) => `No connection. Trying again in ${n} s`,
    noConnection: "No connection. Trying again.",
    now: "Try now",
    unplugged: "This device is offline",
    fetching: "Fetching what you missed…",
  },
  settings: {
    title: "Settings",
    notifications: "Browser notifications",
    notificationsAsk: "The browser will ask whether it may show them.",
    notificationsBlocked:
      "The browser blocks them for this site. Allow notifications in the site settings, which the icon beside the page’s address opens.",
    notificationsNone: "This browser has none.",
    sound: "Sound for new messages",
    titleCount: "Unread count in the page title",
    theme: "Theme",
    themes: { system: "As the system", light: "Light", dark: "Dark" },
    language: "Language",
    browserLanguage: "As the browser",
  },
  notice: {
    from: (name: string) => `New message from ${name}`,
    of: (sender: string, body: string) => `${sender}: ${body}`,
  },
};
