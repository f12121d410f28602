/** The chat of one user in one browser: takes the commands of all windows, and holds the state that they show. */

import type { Settings } from "../client/client.js";
import type { Command } from "../client/commands.js";
import type { Event, MessageFrame, Routes } from "../protocol/frames.js";
import type { Action } from "../state/actions.js";
import { isMuch } from "../state/asked.js";
import { type Address, DEFAULT_PREFERENCES, type Problem, type State, type Status } from "../state/model.js";
import { Arrivals } from "./arrivals.js";
import { CatchingUp } from "./catching-up.js";
import { Clock } from "./clock.js";
import { Connection } from "./connection.js";
import { Idling } from "./idling.js";
import { Ids } from "./ids.js";
import { Keeper } from "./keeper.js";
import type { Link } from "./link.js";
import { Listing } from "./listing.js";
import { Lists } from "./lists.js";
import { Outbox } from "./outbox.js";
import { OwnStatus } from "./own-status.js";
import { problemIn } from "./problem.js";
import { Reading } from "./reading.js";
import { Session, type Turns } from "./session.js";
import type { Fields } from "./socket.js";
import { Store } from "./store.js";
import { Watcher } from "./watcher.js";
import { Writing } from "./writing.js";

/** Milliseconds that read markers may take, before what was missed is asked for all the same. */
const MARKERS = 2000;

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
  private readonly session: Session;
  private chats: ReadonlySet<Address> = new Set();

  /** `publish` gets what changes; `announce` gets messages that came while nobody may have looked. */
  constructor(
    settings: Settings,
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
    this.watcher = new Watcher(this, () => void this.listing.refresh());
    this.catchingUp = new CatchingUp(this, this.arrivals);
    this.idling = new Idling((idle) => this.status.idles(idle), settings.idle_after);
    const events = {
      phase: (connection: State["connection"]) => this.dispatch({ type: "connection", connection }),
      opened: (renewed: boolean) => void this.opened(renewed),
      pushed: (event: Event) => this.pushed(event),
      ended: (problem: Problem) => void this.session.leave("refusal", problem),
    };
    this.session = new Session(this, settings.api, this.keeper, {
      entered: (kept) => this.entered(kept),
      left: () => this.left(),
    });
    this.connection = new Connection(() => this.session.ticket(), events, settings.connection_lifetime);
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

  /** Take up what was kept, and the session if there is one. */
  start(): Promise<void> {
    return this.session.start(this.restorePreferences());
  }

  private async restorePreferences(): Promise<void> {
    const kept = await this.keeper.read("preferences");
    if (kept) this.dispatch({ type: "preferences", preferences: { ...DEFAULT_PREFERENCES, ...kept } });
  }

  /** End, and leave everything that is kept to the service that comes after. */
  stop(): void {
    this.session.stop();
    this.connection.stop();
    this.idling.stop();
    // What is still under way finds nobody logged in, and keeps nothing any more.
    this.dispatch({ type: "session", session: { phase: "out", by: "nobody" } });
  }

  /**
   * Windows show these: presence is watched, and the timelines of `chats` are kept. Of `listed` there are only rows,
   * and what else was asked for may be forgotten.
   */
  show(contacts: readonly Address[], chats: ReadonlySet<Address>, listed: readonly Address[] = []): void {
    this.watcher.want([...contacts, ...listed]);
    if (isMuch(this.state)) this.dispatch({ type: "trimmed", shown: [...contacts, ...chats] });
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
        return void this.session.logIn({ address: command.address, password: command.password });
      case "sign on":
        return void this.session.logIn({ jwt: command.jwt });
      case "log out":
        return void this.session.leave("user");
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
      case "load mail":
        return void this.lists.mail(command.contact, command.id);
      case "load download":
        return void this.lists.download(command.contact, command.id);
      case "search":
        return void this.lists.search(command.contact, command.words, command.more);
      default:
        return this.takeOfChat(command);
    }
  }

  private takeOfChat(command: Command): void {
    const { session } = this;
    if (session.is("starting"))
      return void session.started.then(() => session.is("starting") || this.takeOfChat(command));
    // A window may not know yet that the session is over; what is kept then waits for its user.
    if (!session.is("in") && command.do !== "prefer") return;
    switch (command.do) {
      case "send":
        return this.outbox.send(command.contact, command.body, command.key);
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

  private entered([drafts, contacts, outbox]: Parameters<Turns["entered"]>[0]): void {
    for (const [contact, body] of drafts ?? []) this.dispatch({ type: "draft", contact, body });
    this.listing.restore(contacts);
    this.outbox.restore(outbox);
    this.idling.stir();
    this.connection.start();
  }

  private left(): void {
    this.connection.stop();
    this.idling.stop();
    for (const part of [this.catchingUp, this.arrivals, this.reading, this.status, this.listing]) part.forget();
  }

  /** Tell a new connection everything, and learn from it what was missed. */
  private async opened(renewed: boolean): Promise<void> {
    this.catchingUp.miss();
    void this.setClock();
    if (!(await this.status.tell())) return;
    void this.listing.refresh();
    await this.takePart(!renewed);
  }

  /** Ids order the messages of both sides, so both sides go by the server's time. */
  private async setClock(): Promise<void> {
    const asked = Date.now();
    const reply = await this.request("ping", {}).catch(() => null); // the first message without it corrects the clock
    if (reply) this.clock.learn(reply.time + (Date.now() - asked) / 2);
  }

  /** What a user who is not Offline takes part in; `absent`: it was not so until now, and things were missed. */
  private async takePart(absent: boolean): Promise<void> {
    if (absent && this.state.connection.phase === "open")
      this.dispatch({ type: "connection", connection: { phase: "open", synced: false } });
    void this.watcher.renew();
    this.outbox.resume();
    const told = this.reading.resume(); // unread messages are counted by it
    await Promise.race([told, new Promise((resolve) => setTimeout(resolve, MARKERS))]);
    const isOffline = () => this.state.own.chosen === "offline";
    const whole = isOffline() || (await this.catchingUp.run(absent)) || isOffline();
    this.openTimelines(absent && !isOffline());
    if (whole && this.state.connection.phase === "open")
      this.dispatch({ type: "connection", connection: { phase: "open", synced: true } });
  }

  /** Load the open chats; `again` those that are loaded, too: what was read and what came while Offline is missing. */
  private openTimelines(again = false): void {
    if (this.state.connection.phase !== "open") return;
    for (const contact of this.chats) {
      const known = this.state.timelines.get(contact);
      if (!known || again) void this.lists.openTimeline(contact);
      else if (known.problem?.code === "unreachable") void this.lists.earlier(contact);
    }
  }

  private chosen(status: Status, before: Status | null): void {
    if (status === "offline") this.catchingUp.miss();
    else if (before === "offline") void this.takePart(true);
    else this.outbox.resume(); // the server may have held the user for Offline
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
      case "communication": {
        const { contact, communication, replaces } = event;
        const now = this.clock.now();
        return this.dispatch({ type: "communicated", contact, communication, replaces: replaces ?? [], now });
      }
    }
  }
}
