/** `folder` ends with a slash. */
export function buildOf(folder: URL): string;
