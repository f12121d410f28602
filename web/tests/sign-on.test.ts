import { expect, test } from "vitest";
import type { Session } from "../src/state/model.js";
import { isOther, SignOn } from "../src/ui/sign-on.js";

const NOBODY: Session = { phase: "out", by: "nobody" };
const ENTERING: Session = { phase: "entering" };
const LEFT: Session = { phase: "out", by: "user" };
const inAs = (address: string): Session => ({ phase: "in", address });
const refusedWith = (code: string): Session => ({ phase: "out", by: "refusal", problem: { code } });

/** A webmail that gives one JWT after another, and a clock that stands still until it is moved. */
function webmail(fetch: () => Promise<string> = () => Promise.resolve("jwt")) {
  const sent: string[] = [];
  const clock = { now: 0 };
  const signOn = new SignOn({ fetch, send: (jwt) => sent.push(jwt), changed: () => undefined }, () => clock.now);
  return { sent, clock, signOn };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("signs on where nobody is logged in, and once only", async () => {
  const { signOn, sent } = webmail();
  signOn.look({ phase: "starting" }, null);
  expect(signOn.pending).toBe(false);
  signOn.look(NOBODY, null);
  signOn.look(NOBODY, null);
  await settled();
  signOn.look(NOBODY, null);
  await settled();
  expect(sent).toEqual(["jwt"]);
  expect(signOn.pending).toBe(true);
  signOn.look(ENTERING, null);
  signOn.look(inAs("alice@example.com"), null);
  expect(signOn.pending).toBe(false);
});

test("signs on anew when the session has ended", async () => {
  const { signOn, sent } = webmail();
  signOn.look(inAs("alice@example.com"), "alice@example.com");
  signOn.look(refusedWith("session_expired"), "alice@example.com");
  await settled();
  expect(sent).toHaveLength(1);
});

test("leaves a user alone who has logged out, until the user asks", async () => {
  const { signOn, sent } = webmail();
  signOn.look(LEFT, null);
  await settled();
  expect(sent).toEqual([]);
  signOn.retry();
  await settled();
  expect(sent).toHaveLength(1);
});

test("replaces the session of somebody else, by way of its end", async () => {
  const { signOn, sent } = webmail();
  signOn.look(inAs("bob@example.com"), "alice@example.com");
  await settled();
  for (const session of [LEFT, ENTERING, inAs("alice@example.com")]) signOn.look(session, "alice@example.com");
  await settled();
  expect(sent).toHaveLength(1);
  expect(signOn.problem).toBeNull();
});

test("names a webmail that signs on somebody else", async () => {
  const { signOn } = webmail();
  signOn.look(NOBODY, "alice@example.com");
  await settled();
  signOn.look(ENTERING, "alice@example.com");
  signOn.look(inAs("bob@example.com"), "alice@example.com");
  expect(signOn.problem).toEqual({ code: "other_address" });
});

test("shows a refusal and does not try again by itself", async () => {
  const { signOn, sent } = webmail();
  signOn.look(NOBODY, null);
  await settled();
  signOn.look(ENTERING, null);
  signOn.look(refusedWith("sign_on_refused"), null);
  signOn.look(refusedWith("sign_on_refused"), null);
  await settled();
  expect(signOn.problem).toEqual({ code: "sign_on_refused" });
  expect(sent).toHaveLength(1);
  signOn.retry();
  await settled();
  expect(signOn.problem).toBeNull();
  expect(sent).toHaveLength(2);
});

test("shows that the webmail gave nothing", async () => {
  const { signOn, sent } = webmail(() => Promise.reject(new Error("logged out of webmail")));
  signOn.look(NOBODY, null);
  await settled();
  expect(signOn.problem).toEqual({ code: "sign_on_failed", message: "logged out of webmail" });
  expect(signOn.pending).toBe(false);
  expect(sent).toEqual([]);
});

test("does not go round in circles with sessions that end at once", async () => {
  const { signOn, sent, clock } = webmail();
  signOn.look(NOBODY, null);
  await settled();
  signOn.look(inAs("alice@example.com"), null);
  clock.now = 1000;
  signOn.look(refusedWith("session_expired"), null);
  await settled();
  expect(sent).toHaveLength(1);
  expect(signOn.problem).toEqual({ code: "session_expired" });
});

test("signs on again for a session that lasted", async () => {
  const { signOn, sent, clock } = webmail();
  signOn.look(NOBODY, null);
  await settled();
  signOn.look(inAs("alice@example.com"), null);
  clock.now = 3_600_000;
  signOn.look(refusedWith("session_expired"), null);
  await settled();
  expect(sent).toHaveLength(2);
});

test("nobody else than the webmail's user may be logged in, where it names one", () => {
  expect(isOther(inAs("bob@example.com"), "alice@example.com")).toBe(true);
  expect(isOther(inAs("alice@example.com"), "alice@example.com")).toBe(false);
  expect(isOther(inAs("bob@example.com"), null)).toBe(false);
  expect(isOther(ENTERING, "alice@example.com")).toBe(false);
});
