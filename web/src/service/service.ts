/** The chat of one user in one browser: takes the commands of all windows, and holds the state that they show. */

import type { Settings } from "../client/client.js";
import type { Command } from "../client/commands.js";
import type { Event, MessageFrame, Routes } from "../protocol/frames.js";
import type { Action } from "../state/actions.js";
import { type Address, DEFAULT_PREFERENCES, type Problem, type State, type Status } from "../state/model.js";
import { Arrivals } from "./arrivals.js";
import { CatchingUp } from "./catching-up.js";
import { Clock } from "./clock.js";
import { Connection } from "./connection.js";
import { Idling } from "./idling.js";
import { Ids } from "./ids.js";
import { type Entry, Keeper } from "./keeper.js";
import type { Link } from "./link.js";
import { Listing } from "./listing.js";
import { Lists } from "./lists.js";
import { Outbox } from "./outbox.js";
import { OwnStatus } from "./own-status.js";
import { problemIn, Refused } from "./problem.js";
import { Reading } from "./reading.js";
import { type Credentials, getTicket, logIn } from "./session-api.js";
import type { Fields } from "./socket.js";
import { Store } from "./store.js";
import { Watcher } from "./watcher.js";
import { Writing } from "./writing.js";

export class Service implements Link {
  readonly store: Store;
  private readonly clock = new Clock();
  private readonly keeper: Keeper;
  private readonly connection: Connection;
  private readonly outbox: Outbox;
  private readonly listing: Listing;
  private readonly lists: Lists;
  private readonly watcher: Watcher;
  private readonly catchingUp: CatchingUp;
  private readonly idling: Idling;
  private readonly writing: Writing;
  private readonly arrivals: Arrivals;
  private readonly reading: Reading;
  private readonly status: OwnStatus;
  private entry: Entry | undefined;
  private chats: ReadonlySet<Address> = new Set();
  private started: Promise<void> = Promise.resolve();

  /** `publish` gets what changes; `announce` gets messages that came while nobody may have looked. */
  constructor(
    private readonly settings: Settings,
    publish: (actions: readonly Action[]) => void,
    announce: (message: MessageFrame) => void,
  ) {
    this.store = new Store(publish);
    this.keeper = new Keeper(settings.api);
    this.outbox = new Outbox(this, this.keeper, new Ids(() => this.clock.now()), this.clock);
    this.arrivals = new Arrivals(this, this.outbox, announce);
    this.writing = new Writing(this);
    this.reading = new Reading(this);
    this.status = new OwnStatus(this, (status, before) => this.chosen(status, before));
    this.listing = new Listing(this, this.keeper);
    this.lists = new Lists(this);
    this.watcher = new Watcher(this);
    this.catchingUp = new CatchingUp(this, (messages, known) => this.arrivals.caughtUp(messages, known));
    this.idling = new Idling((idle) => this.status.idles(idle), settings.idle_after);
    const events = {
      phase: (connection: State["connection"]) => this.dispatch({ type: "connection", connection }),
      opened: () => void this.opened(),
      pushed: (event: Event) => this.pushed(event),
      ended: (problem: Problem) => void this.leave("refusal", problem),
    };
    this.connection = new Connection(() => this.ticket(), events, settings.connection_lifetime);
  }

  get state(): State {
    return this.store.state;
  }

  dispatch(action: Action): void {
    this.store.dispatch(action);
  }

  request<A extends keyof Routes>(action: A, fields: Fields<A>): Promise<Routes[A]["reply"]> {
    return this.connection.request(action, fields);
  }

  /** Take up the session that was kept, if there is one. */
  start(): Promise<void> {
    this.started = this.takeUp();
    return this.started;
  }

  private async takeUp(): Promise<void> {
    const kept = await this.keeper.read("preferences");
    if (kept) this.dispatch({ type: "preferences", preferences: { ...DEFAULT_PREFERENCES, ...kept } });
    const entry = await this.keeper.read("session");
    if (!this.is("starting")) return; // somebody logs in already, or it has stopped
    if (entry && entry.expires_at > Date.now()) await this.enter(entry);
    else this.dispatch({ type: "session", session: { phase: "out", by: "nobody" } });
  }

  /** End, and leave everything that is kept to the service that comes after. */
  stop(): void {
    this.entry = undefined;
    this.connection.stop();
    this.idling.stop();
    // What is still under way finds nobody logged in, and keeps nothing any more.
    this.dispatch({ type: "session", session: { phase: "out", by: "nobody" } });
  }

  /** Windows show these: presence is watched, and the timelines of `chats` are kept. */
  show(contacts: Iterable<Address>, chats: ReadonlySet<Address>): void {
    this.watcher.want(contacts);
    for (const contact of this.chats) if (!chats.has(contact)) this.dispatch({ type: "timeline closed", contact });
    this.chats = chats;
    this.openTimelines();
  }

  wake(): void {
    this.connection.wake();
  }

  take(command: Command): void {
    switch (command.do) {
      case "log in":
        return void this.logIn({ address: command.address, password: command.password });
      case "sign on":
        return void this.logIn({ jwt: command.jwt });
      case "log out":
        return void this.leave("user");
      case "connect":
        return this.connection.wake();
      case "choose":
        return void this.status.choose(command.status);
      case "stir":
        return this.idling.stir();
      case "load details":
        return void this.lists.details(command.contact);
      case "load earlier":
        return void this.lists.earlier(command.contact);
      case "load conversations":
        return void this.lists.conversations(command.contact, command.more);
      case "load transcript":
        return void this.lists.transcript(command.contact, command.conversation, command.more);
      case "load communications":
        return void this.lists.communications(command.contact, command.kind, command.more);
      default:
        return this.takeOfChat(command);
    }
  }

  private takeOfChat(command: Command): void {
    if (this.is("starting")) return void this.started.then(() => this.is("starting") || this.takeOfChat(command));
    if (this.is("starting") && command.do !== "prefer") return void this.started.then(() => this.takeOfChat(command));
    // A window may not know yet that the session is over; what is kept then waits for its user.
    if (!this.is("in") && command.do !== "prefer") return;
    switch (command.do) {
      case "send":
        this.outbox.send(command.contact, command.body);
        return;
      case "retry":
        return this.outbox.retry(command.id);
      case "discard":
        return this.outbox.discard(command.id);
      case "type":
        // Nobody misses it where it does not arrive.
        return void this.request("typing", { contact: command.contact, active: command.active }).catch(problemIn);
      case "read":
        return void this.reading.read(command.contact, command.id);
      case "draft":
        this.dispatch({ type: "draft", contact: command.contact, body: command.body });
        return void this.keeper.write("drafts", this.state.drafts);
      case "prefer":
        this.dispatch({ type: "preferences", preferences: { ...this.state.preferences, ...command.preferences } });
        return void this.keeper.write("preferences", this.state.preferences);
    }
  }

  private is(phase: State["session"]["phase"]): boolean {
    return this.state.session.phase === phase;
  }

  private async logIn(credentials: Credentials): Promise<void> {
    if (this.is("entering")) return;
    if (this.entry) await this.leave("user");
    this.dispatch({ type: "session", session: { phase: "entering" } });
    try {
      const { token, address, expires_at } = await logIn(this.settings.api, credentials);
      if (this.is("entering")) await this.enter({ token, address, expires_at });
    } catch (error) {
      if (!this.is("entering")) return;
      this.dispatch({ type: "session", session: { phase: "out", by: "refusal", problem: problemIn(error) } });
    }
  }

  private async enter(entry: Entry): Promise<void> {
    this.entry = entry;
    const { keeper } = this;
    await keeper.belongTo(entry.address);
    if (this.entry !== entry) return;
    await keeper.write("session", entry);
    const read = [keeper.read("drafts"), keeper.read("contacts"), keeper.read("outbox")] as const;
    const [drafts, contacts, outbox] = await Promise.all(read);
    if (this.entry !== entry) return;
    this.dispatch({ type: "session", session: { phase: "in", address: entry.address } });
    for (const [contact, body] of drafts ?? []) this.dispatch({ type: "draft", contact, body });
    this.listing.restore(contacts);
    this.outbox.restore(outbox);
    this.idling.stir();
    this.connection.start();
  }

  /** The session is over. What the user kept here is forgotten, unless the session only ran out. */
  private async leave(by: "user" | "refusal", problem?: Problem): Promise<void> {
    this.entry = undefined;
    this.connection.stop();
    this.idling.stop();
    for (const part of [this.catchingUp, this.arrivals, this.reading, this.status]) part.forget();
    this.dispatch({ type: "session", session: { phase: "out", by, ...(problem ? { problem } : {}) } });
    await (by === "user" ? this.keeper.forget() : this.keeper.endSession());
  }

  private ticket(): ReturnType<typeof getTicket> {
    if (!this.entry) return Promise.reject(new Refused({ code: "session_expired" }));
    return getTicket(this.settings.api, this.entry.token);
  }

  /** Tell a new connection everything, and learn from it what was missed. */
  private async opened(): Promise<void> {
    this.catchingUp.miss();
    void this.setClock();
    if (!(await this.status.tell())) return;
    void this.listing.refresh();
    await this.takePart();
  }

  /** Ids order the messages of both sides, so both sides go by the server's time. */
  private async setClock(): Promise<void> {
    const asked = Date.now();
    const reply = await this.request("ping", {}).catch(() => null); // the first message without it corrects the clock
    if (reply) this.clock.learn(reply.time + (Date.now() - asked) / 2);
  }

  /** What a user who is not Offline takes part in. */
  private async takePart(): Promise<void> {
    void this.watcher.renew();
    this.outbox.resume();
    await this.reading.resume(); // unread messages are counted by it
    const isOffline = () => this.state.own.chosen === "offline";
    const whole = isOffline() || (await this.catchingUp.run()) || isOffline();
    this.renewTimelines();
    this.openTimelines();
    if (whole && this.state.connection.phase === "open")
      this.dispatch({ type: "connection", connection: { phase: "open", synced: true } });
  }

  /** Chats that were read while webmail was logged out have missed what nobody could catch up with. */
  private renewTimelines(): void {
    for (const [contact, timeline] of this.state.timelines) {
      const last = this.state.inbox.get(contact)?.last_id ?? "";
      if (!timeline.loading && last > (timeline.items.at(-1)?.id ?? ""))
        this.dispatch({ type: "timeline closed", contact });
    }
  }

  private openTimelines(): void {
    if (this.state.connection.phase !== "open") return;
    for (const contact of this.chats) {
      const known = this.state.timelines.get(contact);
      if (!known) void this.lists.openTimeline(contact);
      else if (known.problem?.code === "unreachable") void this.lists.earlier(contact);
    }
  }

  private chosen(status: Status, before: Status | null): void {
    if (status === "offline") this.catchingUp.miss();
    else if (before === "offline") void this.takePart();
  }

  private pushed(event: Event): void {
    switch (event.event) {
      case "message":
        this.catchingUp.saw(event.message.id);
        return this.arrivals.pushed(event.message);
      case "presence": {
        const { address, status, revision, chosen } = event;
        if (chosen) return this.status.hear(chosen as Status);
        return this.dispatch({ type: "presence", of: [[address, { status: status as Status, revision }]] });
      }
      case "typing":
        return this.writing.heard(event.contact, event.sender, event.active);
      case "read":
        return this.dispatch({ type: "read", contact: event.contact, reader: event.reader, id: event.id });
      case "directory":
        return void this.listing.refresh();
    }
  }
}
