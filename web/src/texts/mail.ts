/** The texts of what shows mail, which is loaded when it is wanted. */

import { mail } from "./en/mail.js";
import { type MailTexts, text } from "./index.js";

/** Those of the present language. */
export function mailText(): MailTexts {
  return text.mail ?? mail;
}
