import { addHelp } from "./shared/help.ts";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { EXIT } from "../core/errors.ts";
import { clean } from "../output/privacy/clean.ts";
import { createPaint } from "../output/color.ts";
import { nextStep } from "../output/live/error.ts";
import { pad, wrap } from "../output/text.ts";
import { diagnose, type Diagnosis } from "../features/doctor/diagnose.ts";
import { openDiagnostics } from "../features/doctor/diagnostic-context.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { openWorkspace } from "./shared/workspace.ts";

const HELP = {
  details: `Checks Node.js, the configuration, credentials, the API and its clock, ngrok, ports, the store, pending restores, the logs of teams, and every webhook of the environment: whether it is active, whether its URL can be reached, and whether another webhook has the same URL. Only connections are opened to those hosts; no delivery is sent.

Exits with 1 if it finds a problem. Warnings alone exit with 0.`,
  examples: `  $ bluum-hooks doctor
  $ bluum-hooks doctor --env production --json`,
};

export function define(command: Command, { context, setExitCode }: CommandDeps): void {
  addHelp(command, HELP).action(async (_flags: unknown, self: Command) => {
    const problems = await runDoctor(self.optsWithGlobals<GlobalFlags>(), context);
    if (problems > 0) setExitCode(EXIT.failed);
  });
}

/** Returns the number of problems. */
async function runDoctor(flags: GlobalFlags, context: Context): Promise<number> {
  await using workspace = await openWorkspace(flags, context, { toleratesFaults: true });
  const { env, environmentSource, folder } = workspace;
  const openConfig = () => workspace.openConfig();
  await using diagnostics = openDiagnostics({ context, flags, env, environmentSource, folder, openConfig });
  const findings = await diagnose(diagnostics);
  const count = (level: Diagnosis["level"]) => findings.filter((finding) => finding.level === level).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  workspace.print({ isHealthy: problems === 0, problems, warnings, findings }, () =>
    report(findings, workspace.color, context.stdout.isTTY ? context.stdout.columns : Infinity),
  );
  const parts = [
    ...(problems === 0 ? [] : [`${problems} problem${problems === 1 ? "" : "s"}`]),
    ...(warnings === 0 ? [] : [`${warnings} warning${warnings === 1 ? "" : "s"}`]),
  ];
  workspace.say(parts.length === 0 ? "\nNo problems found." : `\n${parts.join(", ")}`);
  return problems;
}

const MARKS = { ok: ["good", "✓"], warning: ["warn", "!"], problem: ["bad", "✗"] } as const;

function report(findings: readonly Diagnosis[], color: boolean, columns: number): string {
  const paint = createPaint(color);
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .map(({ check, level, message, remedy }) => {
      const [tone, mark] = MARKS[level];
      const indent = " ".repeat(width + 4);
      // A remedy that is only a command must be copyable.
      const nextLines = (label: string, text: string) =>
        /[.:]( |$)/.test(text) ? nextStep(label, text, columns, indent) : `${label} ${clean(text)}`;
      const next = remedy === undefined ? "" : `${indent}${nextLines(paint("accent", "next:"), remedy)}\n`;
      const text = wrap(clean(message), Math.max(20, columns - indent.length)).join(`\n${indent}`);
      return `${paint(tone, mark)} ${paint("dim", pad(check, width))}  ${text}\n${next}`;
    })
    .join("");
}
