import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { closeServer, listenOnLoopback } from "../platform/loopback.ts";
import type { InspectorApp } from "./app.ts";

export interface InspectorServerOptions {
  /** 0 asks the system for any free port. */
  readonly port: number;
  /** Whether another port is used if this one is in use. */
  readonly orNext: boolean;
  readonly flag: string;
  /** Creates the app at the first request: until then the server costs almost nothing. */
  readonly load: (port: number) => Promise<InspectorApp>;
}

export interface InspectorServer extends AsyncDisposable {
  readonly port: number;
}

/** Starts the inspector's own server on 127.0.0.1. Throws `port_in_use`. */
export async function startInspectorServer(options: InspectorServerOptions): Promise<InspectorServer> {
  let app: Promise<InspectorApp> | undefined;
  let port = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      await (await (app ??= options.load(port))).handle(request, response);
    } catch {
      // It could not be loaded; the next request tries again.
      app = undefined;
      response.destroy();
    }
  };
  const server = createServer((request, response) => void serve(request, response));
  server.on("error", () => {});
  port = await listenOnLoopback(server, options);
  return {
    port,
    async [Symbol.asyncDispose]() {
      const opened = await app?.catch(() => undefined);
      opened?.close();
      await closeServer(server);
    },
  };
}
