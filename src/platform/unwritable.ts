/** The error that the user sees after a failed write to a standard stream. */
export function unwritable(name: string, { code = "", message }: NodeJS.ErrnoException): string {
  return `cannot write to ${name}: ${message.replace(/^\w+: |, \w+$/g, "")} (${code})`;
}
