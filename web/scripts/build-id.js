/** Names a build by its sources: the same ones give the same name. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

export function buildOf(folder) {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith(".ts"));
  for (const file of files.sort()) hash.update(file).update(readFileSync(new URL(file, folder)));
  return hash.digest("hex").slice(0, 16);
}
