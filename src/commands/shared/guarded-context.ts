import type { Config } from "../../config/config-file.ts";
import type { Context } from "../../context.ts";
import { ENVIRONMENTS } from "../../core/environments.ts";
import { secretsIn } from "../../core/secrets.ts";
import { cleanBlock } from "../../output/privacy/clean.ts";
import { guardSink, safeText } from "../../output/privacy/guarded-sink.ts";
import { maskUrls } from "../../output/privacy/mask.ts";

export interface GuardedContext extends Context {
  /** Writes the held text, at the end of the program. */
  flush(): void;
}

/**
 * A context that reveals no secret. All output goes through it, and every source of secrets registers them with it,
 * so that commands need not do either.
 */
export function guardContext(context: Context): GuardedContext {
  const { secrets } = context;
  secrets.learn(secretsIn(context.env));
  const [stdout, stderr] = [
    guardSink(context.stdout, secrets),
    guardSink(context.stderr, secrets, { isConversation: true }),
  ];
  const flush = () => {
    stdout.flush();
    stderr.flush();
  };
  const question = (text: string) => secrets.mask(maskUrls(cleanBlock(text)));
  return {
    ...context,
    stdout,
    stderr,
    flush,
    confirm(text) {
      flush();
      return context.confirm(question(text));
    },
    async ask(asked) {
      flush();
      const answer = await context.ask({ ...asked, message: question(asked.message) });
      if (asked.isSecret === true) secrets.learn([answer]);
      return answer;
    },
    onForcedExit: (advice) =>
      context.onForcedExit(advice === undefined ? undefined : secrets.mask(maskUrls(safeText(advice)))),
    writeFile: (path, text, what) => context.writeFile(path, secrets.mask(text), what),
    async openConfig(folder) {
      const config = await context.openConfig(folder);
      secrets.learn(storedSecrets(config));
      return {
        ...config,
        remember(environment, patch) {
          secrets.learn([patch.apiKey, patch.apiSecret]);
          return config.remember(environment, patch);
        },
        rememberWebhook(environment, id, webhook, use) {
          secrets.learn([webhook.secret]);
          return config.rememberWebhook(environment, id, webhook, use);
        },
        rememberNgrok(patch) {
          secrets.learn([patch.authtoken]);
          return config.rememberNgrok(patch);
        },
      };
    },
    createApi(options) {
      secrets.learn([options.credentials.apiKey, options.credentials.apiSecret]);
      return context.createApi(options);
    },
  };
}

/** Of every environment: an API may return what another command has sent. */
function storedSecrets(config: Config): (string | undefined)[] {
  try {
    return [
      config.ngrok().authtoken,
      ...ENVIRONMENTS.flatMap((environment) => {
        const { apiKey, apiSecret, webhooks } = config.profile(environment);
        return [apiKey, apiSecret, ...Object.values(webhooks).map(({ secret }) => secret)];
      }),
    ];
  } catch {
    // Damaged meanwhile: the code that reads a setting reports it.
    return [];
  }
}
