import { existsSync, readdirSync, statSync } from "node:fs";
import { resolveNgrok } from "../../config/ngrok-settings.ts";
import { tokenRule } from "../../config/login-input.ts";
import { listProject, PROJECT_FILE, readProjectFile } from "../../config/project-file.ts";
import { NO_PACKAGE } from "../../tunnel/remedies.ts";
import { type DiagnosticContext, ok, problem, warning, type Finding } from "./diagnostic-context.ts";
import { createServer } from "node:net";
import { closeServer, listenOnLoopback, portHolder } from "../../platform/loopback.ts";
import { isEmulatorRunning } from "../emulator/use-emulator.ts";
import { sessionLock } from "../webhooks/webhook-locks.ts";
import { EMULATOR_PORT, LISTEN_PORT } from "../../core/defaults.ts";

/** The oldest supported Node.js version. */
const OLDEST_NODE = [20, 19] as const;

export async function checkNode({ context }: DiagnosticContext): Promise<Finding[]> {
  const [major = 0, minor = 0] = context.nodeVersion.split(".").map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  return [
    isOld
      ? problem(`Node.js ${context.nodeVersion} is too old`, `Install Node.js ${OLDEST_NODE.join(".")} or later.`)
      : ok(`Node.js ${context.nodeVersion}, bluum-hooks ${context.version}`),
  ];
}

/** The settings that come with the code in this folder. */
export async function checkProject({ context: { cwd } }: DiagnosticContext): Promise<Finding[]> {
  const project = cwd === undefined ? undefined : readProjectFile(cwd);
  if (project === undefined) return [ok(`no ${PROJECT_FILE} in this folder or above it`)];
  const settings = listProject(project.content).map((each) => each.join(" "));
  return [ok(`${project.path}: ${settings.length === 0 ? "no settings" : settings.join(", ")}`)];
}

/** Who can read the stored data. */
export async function checkConfig(diagnostics: DiagnosticContext): Promise<Finding[]> {
  const { path, setAside } = await diagnostics.config();
  const findings: Finding[] = [];
  const [folderMode, fileMode] = [othersMode(diagnostics.folder), othersMode(path)];
  const foundMode = path.includes("\\") ? 0 : (diagnostics.configModeFound ?? 0) & 0o777;
  if ((folderMode & WRITABLE) !== 0) {
    findings.push(
      problem(`other users can replace files in ${diagnostics.folder}`, `chmod 700 '${diagnostics.folder}'`),
    );
  } else if (folderMode !== 0) {
    findings.push(warning(`other users can read ${diagnostics.folder}`, `chmod 700 '${diagnostics.folder}'`));
  }
  if (fileMode !== 0) findings.push(problem(`other users can read ${path}`, `chmod 600 '${path}'`));
  else if ((foundMode & OTHERS) !== 0) {
    const change = `its mode was ${foundMode.toString(8).padStart(4, "0")}, and doctor has set it to 0600`;
    findings.push(
      folderMode === 0
        ? ok(`only you can read ${path}: ${change}`)
        : warning(
            `other users could read ${path}: ${change}`,
            "If other people use this machine, replace the credentials in it: bluum-hooks login",
          ),
    );
  }
  const kept = existsSync(diagnostics.folder)
    ? readdirSync(diagnostics.folder).filter((file) => file.startsWith("config.json.damaged-"))
    : [];
  if (kept.length > 0) {
    const names = kept.join(", ");
    findings.push(
      warning(
        `a damaged config file was renamed, and may contain secrets: ${names}`,
        "Copy what you need from it, then delete it.",
      ),
    );
  }
  if (setAside !== undefined && setAside.path === undefined) {
    findings.push(
      problem(
        `${path} is damaged (${setAside.fault}) and cannot be renamed, so it is ignored`,
        "Correct or delete it.",
      ),
    );
  }
  if (findings.length > 0) return findings;
  return [
    ok(existsSync(path) ? `only you can read ${path}` : `none yet: ${path} does not exist, so nothing is stored`),
  ];
}

const WRITABLE = 0o022;
const OTHERS = 0o077;

/** The permissions of the group and of others. Windows reports every file as accessible to all. */
function othersMode(path: string): number {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return path.includes("\\") ? 0 : mode & OTHERS;
}

export async function checkNgrok(diagnostics: DiagnosticContext): Promise<Finding[]> {
  const { authtoken } = resolveNgrok({ env: diagnostics.env, stored: (await diagnostics.config()).ngrok() });
  if (authtoken === undefined && (await diagnostics.settings()).environment === "emulator") {
    return [ok("no authtoken is set; the emulator needs none")];
  }
  const findings: Finding[] = [];
  const objection = authtoken === undefined ? undefined : tokenRule(authtoken);
  const login = "bluum-hooks login";
  if (authtoken === undefined) {
    findings.push(warning("no authtoken is set; listen needs one, or another --tunnel, or --public-url", login));
  } else if (objection !== undefined) findings.push(problem(`invalid ngrok authtoken: ${objection}`, login));
  try {
    await import("@ngrok/ngrok");
    if (findings.length === 0) findings.push(ok("an authtoken is set, and the SDK can be loaded"));
  } catch {
    findings.push(warning(NO_PACKAGE.message, NO_PACKAGE.hint));
  }
  return findings;
}

const PORTS = [
  { port: LISTEN_PORT, user: "listen", isEmulators: false },
  { port: EMULATOR_PORT, user: "emulator", isEmulators: true },
] as const;

export async function checkPorts(diagnostics: DiagnosticContext): Promise<Finding[]> {
  const { context } = diagnostics;
  return Promise.all(
    PORTS.map(async ({ port, user, isEmulators }) => {
      if (await isFree(port)) return ok(`${port} is free for ${user}`);
      if (isEmulators && (await isEmulatorRunning(`http://127.0.0.1:${port}/v1`, context.signal))) {
        return ok(`${port}: an emulator runs there`);
      }
      const holder = await portHolder(port);
      if (holder !== undefined && (await sessionPids(diagnostics)).includes(holder.pid)) {
        return ok(`${port}: your listen (process ${holder.pid}) uses it; another listen uses the next free port`);
      }
      const who = holder === undefined ? "another program" : `${holder.name}, process ${holder.pid}`;
      const remedy = isEmulators
        ? `Stop it, or use another port: bluum-hooks emulator --port ${port + 1}`
        : "Nothing to do: listen uses the next free port unless --port is given.";
      return warning(`${port}, the port of ${user}, is in use by ${who}`, remedy);
    }),
  );
}

/** The processes that use a webhook. Without a store there are none; another check reports the reason. */
async function sessionPids(diagnostics: DiagnosticContext): Promise<number[]> {
  try {
    const store = await diagnostics.store();
    const holders = (await store.changes.pending()).map(async ({ baseUrl, webhookId }) =>
      webhookId === null ? undefined : store.holderOf(sessionLock(baseUrl, webhookId)),
    );
    return (await Promise.all(holders)).flatMap((holder) => (holder === undefined ? [] : [holder.pid]));
  } catch {
    return [];
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listenOnLoopback(server, { port, orNext: false, flag: "--port" });
    return true;
  } catch {
    return false;
  } finally {
    await closeServer(server);
  }
}
