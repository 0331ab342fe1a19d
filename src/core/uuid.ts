/** The legacy API uses UUIDs for accounts; ids of the current API begin with a prefix for their type. */
export function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}
