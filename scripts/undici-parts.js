// Stands in for the package `undici` in the bundle: the parts that the program uses, half of the whole. The rest (fetch,
// WebSocket, mocks, caches) would be compiled at each start of a command that makes a request.
import Agent from "../node_modules/undici/lib/dispatcher/agent.js";
import Dispatcher from "../node_modules/undici/lib/dispatcher/dispatcher.js";
import ProxyAgent from "../node_modules/undici/lib/dispatcher/proxy-agent.js";
import requestThrough from "../node_modules/undici/lib/api/api-request.js";

export { Agent, Dispatcher, ProxyAgent };

/** As undici's own, for a request with a `dispatcher`. */
export function request(url, { dispatcher, ...options }) {
  const { origin, pathname, search } = new URL(url);
  const method = options.method ?? (options.body ? "PUT" : "GET");
  return requestThrough.call(dispatcher, { ...options, method, origin, path: pathname + search });
}
