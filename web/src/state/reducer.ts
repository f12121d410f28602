/** The state after an action. Pure: the same in the service and in every window. */

import type { Action } from "./actions.js";
import { conversations, details, transcripts, trimmed } from "./asked.js";
import { communicated, communications, downloads, mails, searches } from "./correspondence.js";
import { inbox } from "./inbox.js";
import { NOTHING, type State } from "./model.js";
import { presence, typing } from "./people.js";
import { outbox, timelines } from "./timelines.js";

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "session":
      return ofSession(state, action);
    case "connection":
      return { ...state, connection: action.connection };
    case "chosen":
      return ofChoice(state, action);
    case "idle":
      return { ...state, own: { ...state.own, idle: action.idle } };
    case "wished":
      return { ...state, own: { ...state.own, wished: action.status } };
    case "contacts": {
      const list = action.first ? action.list : [...state.contacts.list, ...action.list];
      return { ...state, contacts: { version: action.version, list, complete: action.last } };
    }
    case "preferences":
      return { ...state, preferences: action.preferences };
    case "draft":
      return { ...state, drafts: withDraft(state, action) };
    case "presence":
      if (state.own.chosen === "offline") return state; // it was on its way when the user left
      return { ...state, presence: presence(state.presence, action) };
    case "watched":
      return { ...state, presence: presence(state.presence, action) };
    case "typing":
      return { ...state, typing: typing(state.typing, action) };
    case "details":
      return { ...state, details: details(state.details, action) };
    case "conversations":
      return { ...state, conversations: conversations(state.conversations, action) };
    case "transcript":
      return { ...state, transcripts: transcripts(state.transcripts, action) };
    case "communications":
      return { ...state, communications: communications(state.communications, action) };
    case "communicated":
      return { ...state, communications: communicated(state.communications, action) };
    case "mail":
      return { ...state, mails: mails(state.mails, action) };
    case "download":
      return { ...state, downloads: downloads(state.downloads, action) };
    case "search":
      return { ...state, searches: searches(state.searches, action) };
    case "trimmed":
      return { ...state, ...trimmed(state, action) };
    default:
      return ofMessages(state, action);
  }
}

/** Another user, or none: nothing of the one before stays but the preferences. */
function ofSession(state: State, action: Extract<Action, { type: "session" }>): State {
  const before = state.session;
  const same = before.phase === "in" && action.session.phase === "in" && before.address === action.session.address;
  const kept = same ? state : { ...NOTHING, preferences: state.preferences };
  return { ...kept, session: action.session };
}

function ofChoice(state: State, action: Extract<Action, { type: "chosen" }>): State {
  const own = { ...state.own, chosen: action.status };
  if (action.status !== "offline") return { ...state, own };
  return { ...state, own, presence: new Map(), typing: new Map() };
}

function withDraft(state: State, action: Extract<Action, { type: "draft" }>): State["drafts"] {
  const drafts = new Map(state.drafts);
  if (action.body) drafts.set(action.contact, action.body);
  else drafts.delete(action.contact);
  return drafts;
}

/** What several parts take note of: one message is in the inbox, a timeline, and ends its sender's typing. */
function ofMessages(state: State, action: Action): State {
  const self = state.session.phase === "in" ? state.session.address : "";
  return {
    ...state,
    inbox: inbox(state.inbox, action, self, state.timelines),
    timelines: timelines(state.timelines, action, self),
    outbox: outbox(state.outbox, action),
    typing: typing(state.typing, action, self),
  };
}
