/** Lists and details that windows ask for: each is asked once at a time, and shown as it comes. */

import type { Routes } from "../protocol/frames.js";
import type { Asked } from "../state/actions.js";
import {
  type Address,
  type CommunicationKind,
  communicationKey,
  type Id,
  itemKey,
  type Problem,
  searchKey,
  transcriptKey,
} from "../state/model.js";
import { selfOf } from "../state/selectors.js";
import { FROM_NEWEST } from "../state/timelines.js";
import { ask, isSelf, type Link } from "./link.js";
import type { Fields } from "./socket.js";

type PagedRoute = "conversations" | "history" | "communications" | "search";

export class Lists {
  constructor(private readonly link: Link) {}

  async details(contact: Address): Promise<void> {
    if (this.link.state.details.get(contact)?.loading) return;
    const self = selfOf(this.link.state);
    this.link.dispatch({ type: "details", contact });
    const { reply, problem } = await ask(this.link, "contact", { contact });
    if (!isSelf(this.link, self)) return;
    if (reply) this.link.dispatch({ type: "details", contact, details: reply.contact });
    else this.link.dispatch({ type: "details", contact, problem });
  }

  async conversations(contact: Address, more: boolean): Promise<void> {
    const known = this.link.state.conversations.get(contact);
    await this.page("conversations", { contact }, known, more, (asked) => {
      this.link.dispatch({ type: "conversations", contact, asked: itemsOf(asked, (reply) => reply.conversations) });
    });
  }

  async transcript(contact: Address, conversation: Id, more: boolean): Promise<void> {
    const known = this.link.state.transcripts.get(transcriptKey(contact, conversation));
    await this.page("history", { contact, conversation }, known, more, (asked) => {
      const items = itemsOf(asked, (reply) => reply.messages);
      this.link.dispatch({ type: "transcript", contact, conversation, asked: items });
    });
  }

  async communications(contact: Address, kind: CommunicationKind, more: boolean): Promise<void> {
    const known = this.link.state.communications.get(communicationKey(contact, kind));
    await this.page("communications", { contact, kind }, known, more, (asked) => {
      const indexed = "reply" in asked ? { indexed: asked.reply.indexed } : {};
      const items = itemsOf(asked, (reply) => reply.communications);
      this.link.dispatch({ type: "communications", contact, kind, asked: items, ...indexed });
    });
  }

  async search(contact: Address, words: string, more: boolean): Promise<void> {
    const known = this.link.state.searches.get(searchKey(contact, words));
    await this.page("search", { contact, words }, known, more, (asked) => {
      const searched = "reply" in asked ? { searchedTo: asked.reply.searched_to ?? null } : {};
      const items = itemsOf(asked, (reply) => reply.hits);
      this.link.dispatch({ type: "search", contact, words, asked: items, ...searched });
    });
  }

  async mail(contact: Address, id: Id): Promise<void> {
    const known = this.link.state.mails.get(itemKey(contact, id));
    if (known?.loading || known?.value) return; // a mail does not change
    const self = selfOf(this.link.state);
    this.link.dispatch({ type: "mail", contact, id });
    const { reply: mail, problem } = await ask(this.link, "mail", { contact, id });
    if (isSelf(this.link, self)) this.link.dispatch({ type: "mail", contact, id, ...(mail ? { mail } : { problem }) });
  }

  async download(contact: Address, id: Id): Promise<void> {
    if (this.link.state.downloads.get(itemKey(contact, id))?.loading) return;
    const self = selfOf(this.link.state);
    this.link.dispatch({ type: "download", contact, id });
    const { reply: file, problem } = await ask(this.link, "download", { contact, id });
    if (isSelf(this.link, self))
      this.link.dispatch({ type: "download", contact, id, ...(file ? { file } : { problem }) });
  }

  /** Show the chat with a contact: its newest messages, or those again that may have changed. */
  async openTimeline(contact: Address): Promise<void> {
    await this.timeline(contact, {});
  }

  async earlier(contact: Address): Promise<void> {
    const known = this.link.state.timelines.get(contact);
    if (known?.cursor && known.cursor !== FROM_NEWEST) await this.timeline(contact, { cursor: known.cursor });
    else if (known?.cursor) await this.timeline(contact, {}, false);
    else if (known?.problem) await this.timeline(contact, {});
  }

  private async timeline(contact: Address, from: { cursor?: string }, fresh = !from.cursor): Promise<void> {
    if (this.link.state.timelines.get(contact)?.loading) return;
    const self = selfOf(this.link.state);
    this.link.dispatch({ type: "timeline", contact, asked: { step: "began" } });
    const isWanted = () => isSelf(this.link, self) && this.link.state.timelines.has(contact);
    const { reply, problem } = await ask(this.link, "history", { contact, ...from }, isWanted);
    if (!isWanted()) return;
    const asked: Asked<never> | Asked<(typeof reply & object)["messages"][number]> = reply
      ? { step: "came", items: reply.messages, cursor: reply.cursor ?? null, fresh }
      : { step: "refused", problem };
    this.link.dispatch({ type: "timeline", contact, asked, read: reply?.read ?? null });
  }

  private async page<R extends PagedRoute>(
    action: R,
    fields: Fields<R>,
    known: { cursor: string | null; loading: boolean } | undefined,
    more: boolean,
    show: (asked: Step<Routes[R]["reply"]>) => void,
  ): Promise<void> {
    if (known?.loading || (more && !known?.cursor)) return;
    const self = selfOf(this.link.state);
    show({ step: "began" });
    const { reply, problem } = await ask(
      this.link,
      action,
      more ? { ...fields, cursor: known?.cursor ?? null } : fields,
    );
    if (!isSelf(this.link, self)) return;
    if (reply) show({ step: "came", reply, fresh: !more });
    else if (problem) show({ step: "refused", problem });
  }
}

type Step<R> =
  | { readonly step: "began" }
  | { readonly step: "came"; readonly reply: R; readonly fresh: boolean }
  | { readonly step: "refused"; readonly problem: Problem };

function itemsOf<R extends { cursor?: string | null }, T>(asked: Step<R>, items: (reply: R) => readonly T[]): Asked<T> {
  if (asked.step !== "came") return asked;
  return { step: "came", items: items(asked.reply), cursor: asked.reply.cursor ?? null, fresh: asked.fresh };
}
