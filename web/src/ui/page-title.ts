/** A count in front of the page's title. */

/** One for a page: it tells its own count from one that the page wrote, as in "(12) Inbox". */
export class PageTitle {
  /** The count that was written, "" for none. */
  private count = "";

  constructor(private readonly page: { title: string }) {}

  /** `own`: the title behind the count, else the page's own. Without a count, the one written before goes. */
  show(count: number, own = this.own): void {
    this.count = count > 0 ? `(${count})` : "";
    const title = `${this.count} ${own}`.trim();
    if (title !== this.page.title) this.page.title = title;
  }

  private get own(): string {
    const { title } = this.page;
    return title.startsWith(this.count) ? title.slice(this.count.length).trim() : title;
  }
}
