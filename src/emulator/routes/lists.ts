import { type Call, type Reply, reply } from "../http.ts";
import { filtered, type Filters } from "../wire/filters.ts";
import type { Json, ListName, WireForm } from "../wire/form.ts";
import { pageOf } from "../wire/page.ts";

/** The part of a list that the query selects, in the form of a generation. */
export function listReply<Item>(
  { path, query }: Pick<Call, "path" | "query">,
  form: WireForm,
  list: {
    readonly name: ListName;
    readonly items: readonly Item[];
    readonly show: (item: Item) => Json;
    readonly filters?: Filters<Item>;
  },
): Reply {
  const page = pageOf(filtered(list.items, query, list.filters ?? {}), query, form.pages);
  return reply(form.list(list.name, path, { ...page, items: page.items.map(list.show) }));
}
