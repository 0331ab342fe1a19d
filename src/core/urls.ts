/**
 * Whether two URLs are equivalent. An API may normalize a URL, with the host in lower case or a slash after a bare
 * host. Text that is not a URL is compared unchanged.
 */
export function isSameUrl(one: string, other: string): boolean {
  return one === other || normal(one) === normal(other);
}

function normal(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

/** Removes the credentials of a URL (the part before an `@`) from a text that an error quotes. */
export function withoutCredentials(text: string): string {
  return text.replace(/(^|\s)('?)\S*:\S*@/g, "$1$2…@");
}
