import { newToken } from "../../inspector/token.ts";
import { startInspectorServer } from "../../inspector/server.ts";
import type { InspectorDeps } from "./compose.ts";

export interface InspectorOptions {
  /** The requested port; undefined: the default one, or any free port. */
  readonly port: number | undefined;
  /** The flag that sets the port. */
  readonly flag: string;
}

export interface Inspector extends AsyncDisposable {
  /** The URL of the page, with the required token after the `#`. */
  readonly url: string;
  /** A URL that works once: other users of this machine may see the arguments of the program that opens it. */
  urlForOnce(): string;
}

const INSPECTOR_PORT = 4601;

/** Starts the inspector's server. The code that answers is loaded when its page is opened. Throws `port_in_use`. */
export async function openInspector(options: InspectorOptions, deps: InspectorDeps): Promise<Inspector> {
  const token = newToken();
  const tickets = new Set<string>();
  let loaded: Promise<AsyncDisposable> | undefined;
  const start = (port: number, orNext: boolean) =>
    startInspectorServer({
      port,
      orNext,
      flag: options.flag,
      async load(bound) {
        const { composeInspector } = await import("./compose.ts");
        const app = composeInspector(deps, { port: bound, token, tickets });
        loaded = app;
        return app;
      },
    });
  const server =
    options.port === undefined
      ? await start(INSPECTOR_PORT, true).catch(() => start(0, false))
      : await start(options.port, false);
  const page = `http://127.0.0.1:${server.port}/#`;
  return {
    url: `${page}${token}`,
    urlForOnce() {
      const ticket = newToken();
      tickets.add(ticket);
      return `${page}${ticket}`;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      const opened = await loaded?.catch(() => undefined);
      await opened?.[Symbol.asyncDispose]();
    },
  };
}
