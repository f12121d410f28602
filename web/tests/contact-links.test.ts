import { expect, it } from "vitest";
import { mailto, tel } from "../src/ui/contact-links.js";

it("links numbers as people write them", () => {
  expect(tel("+49 (0)40 1234-567")).toBe("tel:+49401234567");
  expect(tel("0171 5550100")).toBe("tel:01715550100");
});

it("keeps an extension apart from the number", () => {
  expect(tel("0171 5550100 ext. 12")).toBe("tel:01715550100;ext=12");
  expect(tel("555-0100 x7")).toBe("tel:5550100;ext=7");
});

it("links nothing that is no number", () => {
  expect(tel("ask at the desk")).toBeNull();
  expect(tel("")).toBeNull();
  expect(tel("javascript:alert(1)")).toBeNull();
});

it("encodes what has a meaning in URLs", () => {
  expect(mailto("alice@example.com")).toBe("mailto:alice@example.com");
  expect(mailto("a?cc=b&c#d@example.com")).toBe("mailto:a%3Fcc%3Db%26c%23d@example.com");
});
