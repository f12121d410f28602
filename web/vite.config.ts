/** Builds dist/: chat.js (the elements), worker.js (the service) and shell.js, beside the pages of public/. */
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { buildOf } from "./scripts/build-id.js";

/** Takes the indentation and comments out of style sheets, which the minifier leaves alone as texts. */
const leanStyles: Plugin = {
  name: "lean-styles",
  apply: "build",
  enforce: "pre",
  transform(code, id) {
    if (!id.includes("/src/")) return;
    return code.replace(/\bcss`[^`]*`/g, (sheet) =>
      sheet
        .replace(/\/\*.*?\*\//gs, "")
        .replace(/\s+/g, " ")
        .replace(/ ?([{};]) ?/g, "$1")
        .replace(/([:,]) /g, "$1"),
    );
  },
};

export default defineConfig({
  base: "./",
  define: { __BUILD__: JSON.stringify(buildOf(new URL("src/", import.meta.url))) },
  plugins: [leanStyles],
  build: {
    target: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: false, // its polyfill would add an inline script
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { chat: "src/chat.ts", worker: "src/worker.ts", shell: "src/shell.ts" },
      preserveEntrySignatures: "allow-extension",
      output: {
        entryFileNames: "[name].js", // what other sites name in a script tag keeps its name
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"] },
});
