/** Quotes a text as one word of a POSIX shell, if it contains a character that has a meaning to a shell. */
export function shellWord(text: string): string {
  return /^[\w.:/@%+,-]+$/.test(text) ? text : quoted(text);
}

/** Quotes a text as one word of a POSIX shell, always in quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
