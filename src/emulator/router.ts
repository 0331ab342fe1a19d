import type { Route } from "./http.ts";

/** A route that serves a request, and what the parts of its path are. */
export interface Match {
  readonly route: Route;
  /** The decoded part that the route calls `:name`. */
  readonly param: (name: string) => string;
}

/** Finds routes by method and path; of several that match, the first. HEAD is served as GET is, and Node sends no body. */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => Match | undefined {
  const known = routes.map((route) => ({ route, pattern: route.path.split("/") }));
  return (method, path) => {
    const wanted = method === "HEAD" ? "GET" : method;
    const parts = path.split("/");
    const found = known.find(({ route, pattern }) => route.method === wanted && fits(pattern, parts));
    if (found === undefined) return undefined;
    return { route: found.route, param: (name) => decoded(parts[found.pattern.indexOf(`:${name}`)] ?? "") };
  };
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  if (pattern.length !== parts.length) return false;
  return pattern.every((each, at) => (each.startsWith(":") ? parts[at] !== "" : parts[at] === each));
}

/** What is badly encoded names nothing, and is looked for as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
