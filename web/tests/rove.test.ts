import { afterEach, expect, it } from "vitest";
import { speak } from "../src/texts/index.js";
import { placeAfter } from "../src/ui/rove.js";

afterEach(() => speak("en"));

it("goes around", () => {
  expect(placeAfter("ArrowRight", 3, 4)).toBe(0);
  expect(placeAfter("ArrowLeft", 0, 4)).toBe(3);
  expect(placeAfter("Home", 2, 4)).toBe(0);
  expect(placeAfter("End", 2, 4)).toBe(3);
  expect(placeAfter("x", 2, 4)).toBeNull();
});

it("goes by the direction of the text", async () => {
  await speak("ar");
  expect(placeAfter("ArrowRight", 0, 4)).toBe(3);
  expect(placeAfter("ArrowLeft", 0, 4)).toBe(1);
});
