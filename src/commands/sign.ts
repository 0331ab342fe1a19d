import { addHelp } from "./shared/help.ts";
import { Option, type Command } from "commander";
import type { Context } from "../context.ts";
import { commandLine, quoted, shellWord } from "../core/command-line.ts";
import { AppError } from "../core/errors.ts";
import { SCHEMES, sign, type Scheme } from "../core/signature.ts";
import { newId } from "../platform/ids.ts";
import { secretMissing } from "../features/signing/signing.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { readBytes } from "./shared/values.ts";
import { headerName, headerWord, httpUrl } from "./shared/parse.ts";
import { moment } from "./shared/parse-time.ts";
import { adviseOnSecret } from "./shared/warnings.ts";
import { withEmulatorHint } from "./shared/emulator-hint.ts";
import { openWorkspace, type Workspace } from "./shared/workspace.ts";
import { LOCAL_EXAMPLE } from "../core/defaults.ts";

interface SignFlags extends GlobalFlags {
  readonly scheme: Scheme;
  readonly signatureHeader?: string;
  readonly timestamp?: number;
  readonly id?: string;
  readonly curl?: string;
}

const HELP = {
  details: `Prints the signature headers, one per line. The secret is BLUUM_WEBHOOK_SECRET, or that of the webhook which listen or register created on this machine. The payload is signed byte for byte, including a line break at the end.`,
  examples: `  $ bluum-hooks sign body.json
  $ bluum-hooks sign body.json | curl -H @- --data-binary @body.json \\
      -H 'content-type: application/json' ${LOCAL_EXAMPLE}
  $ bluum-hooks sign body.json --curl ${LOCAL_EXAMPLE} | sh
  $ printf '{"event":"order.filled"}' | bluum-hooks sign --scheme hex`,
};

export function define(command: Command, { context }: CommandDeps): void {
  addHelp(command, HELP)
    .argument("[file]", "file with the payload (default: standard input)")
    .addOption(new Option("--scheme <name>", "signature scheme").choices(SCHEMES).default("standard-webhooks"))
    .option("--signature-header <name>", "signature header, for other schemes (default: x-bluum-signature)", headerName)
    .option("--timestamp <when>", "time of the signature: Unix seconds, or a local date or time (default: now)", moment)
    .option("--id <id>", "event ID, for standard-webhooks (default: a new ID)", headerWord)
    .option("--curl <url>", "print a curl command that sends the signed payload to this URL", httpUrl)
    .action(async (file: string | undefined, _flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<SignFlags>();
      await withEmulatorHint(flags, context, () => runSign(file, flags, context));
    });
}

async function runSign(file: string | undefined, flags: SignFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const [secret] = workspace.settings.webhookSecrets;
  if (secret === undefined) throw secretMissing(workspace.settings, "sign");
  adviseOnSecret(secret, flags.scheme, workspace);
  const body = await readBytes(file, context);
  const headers = sign({
    scheme: flags.scheme,
    header: flags.signatureHeader,
    body,
    secret,
    id: flags.id ?? newId("evt"),
    now: flags.timestamp ?? context.clock.now(),
  });
  const curl = flags.curl === undefined ? undefined : curlOf(flags.curl, headers, fileOf(file, flags.curl, workspace));
  workspace.print(
    { scheme: flags.scheme, bytes: body.length, headers, ...(curl === undefined ? {} : { curl }) },
    () => `${curl ?? headers.map(([name, value]) => `${name}: ${value}`).join("\n")}\n`,
  );
}

/** The printed command runs later, when standard input is gone. */
function fileOf(file: string | undefined, url: string, { settings }: Workspace): string {
  if (file !== undefined && file !== "-") return file;
  throw new AppError("invalid_usage", "--curl needs a file: the printed command reads the payload from it", {
    hint: `Save the payload, then run: ${commandLine(`sign body.json --curl ${shellWord(url)}`, settings)}`,
  });
}

function curlOf(url: string, headers: readonly (readonly [name: string, value: string])[], file: string): string {
  return [
    `curl -X POST ${quoted(url)}`,
    ...[["content-type", "application/json"] as const, ...headers].map(
      ([name, value]) => `-H ${quoted(`${name}: ${value}`)}`,
    ),
    `--data-binary ${quoted(`@${file}`)}`,
  ].join(" \\\n  ");
}
