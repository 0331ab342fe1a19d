/** What a failed write to a standard stream is for the user. */
export function unwritable(name: string, { code = "", message }: NodeJS.ErrnoException): string {
  return `cannot write to ${name}: ${message.replace(/^\w+: |, \w+$/g, "")} (${code})`;
}
