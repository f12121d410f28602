/** A window's side: a service that does not come, and one of another build. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BUILD } from "../../src/client/build.js";
import { Client, type Downward, type Transport, type Upward } from "../../src/client/client.js";
import { Hub } from "../../src/service/hub.js";
import { NOTHING } from "../../src/state/model.js";
import { API, advance, settle, unworld, world } from "./fakes.js";

beforeEach(world);
afterEach(unworld);

/** A transport whose other end is the test. */
class FakeTransport implements Transport {
  readonly sent: Upward[] = [];
  begun = 0;
  say: (message: Downward) => void = () => undefined;
  failed: () => void = () => undefined;

  send(message: Upward): void {
    this.sent.push(message);
  }

  receive(listener: (message: Downward) => void, _lost: () => void, failed: () => void): void {
    this.begun += 1;
    this.say = listener;
    this.failed = failed;
  }
}

function opened() {
  const transport = new FakeTransport();
  const client = new Client(transport, { api: API });
  const failures = vi.fn();
  client.onFailure(failures);
  return { transport, client, failures };
}

describe("a service that does not come", () => {
  test("is a failure at once where the transport says so, else after a while", async () => {
    const { transport, client, failures } = opened();
    transport.failed();
    expect([client.failed, failures.mock.calls.length]).toEqual([true, 1]);
    const other = opened();
    await advance(14_999);
    expect(other.client.failed).toBe(false);
    await advance(1);
    expect([other.client.failed, other.failures.mock.calls.length]).toEqual([true, 1]);
  });

  test("is looked for again, and is no failure once it is there", async () => {
    const { transport, client, failures } = opened();
    transport.failed();
    client.retry();
    expect([client.failed, transport.begun, transport.sent.length]).toEqual([false, 2, 4]);
    transport.say({ say: "snapshot", state: NOTHING });
    await advance(20_000);
    expect([client.failed, failures.mock.calls.length]).toEqual([false, 1]);
  });
});

test("what is sent has a key of its own", () => {
  const { transport, client } = opened();
  for (let time = 0; time < 2; time += 1) client.command({ do: "send", contact: "a@x.org", body: "same" });
  const keys = transport.sent.flatMap((up) => (up.say === "command" && up.command.do === "send" ? up.command.key : []));
  expect(new Set(keys).size).toBe(2);
});

describe("another build", () => {
  const attach = (build: string): Upward => ({ say: "attach", settings: { api: API }, window: "w", build });

  test("makes the service send all windows away, and end with the last of them", async () => {
    const over = vi.fn();
    const hub = new Hub(over);
    const said: string[] = [];
    const ports = ["a", "b"].map((name) => ({
      post: ({ say }: Downward) => void (say === "outdated" && said.push(name)),
    }));
    for (const port of ports) hub.take(port, attach(BUILD));
    expect(said).toEqual([]);
    const last = { post: ({ say }: Downward) => void (say === "outdated" && said.push("new")) };
    hub.take(last, attach("another"));
    await settle();
    expect(said).toEqual(["a", "b", "new"]);
    for (const port of ports) hub.take(port, { say: "leave" });
    expect(over).not.toHaveBeenCalled();
    hub.take(last, { say: "leave" });
    expect(over).toHaveBeenCalledTimes(1);
  });

  test("makes a window begin anew, once for each build, unless the page prevents it", () => {
    const stored = new Map<string, string>();
    const reload = vi.fn();
    const dispatch = vi.fn(() => true);
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => stored.get(key),
      setItem: (key: string, value: string) => stored.set(key, value),
    });
    vi.stubGlobal("location", { reload });
    vi.stubGlobal("dispatchEvent", dispatch);
    const { transport } = opened();
    transport.say({ say: "outdated" });
    transport.say({ say: "outdated" });
    expect(reload).toHaveBeenCalledTimes(1);
    expect(transport.sent.at(-1)).toEqual({ say: "leave" });
    stored.clear();
    dispatch.mockReturnValue(false);
    transport.say({ say: "outdated" });
    vi.stubGlobal("sessionStorage", undefined);
    transport.say({ say: "outdated" });
    expect(reload).toHaveBeenCalledTimes(1);
  });
});

test("what a window shows stays until the service that took over knows its session", () => {
  const { transport, client } = opened();
  const inside = { ...NOTHING, session: { phase: "in", address: "alice@example.com" } } as const;
  transport.say({ say: "snapshot", state: inside });
  transport.say({ say: "snapshot", state: NOTHING });
  expect(client.state).toBe(inside);
  const draft = { type: "draft", contact: "bob@example.com", body: "half" } as const;
  transport.say({ say: "actions", actions: [{ type: "session", session: inside.session }, draft] });
  expect([client.state.session, client.state.drafts.size]).toEqual([inside.session, 1]);
  transport.say({ say: "snapshot", state: NOTHING });
  transport.say({ say: "actions", actions: [{ type: "session", session: { phase: "out", by: "nobody" } }] });
  expect(client.state.session.phase).toBe("out");
});
