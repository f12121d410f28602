import type { Texts } from "../index.js";
import { account } from "./account.js";
import { chat } from "./chat.js";
import { mail } from "./mail.js";
import { people } from "./people.js";

/** Arabic. */
export const ar: Required<Texts> = { account, chat, people, mail };
