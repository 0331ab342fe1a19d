import { Refusal } from "../refusal.ts";

const MAX_PER_PAGE = 100;

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly hasMore: boolean;
}

/** The part of a list that `limit` and `offset` select: 20 by default, at most 100. */
export function pageOf<Item>(all: readonly Item[], query: URLSearchParams): Page<Item> {
  const limit = whole("limit", query.get("limit") ?? "20", 1, MAX_PER_PAGE);
  const offset = whole("offset", query.get("offset") ?? "0", 0, Number.MAX_SAFE_INTEGER - MAX_PER_PAGE);
  return { items: all.slice(offset, offset + limit), hasMore: offset + limit < all.length };
}

function whole(param: string, text: string, least: number, most: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Refusal("400-001", { param, message: `${param} must be a whole number from ${least} to ${most}.` });
}
