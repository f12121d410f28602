import { afterEach, expect, test } from "vitest";
import { bestLocale, direction, language, locale, speak, text } from "../src/texts/index.js";

afterEach(() => speak("en"));

test("the user's choice goes before the browser's languages, and these before English", () => {
  expect(bestLocale("ar", ["en"])).toBe("ar");
  expect(bestLocale(null, ["de-DE", "ar", "en"])).toBe("ar");
  expect(bestLocale(null, ["de-DE", "fr"])).toBe("en");
  expect(bestLocale("de", [])).toBe("en");
});

test("the language keeps the region of its reader", () => {
  expect(bestLocale(null, ["en-GB", "en"])).toBe("en-GB");
  expect(bestLocale("en", ["ar-EG", "en-IE"])).toBe("en-IE");
  expect(bestLocale("ar", ["en-GB"])).toBe("ar");
  expect(bestLocale("en-GB", ["en-US"])).toBe("en-GB");
});

test("what is no tag of a region is not taken for one", () => {
  expect(bestLocale("en-", [])).toBe("en");
  expect(bestLocale("en-nonsense-", [])).toBe("en");
});

test("Arabic figures are those of the region", async () => {
  await speak("ar-EG");
  expect([language, locale, direction]).toEqual(["ar", "ar-EG", "rtl"]);
  expect(text.chat.window.members(12)).toContain("١٢");
  await speak("ar-MA");
  expect(text.chat.window.members(12)).toContain("12");
});
