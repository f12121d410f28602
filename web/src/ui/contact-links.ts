/** Links to what a directory entry names: free text becomes a link only where it is clear what it leads to. */

import type { Address } from "../state/model.js";

/** The address as a mailto URL. Its local part may hold what has a meaning in URLs. */
export function mailto(address: Address): string {
  const at = address.lastIndexOf("@");
  return `mailto:${encodeURIComponent(address.slice(0, at))}@${encodeURIComponent(address.slice(at + 1))}`;
}

/** A tel URL (RFC 3966) for a number as people write it, with its extension; null where none can be made out. */
export function tel(phone: string): string | null {
  const [, number = "", extension] = /^([^a-z#;,]*)(?:\D*(\d{1,8})\D*)?$/i.exec(phone.trim()) ?? [];
  const digits = number.replace(/\(0\)/g, "").replace(/[^\d+]/g, "");
  if (!/^\+?\d{2,20}$/.test(digits)) return null;
  return `tel:${digits}${extension ? `;ext=${extension}` : ""}`;
}
