import { account } from "./account.js";
import { chat } from "./chat.js";
import { people } from "./people.js";

/** English: the texts that every other language has to have as well. */
export const en = { account, chat, people };
