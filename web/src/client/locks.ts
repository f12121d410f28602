/** The lock that a window holds for as long as it lives: no event tells that one was closed. */

export function lockOf(window: string): string {
  return `company-chat window ${window}`;
}
