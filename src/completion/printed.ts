/** What a library prints, as text: its output belongs to the command's stream, and not to the process's own. */
export function printed(action: () => void): string {
  const lines: string[] = [];
  // oxlint-disable-next-line no-console -- the library knows no other way out, and prints before it returns
  const { log } = console;
  console.log = (text: string) => void lines.push(text);
  try {
    action();
  } finally {
    console.log = log;
  }
  return lines.map((line) => `${line}\n`).join("");
}
