import { existsSync, readdirSync, statSync } from "node:fs";
import { resolveNgrok } from "../../config/ngrok-settings.ts";
import { tokenRule } from "../../config/login-input.ts";
import { AppError } from "../../core/errors.ts";
import { loadNgrokPackage } from "../../tunnel/package.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";
import type { DiagnosticContext } from "./diagnostic-context.ts";

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

/**
 * The permissions of the group and of others. Windows stores permissions elsewhere, and reports every file as
 * accessible to all.
 */
function othersMode(path: string): number {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
  return path.includes("\\") ? 0 : mode & OTHERS;
}

export async function checkNgrok(diagnostics: DiagnosticContext): Promise<Finding[]> {
  const findings: Finding[] = [];
  const { authtoken } = resolveNgrok({ env: diagnostics.env, stored: (await diagnostics.config()).ngrok() });
  const objection = authtoken === undefined ? undefined : tokenRule(authtoken);
  const login = "bluum-hooks login";
  if (authtoken === undefined && (await diagnostics.settings()).environment === "emulator") {
    findings.push(ok("no authtoken is set; the emulator needs none"));
  } else if (authtoken === undefined) {
    findings.push(warning("no authtoken is set; listen needs one, or --public-url, or --tunnel none", login));
  } else if (objection !== undefined) findings.push(problem(`invalid ngrok authtoken: ${objection}`, login));
  try {
    await loadNgrokPackage();
    if (findings.length === 0) findings.push(ok("an authtoken is set, and the SDK can be loaded"));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    findings.push(warning(error.message, error.hint));
  }
  return findings;
}
