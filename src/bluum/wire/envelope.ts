import { AppError } from "../../core/errors.ts";
import { isJsonObject } from "../../core/json-text.ts";

export interface Page {
  readonly items: readonly unknown[];
  readonly hasMore: boolean;
}

/**
 * The object in a response: `{status, data: {webhook: {…}}}`, `{data: {…}}`, `{webhook: {…}}`, or the bare object.
 * `names` are the names that it may have inside the envelope.
 */
export function unwrapOne(answer: unknown, names: readonly string[]): unknown {
  if (!isJsonObject(answer)) return answer;
  const inner = isJsonObject(answer["data"]) ? answer["data"] : answer;
  const name = names.find((each) => isJsonObject(inner[each]));
  return name === undefined ? inner : inner[name];
}

/**
 * The list in a response: `{status, data: {webhooks: […]}}`, `{object: "list", data: […], has_more}`,
 * `{webhooks: […]}`, or the bare array. Throws `api_invalid_response` if there is none.
 */
export function unwrapList(answer: unknown, names: readonly string[]): Page {
  if (Array.isArray(answer)) return { items: answer, hasMore: false };
  if (isJsonObject(answer)) {
    const data = answer["data"];
    const hasMore = [answer, data].some((each) => isJsonObject(each) && (each["has_more"] ?? each["hasMore"]) === true);
    const lists = [
      data,
      ...[data, answer].flatMap((each) => (isJsonObject(each) ? names.map((name) => each[name]) : [])),
    ];
    const items = lists.find((list) => Array.isArray(list));
    if (items !== undefined) return { items, hasMore };
  }
  throw new AppError("api_invalid_response", `the response contains no list: data, ${names.join(", ")} are missing`);
}
