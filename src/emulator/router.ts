import type { Route } from "./http.ts";

/** A route that matches a request, and the parts of its path. */
export interface Match {
  readonly route: Route;
  /** The decoded part that the route names `:name`. */
  readonly param: (name: string) => string;
}

/** Finds routes by method and path; the first match counts. HEAD is served like GET, and Node sends no body. */
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

/** Invalid encoding is used unchanged, and matches nothing. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
