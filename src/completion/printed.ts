/** Captures what a library prints: its output must go to the command's stream, and not to the process's own. */
export function printed(action: () => void): string {
  const lines: string[] = [];
  // oxlint-disable-next-line no-console -- the library has no other output, and prints before it returns
  const { log } = console;
  console.log = (text: string) => void lines.push(text);
  try {
    action();
  } finally {
    console.log = log;
  }
  return lines.map((line) => `${line}\n`).join("");
}
