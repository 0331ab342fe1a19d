// Replaces the package `undici` in the bundle by the parts that the program uses, which are half of it. The rest
// (fetch, WebSocket, mocks, caches) would be compiled at each start of a command that makes a request.
import api from "../node_modules/undici/lib/api/index.js";
import Agent from "../node_modules/undici/lib/dispatcher/agent.js";
import Dispatcher from "../node_modules/undici/lib/dispatcher/dispatcher.js";
import ProxyAgent from "../node_modules/undici/lib/dispatcher/proxy-agent.js";

// Like undici's own index: ProxyAgent calls `connect` of its client.
Object.assign(Dispatcher.prototype, api);

export { Agent, Dispatcher, ProxyAgent };

/** Like undici's, for a request with a `dispatcher`. */
export function request(url, { dispatcher, ...options }) {
  const { origin, pathname, search } = new URL(url);
  const method = options.method ?? (options.body ? "PUT" : "GET");
  return api.request.call(dispatcher, { ...options, method, origin, path: pathname + search });
}
