/** What stands for a contact without a photo. */

/** The first letters of the first and the last word of a name; of an address, the first letter. */
export function initialsOf(name: string): string {
  const words = name
    .replace(/@.*$/, "")
    .split(/[\s._-]+/)
    .filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = words[0] ?? name.trim();
  const last = words.length > 1 ? words.at(-1) : undefined;
  return (
    [first, last]
      .map((word) => Array.from(word ?? "")[0] ?? "")
      .join("")
      .toLocaleUpperCase() || "?"
  );
}

/** A hue in degrees that is always the same for a text, and spread evenly over many. */
export function hueOf(key: string): number {
  let hash = 2166136261; // FNV-1a
  for (const letter of key) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16777619);
  return ((hash >>> 0) % 24) * 15;
}
