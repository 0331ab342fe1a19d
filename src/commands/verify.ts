import { addHelp } from "./shared/help.ts";
import { Option, type Command } from "commander";
import type { Context } from "../context.ts";
import type { HeaderPair, Verification } from "../core/delivery.ts";
import { AppError, EXIT } from "../core/errors.ts";
import { diagnose, headerText, parseHeaderLines } from "../core/signature-diagnosis.ts";
import { DEFAULT_TOLERANCE_MS, verify } from "../core/signature.ts";
import { clean } from "../output/privacy/clean.ts";
import { createPaint } from "../output/color.ts";
import { secretMissing } from "../features/signing/signing.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { readBytes } from "./shared/values.ts";
import { duration, filePath, headerList, headerName } from "./shared/parse.ts";
import { moment } from "./shared/parse-time.ts";
import { withEmulatorHint } from "./shared/emulator-hint.ts";
import { openWorkspace } from "./shared/workspace.ts";

interface VerifyFlags extends GlobalFlags {
  readonly header?: readonly HeaderPair[];
  readonly headersFile?: string;
  readonly signatureHeader?: string;
  readonly tolerance: number;
  readonly at?: number;
}

const HELP = {
  details: `Prints whether the signature is valid, and the likely cause if it is not. The payload is verified byte for byte. The secret is BLUUM_WEBHOOK_SECRET, or that of the webhook which listen or register created on this machine.

Exits with 0 if the signature is valid, and with 6 if it is not.`,
  examples: `  $ bluum-hooks verify body.json --header 'x-signature: sha256=5d61…'
  $ bluum-hooks verify body.json --headers-file headers.txt --tolerance 2d
  $ bluum-hooks sign body.json > headers.txt
  $ bluum-hooks verify body.json --headers-file headers.txt`,
};

export function define(command: Command, { context, setExitCode }: CommandDeps): void {
  addHelp(command, HELP)
    .argument("[file]", "file with the payload (default: standard input)")
    .option("--header <line>", "header of the request as 'Name: value'; repeatable", headerList)
    .option("--headers-file <file>", "file with one header per line", filePath)
    .option("--signature-header <name>", "signature header (default: detected)", headerName)
    .addOption(
      new Option("--tolerance <time>", "maximum age of a signature")
        .argParser(duration)
        .default(DEFAULT_TOLERANCE_MS, "5m"),
    )
    .option("--at <when>", "time to verify at: Unix seconds, or a local date or time (default: now)", moment)
    .action(async (file: string | undefined, _flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<VerifyFlags>();
      const verdict = await withEmulatorHint(flags, context, () => runVerify(file, flags, context));
      setExitCode(verdict === "verified" ? EXIT.done : EXIT.checkFailed);
    });
}

async function runVerify(
  file: string | undefined,
  flags: VerifyFlags,
  context: Context,
): Promise<Verification["verdict"]> {
  await using workspace = await openWorkspace(flags, context);
  const { settings } = workspace;
  if (settings.webhookSecrets.length === 0) throw secretMissing(settings, "verify");
  if (flags.headersFile === "-" && (file === undefined || file === "-")) {
    throw new AppError("invalid_usage", "the payload and the headers cannot both be piped in", {
      hint: "Name a file for one of the two.",
    });
  }
  const lines = flags.headersFile === undefined ? "" : headerText(await readBytes(flags.headersFile, context));
  const headers = [...(flags.header ?? []), ...parseHeaderLines(lines)];
  if (headers.length === 0) {
    throw new AppError("invalid_usage", "no signature to verify: no header was given", {
      hint: "Add the request's headers with --header 'Name: value' or --headers-file FILE.",
    });
  }
  const options = {
    headers,
    body: await readBytes(file, context),
    secrets: settings.webhookSecrets,
    now: flags.at ?? context.clock.now(),
    toleranceMs: flags.tolerance,
    header: flags.signatureHeader,
  };
  const verification = verify(options);
  const findings = diagnose(options, verification);
  workspace.print({ ...verification, bytes: options.body.length, findings }, () => {
    const paint = createPaint(workspace.color);
    const isGood = verification.verdict === "verified";
    const mark = isGood ? paint("good", "✓") : paint("bad", "✗");
    const where = [verification.scheme, verification.header].filter((part) => part !== undefined).map(clean);
    const head = `${mark} ${[verification.verdict, ...where].join(" · ")}`;
    return `${[head, ...findings.map((finding) => `  ${clean(finding)}`)].join("\n")}\n`;
  });
  return verification.verdict;
}
