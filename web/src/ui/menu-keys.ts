/** Keys in a menu: arrows go round, Home and End to its ends, letters to what begins with them. */

/** Which of the `labels` a key leads to from the one at `index`; -1 where it leads nowhere. */
export function itemFor(key: string, index: number, labels: readonly string[]): number {
  const last = labels.length - 1;
  switch (key) {
    case "ArrowDown":
      return index >= last ? 0 : index + 1;
    case "ArrowUp":
      return index <= 0 ? last : index - 1;
    case "Home":
      return 0;
    case "End":
      return last;
  }
  if (Array.from(key).length !== 1 || !key.trim()) return -1;
  const wanted = key.toLocaleLowerCase();
  const after = labels.map((_, step) => (index + 1 + step) % labels.length);
  return after.find((at) => labels[at]?.toLocaleLowerCase().startsWith(wanted)) ?? -1;
}
