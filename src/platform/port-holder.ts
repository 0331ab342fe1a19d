import { execFile } from "node:child_process";

/** A process that listens on a port. */
export interface PortHolder {
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
