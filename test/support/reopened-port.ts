import type { Server } from "node:net";

/** Below 32768, where Linux begins to assign ports automatically; macOS and Windows begin at 49152. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

let next = Math.floor(Math.random() * PORTS);

/**
 * Listens on loopback, on a port that can be closed and opened again: no other server that requests any free port,
 * and no outgoing connection, gets it in the meantime.
 */
export async function listenOnReopenedPort(server: Server): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + (next++ % PORTS);
    try {
      await listenOn(server, port);
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
  }
}

export async function listenOn(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
