import type { Server } from "node:net";
import { AppError } from "../core/errors.ts";
import { execFile } from "node:child_process";

interface ListenOptions {
  /** 0 asks the system for any free port. */
  readonly port: number;
  /** Whether the next free port is acceptable (a default), or only this one (a port that the user chose). */
  readonly orNext: boolean;
  /** The flag that sets the port, for the hint. */
  readonly flag: string;
  /** The address to bind to, in place of loopback: only for a server that the user has opened to others. */
  readonly host?: string | undefined;
}

const PORTS_TRIED = 50;
/** Length of the accept queue, if the system allows it: a connection beyond it is delayed by a second. */
const BACKLOG = 4_096;

export const LOOPBACK = "127.0.0.1";

/** Binds a server to 127.0.0.1, or to the given address, and returns its port. Throws `port_in_use` when it cannot. */
export async function listenOnLoopback(server: Server, options: ListenOptions): Promise<number> {
  const { host = LOOPBACK } = options;
  const last = options.orNext && options.port !== 0 ? options.port + PORTS_TRIED : options.port;
  for (let port = options.port; port <= last; port += 1) {
    const bound = await tryListen(server, port, host);
    if (bound !== undefined) return bound;
  }
  const holder = await portHolder(options.port);
  const who = holder === undefined ? "another program" : `${holder.name}, process ${holder.pid}`;
  throw new AppError("port_in_use", `port ${options.port} on ${host} is in use by ${who}`, {
    hint: `Choose another with ${options.flag}, or ${holder === undefined ? `find the program with: lsof -i :${options.port}` : "stop that program."}`,
  });
}

/** Closes the server and every connection that is still open on it. */
export async function closeServer(server: Server & { closeAllConnections?: () => void }): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections?.();
  });
}

function tryListen(server: Server, port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      server.off("listening", onListening);
      if (error.code === "EADDRINUSE") return resolve(undefined);
      reject(
        new AppError("port_in_use", `cannot listen on ${host}, port ${port}: ${error.message}`, {
          hint: REMEDIES[error.code ?? ""],
          cause: error,
        }),
      );
    };
    const onListening = () => {
      server.off("error", onError);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    };
    server.once("error", onError);
    server.once("listening", onListening);
    server.listen({ port, host, backlog: BACKLOG });
  });
}

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: "Choose a port above 1023: lower ones require special permissions.",
  EADDRNOTAVAIL: "Use an address of this machine, or 0.0.0.0 for all of them.",
};

/** A process that listens on a port. */
interface PortHolder {
  readonly pid: number;
  readonly name: string;
}

const TIMEOUT_MS = 2_000;

/** The process that listens on a local TCP port, if an installed tool can find it. */
export async function portHolder(port: number): Promise<PortHolder | undefined> {
  return (
    readLsof(await output("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"])) ??
    readSs(await output("ss", ["-Hltnp", `sport = :${port}`]))
  );
}

/** lsof prints one field for each line, after a letter that identifies it. */
function readLsof(text: string): PortHolder | undefined {
  const pid = /^p(\d+)$/m.exec(text)?.[1];
  return pid === undefined ? undefined : { pid: Number(pid), name: /^c(.+)$/m.exec(text)?.[1] ?? "a program" };
}

/** `… users:(("node",pid=1234,fd=20))` */
function readSs(text: string): PortHolder | undefined {
  const [, name, pid] = /users:\(\("([^"]*)",pid=(\d+)/.exec(text) ?? [];
  return name === undefined ? undefined : { pid: Number(pid), name };
}

/** The program's stdout; empty if the program is missing or finds nothing. */
function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: TIMEOUT_MS }, (_error, stdout) => resolve(stdout));
  });
}
