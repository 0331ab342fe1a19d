import type { Command } from "commander";
import type { GlobalFlags } from "./shared/flags.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../core/errors.ts";
import { clean } from "../output/privacy/clean.ts";
import { createPaint } from "../output/color.ts";
import { pad, wrap } from "../output/text.ts";
import { diagnose, type Diagnosis } from "../features/doctor/diagnose.ts";
import { openPatient } from "../features/doctor/diagnostic-context.ts";
import type { CommandDeps } from "./shared/command.ts";
import { openWorkspace } from "./shared/workspace.ts";

export function define(command: Command, { context, setExitCode }: CommandDeps): void {
  command
    .addHelpText(
      "after",
      `
Looks at Node.js, config, credentials, the API and its clock, ngrok, ports, the
store, restores that are pending, and every webhook of the environment: one
that delivers to a dead tunnel or an unreachable host, that is inactive, or
that shares its URL. Hosts are asked for nothing but their headers.
Exit code 1 if something is wrong; warnings alone are 0.

Examples:
  $ bluum-hooks doctor
  $ bluum-hooks doctor --env production --json
`,
    )
    .action(async (_flags: unknown, self: Command) => {
      const problems = await runDoctor(self.optsWithGlobals<GlobalFlags>(), context);
      if (problems > 0) setExitCode(EXIT.failed);
    });
}

/** Returns how many problems were found. */
async function runDoctor(flags: GlobalFlags, context: Context): Promise<number> {
  await using workspace = await openWorkspace(flags, context, { toleratesFaults: true });
  const { env, folder } = workspace;
  await using patient = openPatient({ context, flags, env, folder, openConfig: () => workspace.openConfig() });
  const findings = await diagnose(patient);
  const count = (level: Diagnosis["level"]) => findings.filter((finding) => finding.level === level).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  workspace.print({ isHealthy: problems === 0, problems, warnings, findings }, () =>
    report(findings, workspace.color, context.stdout.isTTY ? context.stdout.columns : Infinity),
  );
  const parts = [
    ...(problems === 0 ? [] : [`${problems} problem${problems === 1 ? "" : "s"}`]),
    ...(warnings === 0 ? [] : [`${warnings} warning${warnings === 1 ? "" : "s"}`]),
  ];
  workspace.say(parts.length === 0 ? "\nNothing is wrong." : `\n${parts.join(", ")}`);
  return problems;
}

const SIGNS = { ok: ["good", "✓"], warning: ["warn", "!"], problem: ["bad", "✗"] } as const;

/** Messages are wrapped to the columns; a remedy is a command to copy, and stays in one piece. */
function report(findings: readonly Diagnosis[], color: boolean, columns: number): string {
  const paint = createPaint(color);
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .map(({ check, level, message, remedy }) => {
      const [tone, sign] = SIGNS[level];
      const indent = " ".repeat(width + 4);
      const next = remedy === undefined ? "" : `${indent}${paint("accent", "next:")} ${clean(remedy)}\n`;
      const text = wrap(clean(message), Math.max(20, columns - indent.length)).join(`\n${indent}`);
      return `${paint(tone, sign)} ${paint("dim", pad(check, width))}  ${text}\n${next}`;
    })
    .join("");
}
