/** Logging in where somebody is in already. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { ALICE, advance, BOB, CAROL, type FakeServer, loggedIn, SILENCE, settle, unworld, world } from "./fakes.js";

let server: FakeServer;
beforeEach(() => {
  server = world();
});
afterEach(unworld);

/** The server takes every JWT for one of `address`, and gives a token named `token`. */
function signsOn(address: string, token: string): void {
  const { http } = server;
  server.http = (path, init) =>
    path === "/session" ? { body: { token, address, expires_at: Date.now() + 3_600_000 } } : http(path, init);
}

test("the same user stays in, with what was not sent yet, and goes on with the new token", async () => {
  const running = await loggedIn();
  server.answers.send = () => SILENCE;
  await running.do({ do: "draft", contact: BOB, body: "Dear" });
  await running.do({ do: "send", contact: BOB, body: "on its way" });
  const before = running.service.state.session;
  signsOn(ALICE, "new");
  await running.do({ do: "sign on", jwt: "x" });
  const { state } = running.service;
  expect(state.session).toEqual({ phase: "in", address: ALICE });
  expect(state.session).not.toBe(before); // whoever signed on sees that it is done
  expect([state.drafts.size, state.outbox.length, server.sockets.length]).toEqual([1, 1, 1]);
  server.socket.end();
  await advance(1000);
  expect(server.socket.ticket).toBe("for Bearer new");
});

test("another user takes the place, and finds nothing of the one before", async () => {
  const running = await loggedIn();
  await running.do({ do: "draft", contact: BOB, body: "Dear" });
  signsOn(CAROL, "new");
  await running.do({ do: "sign on", jwt: "x" });
  expect(running.service.state.session).toEqual({ phase: "in", address: CAROL });
  expect(running.service.state.drafts.size).toBe(0);
  expect(server.sockets[0]?.closedWith).toBe(1000);
  expect(running.service.state.connection.phase).toBe("open");
});

test("a refused log-in ends the session, and keeps what the user wrote", async () => {
  const running = await loggedIn();
  await running.do({ do: "draft", contact: BOB, body: "Dear" });
  const { http } = server;
  server.http = () => ({ status: 401, body: { error: { code: "sign_on_refused", message: "" } } });
  await running.do({ do: "sign on", jwt: "x" });
  expect(running.service.state.session).toMatchObject({ phase: "out", problem: { code: "sign_on_refused" } });
  server.http = http;
  await running.do({ do: "log in", address: ALICE, password: "secret" });
  expect(running.service.state.drafts.get(BOB)).toBe("Dear");
});

test("a log-in that is answered after a log-out begins no session, and another one may begin at once", async () => {
  const running = await loggedIn();
  const { http } = server;
  let release: (answer: never) => void = () => undefined;
  server.http = () => new Promise<never>((resolve) => (release = resolve));
  await running.do({ do: "sign on", jwt: "x" });
  await running.do({ do: "log out" });
  server.http = http;
  await running.do({ do: "log in", address: CAROL, password: "secret" });
  release({ body: { token: "late", address: ALICE, expires_at: Date.now() + 3_600_000 } } as never);
  await settle();
  expect(running.service.state.session).toEqual({ phase: "in", address: CAROL });
});
