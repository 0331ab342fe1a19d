import type { GlobalFlags } from "./flags.ts";
import type { Config } from "../../config/config-file.ts";
import { readEnvFile, withEnvFile } from "../../config/env-file.ts";
import { homeFolder } from "../../config/folders.ts";
import { withDefaultEnvironment } from "../../config/peek.ts";
import type { Context } from "../../context.ts";
import { AppError, type ErrorCode } from "../../core/errors.ts";
import { secretsIn } from "../../core/secrets.ts";
import type { WarningCode } from "../../core/warnings.ts";
import { useColor } from "../../output/color.ts";
import { jsonLine } from "../../output/export/json.ts";
import { warningText } from "../../output/live/warning.ts";

/** Where a command finds what it remembers, and how it speaks: as much as works even where a setting is wrong. */
export interface Home {
  /** The variables: those of the process, beneath them those of `--env-file`, and `BLUUM_ENV` as it is stored. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly json: boolean;
  readonly color: boolean;
  /** Opens the config, and says so if it had to be set aside. */
  openConfig(): Promise<Config>;
  /** Prints the result: one JSON document, or the human text. `shown` is the one secret that may be in it. */
  readonly print: (document: unknown, human: () => string, shown?: string) => void;
  /** Asks, unless `--yes`. Throws `confirmation_required` where nobody can be asked. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Says something on stderr; silent with `--quiet` and `--json`. */
  readonly say: (text: string) => void;
  /** A warning on stderr: a JSON object on one line with `--json`. An error that the command outlives keeps its code. */
  readonly warn: (code: WarningCode | ErrorCode, message: string, hint?: string) => void;
}

export async function openHome(
  flags: GlobalFlags,
  context: Context,
  overrides: { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Home> {
  const fromFile = flags.envFile === undefined ? {} : await readEnvFile(flags.envFile);
  const variables = { ...withEnvFile(fromFile, context.env), ...overrides.env };
  context.secrets.learn(secretsIn(variables));
  const folder = homeFolder(variables);
  const env = withDefaultEnvironment(variables, folder);
  const json = flags.json === true;
  const warn: Home["warn"] = (code, message, hint) => {
    const color = useColor({ choice: flags.color, env, isTTY: context.stderr.isTTY });
    context.stderr.write(warningText({ code, message, hint }, { json, color }));
  };
  const say: Home["say"] = (text) => {
    if (!json && flags.quiet !== true) context.stderr.write(`${text}\n`);
  };
  context.waits.onSlow((what) => say(`Waiting for ${what} …`));
  return {
    env,
    folder,
    json,
    color: useColor({ choice: flags.color, env, isTTY: context.stdout.isTTY }),
    async openConfig() {
      const config = await context.openConfig(folder);
      if (config.setAside !== undefined) {
        const { fault, path } = config.setAside;
        const what = `the config file could not be understood (${fault})`;
        if (path === undefined) {
          const message = `${what}, cannot be renamed, and is ignored: ${config.path}`;
          warn("config_damaged", message, "Correct it, or choose another folder with BLUUM_HOOKS_HOME.");
        } else {
          warn(
            "config_damaged",
            `${what}; it is kept as ${path}, and an empty one is used`,
            "Copy what you need from it with: bluum-hooks login, and bluum-hooks config set. Then delete it.",
          );
        }
      }
      return config;
    },
    print(document, human, shown) {
      context.stdout.write(json ? `${jsonLine(document)}\n` : human(), shown);
    },
    async confirm(question) {
      if (flags.yes === true) return true;
      if (!context.isInteractive || json) {
        throw new AppError("confirmation_required", `cannot ask: ${question}`, {
          hint: json ? "Add --yes to agree." : "This is not an interactive terminal. Add --yes to agree.",
        });
      }
      return context.confirm(question);
    },
    say,
    warn,
  };
}
