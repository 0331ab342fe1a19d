import { Refusal } from "../refusal.ts";

/** How many items a page has by default, and at most. */
export interface PageSize {
  readonly usual: number;
  readonly max: number;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly hasMore: boolean;
  /** The length of the whole list. */
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
}

/** The part of a list that `limit` and `offset` select. */
export function pageOf<Item>(all: readonly Item[], query: URLSearchParams, { usual, max }: PageSize): Page<Item> {
  const limit = whole("limit", query.get("limit") ?? String(usual), 1, max);
  const offset = whole("offset", query.get("offset") ?? "0", 0, Number.MAX_SAFE_INTEGER - max);
  const hasMore = offset + limit < all.length;
  return { items: all.slice(offset, offset + limit), hasMore, total: all.length, limit, offset };
}

function whole(param: string, text: string, least: number, most: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Refusal("400-001", { param, message: `${param} must be a whole number from ${least} to ${most}.` });
}
