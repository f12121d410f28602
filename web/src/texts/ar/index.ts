import type { Texts } from "../index.js";
import { account } from "./account.js";
import { chat } from "./chat.js";
import { people } from "./people.js";

/** Arabic. */
export const ar: Texts = { account, chat, people };
