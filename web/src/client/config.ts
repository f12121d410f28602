/** Where the API is, and where chat windows are shown: from the element's attributes, else from the site's files. */

import type { Settings } from "./client.js";
import { Client } from "./client.js";
import { connect } from "./transports.js";

/** The file beside the script that says where the API is. Not written as one literal: it is no part of the build. */
const FILE = "config.json";
const WINDOW_PAGE = "chat.html";

/** Where this script came from. */
export const SCRIPT = import.meta.url;

/** The settings in a config file or from an attribute. `api` may be relative to `base`. */
export function settingsFrom(given: unknown, base: string): Settings {
  const { api, connection_lifetime, idle_after } = (given ?? {}) as Record<string, unknown>;
  if (typeof api !== "string" || !api) throw new Error("config.json names no api");
  return {
    api: new URL(api, base).href.replace(/\/+$/, ""),
    ...(typeof connection_lifetime === "number" ? { connection_lifetime } : {}),
    ...(typeof idle_after === "number" ? { idle_after } : {}),
  };
}

/**
 * The page for chat windows, without a hash: `named` by the embedding page; else the one beside the script, if that has
 * the page's origin, as windows of another origin share nothing; else the page itself.
 */
export function windowPage(named: string | null, script: string, page: string): string {
  const url = named ? new URL(named, page) : new URL(WINDOW_PAGE, script);
  const own = new URL(page);
  const chosen = url.origin === own.origin ? url : own;
  chosen.hash = "";
  return chosen.href;
}

/** Several elements of a page ask once; a file that could not be fetched is asked for again. */
let asked: Promise<Settings> | undefined;

async function fetchSettings(): Promise<Settings> {
  const url = new URL(FILE, SCRIPT);
  const response = await fetch(url, { cache: "no-cache", credentials: "omit" });
  if (!response.ok) throw new Error(`${url} gives ${response.status}`);
  return settingsFrom(await response.json(), url.href);
}

const clients = new Map<string, Client>();

/** The page's one client of an API, whoever asks. @throws where the settings cannot be had. */
export async function clientFor(api: string | null): Promise<Client> {
  if (!api) asked ??= fetchSettings();
  try {
    const settings = api ? settingsFrom({ api }, location.href) : ((await asked) as Settings);
    let client = clients.get(settings.api);
    if (!client) {
      client = new Client(connect(settings), settings);
      clients.set(settings.api, client);
    }
    return client;
  } catch (error) {
    asked = undefined;
    throw error;
  }
}
