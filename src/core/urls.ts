/**
 * Whether two URLs lead to the same place. An API may keep a URL in a form of its own, with the host in lower case or a
 * slash behind a bare one: that is still the URL it was given. Text that is no URL is compared as it is.
 */
export function isSameUrl(one: string, other: string): boolean {
  return one === other || normal(one) === normal(other);
}

function normal(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

/** A text to be quoted in an error, without the credentials that a URL in it may hold: they stand before an `@`. */
export function withoutCredentials(text: string): string {
  return text.replace(/(^|\s)('?)\S*:\S*@/g, "$1$2…@");
}
