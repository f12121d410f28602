import { describe, expect, test } from "vitest";
import { isEmoji, linkify } from "../src/ui/links.js";

const hrefs = (text: string) => linkify(text).flatMap((piece) => piece.href ?? []);
const shown = (text: string) => linkify(text).flatMap((piece) => (piece.href ? piece.text : []));

describe("linkify", () => {
  test("keeps every character of the text", () => {
    const text = "See https://a.example/x?y=1#z, www.example.com. Or a@example.com!\nBye";
    expect(
      linkify(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  });

  test.each([
    ["https://example.com/a", "https://example.com/a"],
    ["http://example.com", "http://example.com/"],
    ["HTTPS://EXAMPLE.COM/A", "https://example.com/A"],
    ["www.example.com/prices", "https://www.example.com/prices"],
    ["mailto:office@example.com", "mailto:office@example.com"],
    ["first.last+tag@sub.example.com", "mailto:first.last+tag@sub.example.com"],
    ["http://localhost:8080/x", "http://localhost:8080/x"],
    ["https://[::1]/x", "https://[::1]/x"],
  ])("%s is a link", (text, href) => {
    expect(linkify(text)).toEqual([{ text, href }]);
  });

  test.each([
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "vbscript:x",
    "xhttps://example.com",
    "https://",
    "https://:80",
    "www.",
    "a@b",
    "@example.com",
    "12:30",
    "e.g. this",
  ])("%s is none", (text) => {
    expect(hrefs(text)).toEqual([]);
  });

  test.each([
    ["(see https://example.com/a)", "https://example.com/a"],
    ["https://example.com/a_(b)", "https://example.com/a_(b)"],
    ["(https://example.com/a_(b)).", "https://example.com/a_(b)"],
    ["https://example.com/a, and", "https://example.com/a"],
    ["“https://example.com”", "https://example.com"],
    ["https://example.com؟", "https://example.com"],
    ["<https://example.com/>", "https://example.com/"],
    ["https://example.com/?q=[1]", "https://example.com/?q=[1]"],
    ["office@example.com.", "office@example.com"],
  ])("in %s it is %s", (text, link) => {
    expect(shown(text)).toEqual([link]);
  });

  test("an international name is shown as it was given", () => {
    expect(linkify("https://bücher.example")).toEqual([
      { text: "https://bücher.example", href: "https://xn--bcher-kva.example/" },
    ]);
  });

  test("a bidirectional override ends a link", () => {
    expect(shown("https://example.com/\u202egnp.exe")).toEqual(["https://example.com/"]);
  });

  test.each(["a", "a@", "http://", "www.", "(", ")", "a.", "https://x)"])("16 KiB of %s take no time", (part) => {
    const text = part.repeat(16_384 / part.length);
    const began = performance.now();
    linkify(text);
    linkify(`https://example.com/${text}`);
    expect(performance.now() - began).toBeLessThan(1000); // quadratic behaviour would take minutes
  });
});

describe("isEmoji", () => {
  test.each(["👍", "👍 🎉", "👩‍💻", "🇩🇪", "1️⃣", " ❤️\n"])("%s", (text) => expect(isEmoji(text)).toBe(true));
  test.each(["", "1", "#", "ok 👍", "👍👍👍👍", "©x"])("not %s", (text) => expect(isEmoji(text)).toBe(false));
});
