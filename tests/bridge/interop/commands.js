// The other side of programs.py: commands come as JSON lines on standard input, what happens goes out as
// JSON lines on standard output.

import { createInterface } from "node:readline";

export function tell(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

// `handlers` has a function for each command's `do`. The process ends with its input.
export function serve(handlers) {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", async (line) => {
    const command = JSON.parse(line);
    try {
      await handlers[command.do](command);
    } catch (error) {
      tell({ event: "error", text: String(error) });
    }
  });
  lines.on("close", () => process.exit(0));
}
