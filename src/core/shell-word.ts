/** One word of a POSIX shell, whatever it contains: in quotes where anything in it could mean something to a shell. */
export function shellWord(text: string): string {
  return /^[\w.:/@%+,-]+$/.test(text) ? text : quoted(text);
}

/** One word of a POSIX shell, in quotes always. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
