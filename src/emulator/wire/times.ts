/** ISO 8601 with milliseconds, from Unix milliseconds; null without a time. */
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

export function unixSeconds(at: number): number {
  return Math.floor(at / 1_000);
}

/** The fields that begin every resource of the current API. */
export function envelope(
  object: string,
  id: string,
  createdAt: number,
  metadata: Readonly<Record<string, unknown>> = {},
) {
  return { id, object, created: unixSeconds(createdAt), livemode: false, metadata };
}
