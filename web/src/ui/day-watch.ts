/** Notices that a new day has begun, by which yesterday's "Today" is wrong. */

/** Milliseconds between two looks. A timer for midnight itself would be late by the time that a computer slept. */
const LOOK = 60_000;

/** `passed` is called within a minute after midnight; the function returned ends that. */
export function watchDay(passed: () => void): () => void {
  let day = new Date().toDateString();
  const timer = setInterval(() => {
    const today = new Date().toDateString();
    if (today === day) return;
    day = today;
    passed();
  }, LOOK);
  return () => clearInterval(timer);
}
