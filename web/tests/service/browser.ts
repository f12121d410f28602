/** Locks and channels between the windows of one browser, as far as the elected transport needs them. */

type Callback = () => unknown;
interface Waiting {
  readonly callback: Callback;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly owner: string;
}

/** Web Locks (https://www.w3.org/TR/web-locks/): exclusive ones, in turn or stolen. */
export class FakeLocks {
  private readonly held = new Map<string, Waiting>();
  private readonly queues = new Map<string, Waiting[]>();
  /** Frozen windows hear that a lock was stolen once they go on. */
  readonly frozen = new Set<string>();
  private readonly late: (() => void)[] = [];
  /** Why no lock is given at all. */
  refusal: Error | undefined;

  /** The locks as a window sees them. */
  of(owner: string): { request(name: string, ...rest: unknown[]): Promise<unknown>; query(): Promise<unknown> } {
    return {
      request: (name, ...rest) => {
        if (this.refusal) return Promise.reject(this.refusal);
        const callback = rest.at(-1) as Callback;
        const { steal = false, signal } = (rest.length > 1 ? rest[0] : {}) as { steal?: boolean; signal?: AbortSignal };
        return new Promise((resolve, reject) => {
          const waiting = { callback, resolve, reject, owner };
          const queue = this.queues.get(name) ?? [];
          this.queues.set(name, queue);
          if (steal) {
            const robbed = this.held.get(name);
            const tell = () => robbed?.reject(new DOMException("stolen", "AbortError"));
            if (robbed && this.frozen.has(robbed.owner)) this.late.push(tell);
            else tell();
            this.held.delete(name);
            queue.unshift(waiting);
          } else queue.push(waiting);
          signal?.addEventListener("abort", () => {
            const now = this.queues.get(name) ?? [];
            if (!now.includes(waiting)) return;
            now.splice(now.indexOf(waiting), 1);
            reject(signal.reason);
          });
          queueMicrotask(() => this.grant(name));
        });
      },
      query: async () => ({ held: [...this.held].map(([name, { owner }]) => ({ name, clientId: owner })) }),
    };
  }

  thaw(): void {
    this.frozen.clear();
    for (const tell of this.late.splice(0)) tell();
  }

  /** A window is closed: what it holds or waits for goes. */
  close(owner: string): void {
    for (const [name, queue] of this.queues) {
      this.queues.set(
        name,
        queue.filter((each) => each.owner !== owner),
      );
      if (this.held.get(name)?.owner === owner) this.held.delete(name);
      queueMicrotask(() => this.grant(name));
    }
  }

  private grant(name: string): void {
    const next = this.held.has(name) ? undefined : this.queues.get(name)?.shift();
    if (!next) return;
    this.held.set(name, next);
    void Promise.resolve(next.callback()).then((value) => {
      if (this.held.get(name) === next) this.held.delete(name);
      next.resolve(value);
      this.grant(name);
    });
  }
}

export class FakeChannel {
  static all: FakeChannel[] = [];
  onmessage: (event: { data: unknown }) => void = () => undefined;
  /** Frozen windows get what was said once they go on. */
  frozen = false;
  private readonly missed: unknown[] = [];

  constructor(readonly name: string) {
    FakeChannel.all.push(this);
  }

  postMessage(data: unknown): void {
    const copy = structuredClone(data);
    for (const each of FakeChannel.all) {
      if (each === this || each.name !== this.name) continue;
      if (each.frozen) each.missed.push(copy);
      else queueMicrotask(() => each.deliver(copy));
    }
  }

  thaw(): void {
    this.frozen = false;
    for (const data of this.missed.splice(0)) this.deliver(data);
  }

  close(): void {
    FakeChannel.all = FakeChannel.all.filter((each) => each !== this);
  }

  private deliver(data: unknown): void {
    if (FakeChannel.all.includes(this)) this.onmessage({ data });
  }
}
