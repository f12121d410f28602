/** Parts of the page that are loaded when they are wanted first. */

import { html, type ReactiveControllerHost } from "lit";
import { text } from "../texts/index.js";
import { warningIcon } from "./icons.js";
import { empty, skeleton } from "./placeholders.js";

/** Kept by the component that shows them, whose styles have those of `placeholders`. */
export class Late {
  private phase: "none" | "coming" | "here" | "missing" = "none";

  /** `load` imports the modules that define the parts. */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly load: () => Promise<unknown>,
  ) {}

  /** What `show` renders once the parts are there; until then a placeholder, or the way to try again. */
  render(show: () => unknown): unknown {
    const { preview, problem } = text.people;
    if (this.phase === "none") void this.fetch();
    if (this.phase === "here") return show();
    if (this.phase === "coming") return skeleton(4, preview.loading);
    const again = html`<button type="button" @click=${() => this.retry()}>${problem.retry}</button>`;
    return empty(warningIcon(), preview.missing, again);
  }

  private retry(): void {
    void this.fetch();
    this.host.requestUpdate();
  }

  private async fetch(): Promise<void> {
    this.phase = "coming";
    try {
      await this.load();
      this.phase = "here";
    } catch {
      this.phase = "missing"; // the network is away, or the site has another build by now
    }
    this.host.requestUpdate();
  }
}
