import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** A response to the sender. */
export interface Reply {
  readonly status: number;
  readonly body?: string;
}

/** Statuses whose responses have no body, not even an empty one (RFC 9110, 8.6). */
const BODILESS = new Set([204, 304]);

/**
 * Sends a response. Whether the system accepted it is usually known at once; the result is a promise if earlier
 * responses on the same connection are still pending.
 */
export function respond(response: ServerResponse, reply: Reply): boolean | Promise<boolean> {
  const { socket } = response.req;
  if (socket.destroyed || response.headersSent) return false;
  const { status, body = "" } = reply;
  if (body !== "") response.setHeader("content-type", "text/plain; charset=utf-8");
  response.writeHead(status, BODILESS.has(status) ? {} : { "content-length": Buffer.byteLength(body) });
  response.end(body);
  if (socket.errored !== null) return false;
  return isFlushed(response, socket) || whetherFinished(response, socket);
}

/** A pipelined request's response has no socket until the responses before it are sent. */
function isFlushed(response: ServerResponse, socket: Socket): boolean {
  return response.socket !== null && socket.writableLength === 0;
}

function whetherFinished(response: ServerResponse, socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const closed = () => resolve(false);
    socket.once("close", closed);
    response.once("finish", () => {
      socket.off("close", closed);
      resolve(true);
    });
  });
}
