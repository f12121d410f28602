/** Files that a window has asked for: each is saved as soon as it is known where it is. */

import { html, nothing, type ReactiveController } from "lit";
import { type Address, type DownloadReply, type Id, itemKey, type Loaded } from "../state/model.js";
import { mailText } from "../texts/mail.js";
import { downloadIcon } from "./mail-icons.js";
import type { Part } from "./part.js";
import { problemWords } from "./placeholders.js";

type Download = Loaded<DownloadReply> | undefined;

export class Downloads implements ReactiveController {
  /** What was known of each when it was asked for: its address from then is good no more. */
  private readonly asked = new Map<string, Download>();

  constructor(private readonly host: Part) {
    host.addController(this);
  }

  hostUpdate(): void {
    for (const [key, before] of this.asked) {
      const now = this.host.state.downloads.get(key);
      if (now === before || !now || now.loading) continue;
      this.asked.delete(key);
      if (now.value) save(now.value);
    }
  }

  private start(contact: Address, id: Id): void {
    const key = itemKey(contact, id);
    if (this.asked.has(key)) return;
    this.asked.set(key, this.host.state.downloads.get(key));
    this.host.client.command({ do: "load download", contact, id });
    this.host.requestUpdate();
  }

  /** The button that downloads a file, and why it did not. */
  button(contact: Address, id: Id, name: string) {
    const words = mailText();
    const key = itemKey(contact, id);
    const isBusy = this.asked.has(key);
    const problem = isBusy ? undefined : this.host.state.downloads.get(key)?.problem;
    return html`<button
        type="button"
        class="act"
        aria-label=${words.downloadOf(name)}
        aria-disabled=${isBusy || nothing}
        @click=${() => this.start(contact, id)}
      >
        ${downloadIcon()}<span>${words.download}</span>
      </button>
      ${isBusy ? html`<span class="visually-hidden" role="status">${words.downloading}</span>` : nothing}
      ${
        problem
          ? html`<span class="refused" role="alert">${
              problem.code === "unknown_item" ? words.gone : problemWords(problem)
            }</span>`
          : nothing
      }`;
  }
}

/** Save what is at an address: beside the page, which has to stay, whatever comes from there. */
function save({ url, name }: DownloadReply): void {
  if (!isWeb(url)) return;
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.target = "_blank"; // a browser closes it by itself when what comes is saved
  link.rel = "noopener noreferrer";
  link.click();
}

/** Whether an address that came from elsewhere is of http or https. */
export function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url) && URL.canParse(url);
}
